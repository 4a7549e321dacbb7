"""Propose a specification for an empty sheet of another vendor, and draw the proposal over it (OMR-3)."""

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from academy.application.ports.sheet_proposal import SheetProposal
from academy.application.ports.sheets import ScanInvalid
from academy.domain.omr.sheet import A4_LONG, A4_SHORT, Anchor, Block, Marker, SheetSpec, SpecInvalid
from academy.infrastructure.opencv.decode import decode
from academy.infrastructure.opencv.grids import bubble_grids, tilt
from academy.infrastructure.opencv.outlines import marked_bubbles, outlines
from academy.infrastructure.opencv.plane import Grey
from academy.infrastructure.opencv.problems import PageUnread
from academy.infrastructure.opencv.proposal import blocks_of, draw_proposal, markers_of
from academy.infrastructure.opencv.refused import refused
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.scan import open_scan

__all__ = ["OpenCvSheetDescriber"]

_PIXELS = 2_400  # of the longer side at least, where the file has them
_TALLEST = 3_600
_STEEPEST = math.tan(math.radians(3))
_LEVEL = math.tan(math.radians(0.1))
_FEWEST_MARKERS = 3
_FILLED_IN = 3  # marks from which a sheet is taken for a filled one


class OpenCvSheetDescriber:
    """Proposes specifications from scans of empty sheets."""

    def __init__(self, limits: ScanLimits | None = None) -> None:
        """Keep the bounds."""
        cv2.setNumThreads(1)
        self._limits = limits or ScanLimits()

    def describe(
        self, scan: Path, size: tuple[float, float] | None, name: str, picture: Path
    ) -> SheetProposal:
        """Return a proposal and draw it, as the port says. Raises ScanInvalid, OSError."""
        grey, pages = self._page(scan)
        width, height = size or _paper(grey)
        per_mm = grey.shape[1] / width
        grey = _stretched(grey, (width, height), per_mm)
        found = outlines(grey, per_mm)
        slope = tilt(found)
        if _LEVEL < abs(slope) < _STEEPEST:
            grey = _level(grey, slope)
            found = outlines(grey, per_mm)
        grids = bubble_grids(found)
        markers = markers_of(grey, per_mm, grids, found)
        blocks = blocks_of(grids)
        if not blocks:
            raise ScanInvalid(refused("sheet_without_bubbles"))
        spec = _spec(name, (width, height), markers, blocks)
        draw_proposal(grey, per_mm, spec, found, picture)
        left_out = len(found) - sum(len(block.fields) * len(block.choices) for block in blocks)
        notes = [*_scan_notes(pages, marked_bubbles(grey, per_mm, found)), *_notes(spec, left_out, slope)]
        return SheetProposal(spec, tuple(notes), left_out)

    def _page(self, scan: Path) -> tuple[Grey, int]:
        """Return the first page, and how many there are."""
        with open_scan(scan, self._limits) as pages:
            picture, count = pages.picture(1), pages.count
            if picture.problem is not None:
                raise ScanInvalid(picture.problem)
            try:
                grey = decode(picture, _PIXELS).grey
            except PageUnread as error:
                raise ScanInvalid(error.failure) from error
        share = _TALLEST / max(grey.shape)
        if share < 1:
            grey = np.asarray(
                cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8
            )
        return grey, count


def _paper(grey: Grey) -> tuple[float, float]:
    return (A4_LONG, A4_SHORT) if grey.shape[1] > grey.shape[0] else (A4_SHORT, A4_LONG)


def _stretched(grey: Grey, size: tuple[float, float], per_mm: float) -> Grey:
    """Return the page with as many pixels for a millimetre down as across."""
    tall = round(size[1] * per_mm)
    if tall == grey.shape[0]:
        return grey
    return np.asarray(cv2.resize(grey, (grey.shape[1], tall), interpolation=cv2.INTER_LINEAR), np.uint8)


def _level(grey: Grey, slope: float) -> Grey:
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), math.degrees(math.atan(slope)), 1.0)
    level = cv2.warpAffine(grey, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255.0,))
    return np.asarray(level, np.uint8)


def _spec(
    name: str, size: tuple[float, float], markers: Sequence[Marker], blocks: Sequence[Block]
) -> SheetSpec:
    enough = len(markers) >= _FEWEST_MARKERS
    used = tuple(markers) if enough else ()
    try:
        return SheetSpec(
            name, 1, *size, Anchor.MARKERS if enough else Anchor.BLANK, used, code=None, blocks=tuple(blocks)
        )
    except SpecInvalid as error:
        raise ScanInvalid(error.failure) from error


def _scan_notes(pages: int, marked: int) -> list[tuple[str, str]]:
    """Return what is odd about the file: marks on the sheet, pages that were not looked at."""
    notes = []
    if marked >= _FILLED_IN:
        notes.append(
            (
                f"This sheet looks filled in ({marked} marks): bubbles under marks are missed. Use an EMPTY sheet.",
                f"표시가 {marked}개 있어 작성된 답안지로 보입니다. 표시된 칸은 찾지 못하므로 빈 답안지를 사용해 주세요.",
            )
        )
    if pages > 1:
        notes.append(
            (
                f"Only page 1 of {pages} was used; describe other sheets from files of their own.",
                f"{pages}쪽 가운데 1쪽만 사용했습니다. 다른 양식은 파일을 따로 만들어 주세요.",
            )
        )
    return notes


def _notes(spec: SheetSpec, left_out: int, slope: float) -> tuple[tuple[str, str], ...]:
    notes = [
        (
            "Compare the picture: every bubble is to be ringed, with its question beside the row.",
            "그림과 비교해 주세요. 모든 표시 칸에 테두리가 있고 줄 옆에 문항이 적혀 있어야 합니다.",
        )
    ]
    if spec.anchor is Anchor.BLANK:
        notes.append(
            (
                "No marks of position were found: the sheet is read by comparison with this scan; upload it as the exam's blank sheet.",
                "위치 표식을 찾지 못했습니다. 이 스캔과 비교해 읽으므로 시험의 빈 답안지로 함께 올려 주세요.",
            )
        )
    if left_out:
        notes.append(
            (
                f"{left_out} outlines fit into no block; they are crossed out in the picture. Add a block by hand if they are bubbles.",
                f"어느 구역에도 맞지 않는 테두리가 {left_out}개 있습니다(그림에 ×). 표시 칸이면 구역을 직접 추가해 주세요.",
            )
        )
    if abs(slope) >= _STEEPEST:
        notes.append(
            (
                "The scan is tilted by more than three degrees; scan it again, straight.",
                "스캔이 3도 넘게 기울었습니다. 반듯하게 다시 스캔해 주세요.",
            )
        )
    return tuple(notes)
