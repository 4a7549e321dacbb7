"""What a person meant by a sheet, field by field: the truth that a reading is held against."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FieldTruth", "How", "SheetTruth"]


class How(StrEnum):
    """How a field was marked. The first group is clear to everybody; of the second a person may well ask what was meant."""

    FILLED = "filled"
    PARTIAL = "partial"
    WITH_TAIL = "with_tail"
    TICKED = "ticked"
    CROSSED = "crossed"
    PRINTED = "printed"
    CORRECTED = "corrected"
    RUBBED_OUT = "rubbed_out"
    SEVERAL = "several"
    BLANK = "blank"

    RINGED = "ringed"
    DOTTED = "dotted"
    STRUCK = "struck"
    HALF_RUBBED = "half_rubbed"
    ODD_CROSS = "odd_cross"

    @property
    def doubtful(self) -> bool:
        """Return whether a person may well ask what was meant."""
        return self in _DOUBTFUL


_DOUBTFUL = frozenset({How.RINGED, How.DOTTED, How.STRUCK, How.HALF_RUBBED, How.ODD_CROSS})


@dataclass(frozen=True, slots=True)
class FieldTruth:
    """What one field says.

    Attributes:
        marked: the choices that were meant, in the sheet's order.
        accepted: what a reading without a flag may say; for a clear field `marked` alone.
    """

    how: How
    marked: tuple[str, ...]
    accepted: frozenset[tuple[str, ...]]

    @property
    def doubtful(self) -> bool:
        """Return whether a person may well ask what was meant."""
        return self.how.doubtful


@dataclass(frozen=True, slots=True)
class SheetTruth:
    """What one sheet says: its fields by name, and the student's identifier, "" where the sheet has none."""

    fields: Mapping[str, FieldTruth]
    identifier: str
