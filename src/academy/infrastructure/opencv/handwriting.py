"""Handwriting by measure: how dark, how upright, how even. Nothing is read, so no word is judged.

The scores are straight lines between what clearly good and clearly bad writing measures; see `_scores`.
"""

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from academy.contracts.ai_pictures import HandwritingMeasures, HandwritingScores
from academy.infrastructure.opencv.ink import Ink, ink_of
from academy.infrastructure.opencv.paper import page_of
from academy.infrastructure.opencv.plane import Floats, Grey

__all__ = ["LEAST_MARKS", "measured"]

LEAST_MARKS = 15
"""Fewer say nothing of a hand."""
_STEEPEST = 6.0  # degrees that a page may lie askew
_SMALL = 600
_LEAST_HEIGHT = 5
_JOIN = 0.3  # of a mark's height: strokes this near belong to one mark
_LEAN = 50  # degrees: strokes that lean more count as lying


@dataclass(frozen=True, slots=True)
class _Marks:
    """Boxes of marks: left, top, width, height in pixels; `height`: of a usual one."""

    boxes: Floats
    height: float


def measured(grey: Grey) -> tuple[HandwritingMeasures, HandwritingScores] | None:
    """Measure the writing on a page, or on the page that a photo shows; None when there are fewer than `LEAST_MARKS` marks."""
    ink = ink_of(page_of(grey))
    mask = _straightened(ink.mask)
    marks = _marks(mask)
    if len(marks.boxes) < LEAST_MARKS:
        return None
    lines = _lines(marks)
    heights = marks.boxes[:, 3]
    gaps = np.concatenate([_gaps(line) for line in lines]) if lines else np.zeros(0)
    places = np.array([float(np.mean(line[:, 1] + line[:, 3] / 2)) for line in lines])
    found = HandwritingMeasures(
        marks=len(marks.boxes),
        darkness=round(_darkness(ink), 3),
        slant_degrees=round(_slant(mask), 1),
        size_variation=round(_variation(heights), 3),
        gap_variation=round(_variation(gaps), 3),
        line_variation=round(_variation(np.diff(places)) if len(places) >= 3 else 0.0, 3),
        wander=round(_wander(lines, marks.height), 3),
    )
    return found, _scores(found)


def _scores(found: HandwritingMeasures) -> HandwritingScores:
    contrast = _between(found.darkness, 0.15, 0.6)
    even = 1 - _between(found.size_variation, 0.15, 0.7)
    straight = 1 - _between(found.wander, 0.08, 0.5)
    gaps = 1 - _between(found.gap_variation, 0.3, 1.8)
    apart = 1 - _between(found.line_variation, 0.05, 0.5)
    return HandwritingScores(
        legibility=round(100 * (0.35 * contrast + 0.35 * even + 0.3 * straight)),
        pressure=round(100 * _between(found.darkness, 0.12, 0.9)),
        slant=round(100 * (1 - _between(abs(found.slant_degrees), 2.0, 45.0))),
        spacing=round(100 * (0.5 * gaps + 0.5 * apart)),
    )


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _variation(values: Floats) -> float:
    mean = float(np.mean(values)) if len(values) else 0.0
    return float(np.std(values)) / mean if mean > 0 else 0.0


def _darkness(ink: Ink) -> float:
    """Return how dark the inside of the strokes is; their edges are lighter, whatever the pen."""
    dark: NDArray[np.uint8] = ink.darkness[ink.mask > 0]
    return float(np.percentile(dark, 75)) / 255 if dark.size else 0.0


def _straightened(mask: Grey) -> Grey:
    """Turn the page until its lines lie level: then the sums of the rows differ most."""
    scale = min(1.0, _SMALL / max(mask.shape))
    small = cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

    def unevenness(degrees: float) -> float:
        rows = _turned(cast("Grey", small), degrees).sum(axis=1, dtype=np.float64)
        return float(np.sum(np.diff(rows) ** 2))

    coarse = max(
        np.arange(-_STEEPEST, _STEEPEST + 0.5, 1.0), key=lambda at: (unevenness(float(at)), -abs(at))
    )
    fine = max(coarse + np.arange(-0.75, 1.0, 0.25), key=lambda at: (unevenness(float(at)), -abs(at)))
    return _turned(mask, float(fine)) if abs(fine) >= 0.25 else mask


def _turned(mask: Grey, degrees: float) -> Grey:
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cast("Grey", cv2.warpAffine(mask, turn, (width, height), flags=cv2.INTER_LINEAR))


def _marks(mask: Grey) -> _Marks:
    """Return the marks: strokes that lie close together, without specks and without what is no writing."""
    boxes = _boxes(mask)
    if len(boxes) < LEAST_MARKS:
        return _Marks(boxes[:0], 1.0)
    usual = float(np.median(boxes[:, 3]))
    size = max(1, round(usual * _JOIN)) | 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    boxes = _boxes(cast("Grey", joined))
    usual = float(np.median(boxes[:, 3])) if len(boxes) else 1.0
    fitting = (boxes[:, 3] >= 0.2 * usual) & (boxes[:, 3] <= 4 * usual) & (boxes[:, 2] <= 12 * usual)
    return _Marks(boxes[fitting], usual)


def _boxes(mask: Grey) -> Floats:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = stats[1:].astype(np.float64)
    largest = max(mask.shape) / 3
    fitting = (found[:, 3] >= _LEAST_HEIGHT) & (found[:, 4] >= 2 * _LEAST_HEIGHT) & (found[:, 3] <= largest)
    return cast("Floats", found[fitting][:, :4])


def _lines(marks: _Marks) -> list[Floats]:
    """Return the marks of each line, from the left, lines from the top; stray marks are on none."""
    middle = marks.boxes[:, 1] + marks.boxes[:, 3] / 2
    order = np.argsort(middle)
    cuts = np.flatnonzero(np.diff(middle[order]) > 0.6 * marks.height) + 1
    groups = [marks.boxes[part] for part in np.split(order, cuts)]
    return [group[np.argsort(group[:, 0])] for group in groups if len(group) >= 3]


def _gaps(line: Floats) -> Floats:
    ends = np.maximum.accumulate(line[:, 0] + line[:, 2])
    return cast("Floats", np.maximum(line[1:, 0] - ends[:-1], 0.0))


def _wander(lines: list[Floats], height: float) -> float:
    """Return how far the middles of marks lie from a straight line through them, typically, in heights of a mark."""
    strays = []
    for line in lines:
        across, down = line[:, 0] + line[:, 2] / 2, line[:, 1] + line[:, 3] / 2
        lean, base = np.polyfit(across, down, 1) if np.ptp(across) > 0 else (0.0, float(np.mean(down)))
        strays.append(down - (lean * across + base))
    return float(np.sqrt(np.mean(np.concatenate(strays) ** 2))) / height if strays else 0.0


def _slant(mask: Grey) -> float:
    """Return the lean of the strokes that stand rather than lie, in degrees: where the edges' directions heap up."""
    soft = cv2.GaussianBlur(mask, (5, 5), 0)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, dx, dy, ksize=3) for dx, dy in ((1, 0), (0, 1)))
    strength = np.hypot(across, down)
    edge = (strength > 0.25 * float(strength.max())) & (np.abs(across) > 1e-3)
    lean = np.degrees(np.arctan(down[edge] / across[edge]))
    counts, _ = np.histogram(lean, bins=np.arange(-_LEAN - 0.5, _LEAN + 1.5), weights=strength[edge])
    weights = np.exp(-0.5 * (np.arange(-9, 10) / 3.0) ** 2)
    smooth = np.convolve(counts, weights, mode="same")
    top = int(np.argmax(smooth))
    near = slice(max(0, top - 6), top + 7)
    heap = counts[near]
    angles = np.arange(-_LEAN, _LEAN + 1)[near]
    return float(np.sum(heap * angles) / np.sum(heap)) if heap.sum() > 0 else 0.0
