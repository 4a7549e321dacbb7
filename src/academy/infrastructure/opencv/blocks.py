"""What is on a page beside letters: lines, frames, pictures, the signs of formulas, circled numbers."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.domain.ocr.page import Box, around
from academy.infrastructure.opencv.plane import Grey

__all__ = ["Blocks", "blocks_of", "letter_height", "letters_of"]

_SPECK = 0.07  # of a letter's height: what is smaller both ways is dirt
_STROKE = 0.25
_BIG, _LONG = 2.4, 7.0  # letters
_THIN = 0.45
_STRAIGHT = 0.75  # of a frame's ink that lies on long straight lines
_TALL = (1.5, 6.0)  # of roots, integrals, large brackets
_SLIM, _ROOT = 1.6, 3.0
_ROOT_WIDE, _ROOT_INK, _ROOT_BAR = 1.1, 0.3, 0.5
_BAR = (0.55, 14.0)
_RING = (0.8, 1.6)
_MOST_COMPONENTS = 60_000

_Stats: TypeAlias = NDArray[Any]
_Letters: TypeAlias = NDArray[Any]  # lengths in heights of a letter


@dataclass(slots=True)
class Blocks:
    """What was found, boxes in pixels. `text` is 255 where there is print that may be letters."""

    text: Grey
    pictures: list[Box] = field(default_factory=list)
    signs: list[Box] = field(default_factory=list)
    rings: list[Box] = field(default_factory=list)


def letter_height(ink: Grey) -> float:
    """Return the height in pixels of a letter of the body, 0.0 where no print is seen."""
    reach = max(2, round(max(ink.shape) / 700))
    closed = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    many, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    if many > _MOST_COMPONENTS:
        return 0.0
    wide, high = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    fits = (high >= 8) & (high < 0.05 * ink.shape[0]) & (wide > 0.35 * high) & (wide < 4 * high)
    if fits.sum() < 4:
        return 0.0
    heights = np.sort(high[fits])
    return float(heights[int(0.65 * len(heights))])


def letters_of(ink: Grey, glyph: float) -> Grey:
    """Return only what has about the size of a letter or a stroke of one: no lines, no pictures, no dirt."""
    many, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if many > _MOST_COMPONENTS:
        return ink
    longer = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) / glyph
    keep = (longer > _STROKE) & (longer < _BIG)
    keep[0] = False
    return np.where(keep[labels], ink, 0).astype(np.uint8)


def blocks_of(ink: Grey, glyph: float) -> Blocks:
    """Take a page apart."""
    many, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if many > _MOST_COMPONENTS:
        return Blocks(np.zeros_like(ink))
    keep = np.ones(many, bool)
    keep[0] = False
    wide, high = stats[:, cv2.CC_STAT_WIDTH] / glyph, stats[:, cv2.CC_STAT_HEIGHT] / glyph
    keep &= (wide > _SPECK) | (high > _SPECK)
    pictures, frames = _large(labels, stats, wide, high, keep, glyph)
    text = np.where(keep[labels], ink, 0).astype(np.uint8)
    found = Blocks(text, _with_frames(pictures, frames, text, glyph))
    for box in found.pictures:
        text[box.top : box.bottom, box.left : box.right] = 0
    found.rings = _rings(labels, stats, wide, high, keep, ink)
    found.signs = _signs(stats, wide, high, keep, text, glyph) + _roots(labels, stats, wide, high, keep)
    return found


def _box(row: _Stats) -> Box:
    left, top = int(row[cv2.CC_STAT_LEFT]), int(row[cv2.CC_STAT_TOP])
    return Box(left, top, left + int(row[cv2.CC_STAT_WIDTH]), top + int(row[cv2.CC_STAT_HEIGHT]))


def _large(
    labels: _Stats,
    stats: _Stats,
    wide: _Letters,
    high: _Letters,
    keep: NDArray[np.bool_],
    glyph: float,
) -> tuple[list[Box], list[Box]]:
    """Return pictures and frames; neither they nor lines and the dark edge of a scan are kept as print."""
    pictures, frames = [], []
    bottom, right = labels.shape
    for at in np.flatnonzero(keep & ((high > _BIG) | (wide > _LONG))):
        box = _box(stats[at])
        keep[at] = False
        if min(wide[at], high[at]) < _THIN:
            keep[at] = wide[at] < _LONG and high[at] < _BIG
            continue
        edge = box.left == 0 or box.top == 0 or box.right == right or box.bottom == bottom
        if edge and (box.height > 0.5 * bottom or box.width > 0.5 * right or min(wide[at], high[at]) < 4):
            continue
        part = (labels[box.top : box.bottom, box.left : box.right] == at).astype(np.uint8)
        if _is_frame(part, glyph):
            frames.append(box)
        elif high[at] <= _TALL[1] and (wide[at] < _SLIM or high[at] < _ROOT):
            keep[at] = True  # an integral, a large bracket or a root
        else:
            pictures.append(box)
    return pictures, frames


def _is_frame(part: NDArray[np.uint8], glyph: float) -> bool:
    """Return whether ink lies on long lines, level or upright."""
    reach = max(3, round(1.8 * glyph))
    level = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((1, reach), np.uint8))
    upright = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((reach, 1), np.uint8))
    return float(cv2.countNonZero(cv2.bitwise_or(level, upright))) >= _STRAIGHT * float(
        cv2.countNonZero(part)
    )


def _with_frames(pictures: list[Box], frames: list[Box], text: Grey, glyph: float) -> list[Box]:
    """Return pictures merged where they touch, each with the frame around it where that holds little else."""
    found = list(pictures)
    for frame in frames:
        inside = [box for box in pictures if frame.overlaps(box)]
        covered = sum(box.width * box.height for box in inside)
        words = cv2.countNonZero(text[frame.top : frame.bottom, frame.left : frame.right])
        if (
            inside
            and (covered > 0.15 * frame.width * frame.height)
            and words < 0.05 * frame.width * frame.height
        ):
            found.append(frame)
    return _joined(found, glyph)


def _joined(boxes: list[Box], glyph: float) -> list[Box]:
    rest, done = list(boxes), []
    while rest:
        box = rest.pop()
        near = [other for other in rest if box.overlaps(other, glyph, glyph)]
        if near:
            rest = [other for other in rest if other not in near]
            rest.append(around(box, *near))
        else:
            done.append(box)
    return sorted(done, key=lambda box: (box.top, box.left))


def _rings(
    labels: _Stats,
    stats: _Stats,
    wide: _Letters,
    high: _Letters,
    keep: NDArray[np.bool_],
    ink: Grey,
) -> list[Box]:
    """Return circles with something in them that does not touch them."""
    found = []
    round_ones = keep & (high > _RING[0]) & (high < _RING[1]) & (wide > 0.85 * high) & (wide < 1.18 * high)
    for at in np.flatnonzero(round_ones):
        box = _box(stats[at])
        part = labels[box.top : box.bottom, box.left : box.right]
        ys, xs = np.nonzero(part == at)
        middle_y, middle_x = (box.height - 1) / 2, (box.width - 1) / 2
        away = np.hypot((ys - middle_y) / box.height, (xs - middle_x) / box.width)
        inner = ink[box.top : box.bottom, box.left : box.right][part != at]
        filled = float((inner > 0).mean()) if inner.size else 0.0
        if float((away > 0.36).mean()) > 0.97 and 0.03 < filled < 0.5:
            found.append(box)
    return sorted(found, key=lambda box: (box.top, box.left))


def _signs(
    stats: _Stats, wide: _Letters, high: _Letters, keep: NDArray[np.bool_], text: Grey, glyph: float
) -> list[Box]:
    """Return fraction bars with their terms, and what is too tall for a letter."""
    found = [_box(stats[at]) for at in np.flatnonzero(keep & (high > _TALL[0]) & (high < _TALL[1]))]
    for at in np.flatnonzero(keep & (high < 0.2) & (wide > _BAR[0]) & (wide < _BAR[1])):
        box = _box(stats[at])
        above, below = _terms(text, box, glyph)
        if above >= 0.45 * glyph and below >= 0.45 * glyph and above + below >= 1.25 * glyph:
            found.append(Box(box.left, box.top - round(above), box.right, box.bottom + round(below)))
    return found


def _roots(
    labels: _Stats, stats: _Stats, wide: _Letters, high: _Letters, keep: NDArray[np.bool_]
) -> list[Box]:
    """Return signs of roots: a thin stroke with a long level bar at its top."""
    found = []
    for at in np.flatnonzero(keep & (wide > _ROOT_WIDE) & (high > 0.7) & (high < _ROOT)):
        box = _box(stats[at])
        part = labels[box.top : box.bottom, box.left : box.right] == at
        bar = part[: max(2, box.height // 6)].any(axis=0).mean()
        if (
            part.mean() < _ROOT_INK
            and bar > _ROOT_BAR
            and not part[box.height // 3 :, box.width // 2 :].any()
        ):
            found.append(box)
    return found


def _terms(text: Grey, bar: Box, glyph: float) -> tuple[float, float]:
    """Return how far print reaches above and below a bar without a gap, nothing where it sticks out at the sides."""
    reach, gap = round(1.5 * glyph), round(0.45 * glyph)
    side = round(0.25 * glyph)
    heights = []
    for rows in (
        text[max(0, bar.top - reach) : bar.top][::-1],
        text[bar.bottom : bar.bottom + reach],
    ):
        inner = rows[:, bar.left : bar.right].any(axis=1)
        beside = (
            rows[: round(0.9 * glyph), max(0, bar.left - side) : max(0, bar.left - 2)].any()
            or rows[: round(0.9 * glyph), bar.right + 2 : bar.right + side].any()
        )
        filled = np.flatnonzero(inner)
        if not len(filled) or filled[0] > gap or beside:
            heights.append(0.0)
            continue
        breaks = np.flatnonzero(np.diff(filled) > gap)
        heights.append(float(filled[breaks[0]] if len(breaks) else filled[-1]) + 1)
    return heights[0], heights[1]
