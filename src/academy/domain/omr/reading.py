"""What a page says once it has been read (OMR-2, OMR-4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from academy.domain.failures import Failure

__all__ = ["FieldReading", "MarkState", "PageReading", "SheetCode"]


class MarkState(StrEnum):
    """SINGLE: one choice is marked. BLANK: none. MULTIPLE: several, all of them clearly. AMBIGUOUS: a person has to look."""

    SINGLE = "single"
    BLANK = "blank"
    MULTIPLE = "multiple"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One field of a page.

    Attributes:
        field: its name in the specification.
        marked: the choices that count as marked, in the sheet's order; for AMBIGUOUS the likely ones.
        confidence: calibrated chance, 0 to 1, that state and choices are right.
        darkness: of each bubble, 0 (paper) to 1 (as dark as the page's print).
    """

    field: str
    state: MarkState
    marked: tuple[str, ...]
    confidence: float
    darkness: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SheetCode:
    """What the QR code of a sheet says.

    Attributes:
        spec_id, spec_version: of the specification.
        exam_id: "" for a sheet that is no exam's.
        student_id: "" for a sheet that is not personal.
        page: 1-based, of a student's several sheets.
    """

    spec_id: str
    spec_version: int
    exam_id: str = ""
    student_id: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class PageReading:
    """One page in, one of these out, whatever became of it.

    Attributes:
        number: 1-based place in the upload.
        problem: why the page could not be read; then there are no fields.
        code: what the QR code says, None when there is none or it cannot be read.
        rotation: quarter turns clockwise, 0 to 3, by which the picture stood wrong.
        corners: where the corners of the page (upper left, upper right, lower right, lower left) lie in the picture, in pixels.
        size: width and height of the picture in pixels.
        fields: readings by name.
        warnings: codes of what is odd without making the reading worthless ("streaks", "low_contrast", …).
    """

    number: int
    problem: Failure | None = None
    code: SheetCode | None = None
    rotation: int = 0
    corners: tuple[tuple[float, float], ...] = ()
    size: tuple[int, int] = (0, 0)
    fields: Mapping[str, FieldReading] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
