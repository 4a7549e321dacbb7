"""Port: look at an empty answer sheet of another vendor and propose its specification (OMR-3)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from academy.domain.omr.sheet import SheetSpec

__all__ = ["SheetDescriber", "SheetProposal"]


@dataclass(frozen=True, slots=True)
class SheetProposal:
    """What an empty sheet seems to be; a person compares it with the picture before it is used.

    Attributes:
        notes: what to look at, in English and in Korean.
        left_out: outlines of bubbles that fit into no block.
    """

    spec: SheetSpec
    notes: tuple[tuple[str, str], ...]
    left_out: int


class SheetDescriber(Protocol):
    """Proposes specifications."""

    def describe(
        self, scan: Path, size: tuple[float, float] | None, name: str, picture: Path
    ) -> SheetProposal:
        """Return a proposal for the first page, which lies in the picture from edge to edge, and draw it over the page as a PNG.

        `size`: width and height of the paper in millimetres, None for A4. Raises ScanInvalid when there is no page, DescribeFailed when
        it has no rows of bubbles.
        """
        ...
