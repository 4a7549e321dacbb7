"""Answer sheets and answer keys of exams (OMR-1, OMR-3, OMR-5)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from academy.contracts.omr import SheetSpecification
from academy.contracts.rest.ai_jobs import TierWish
from academy.contracts.rest.common import RestRequest, RestResponse
from academy.contracts.rest.people import Identity

__all__ = [
    "ExamKeyView",
    "ExamSheetView",
    "KeyEntry",
    "PartialPoints",
    "PrintSheetsRequest",
    "SetKeyRequest",
    "SetSheetRequest",
    "StandardSheet",
]

Points = Annotated[float, Field(ge=-10_000, le=10_000)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")]
Answer = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$")]
Explanation = Annotated[
    str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]
Decimals = Annotated[str, StringConstraints(max_length=42, pattern=r"^-?[0-9]{1,20}(\.[0-9]{1,20})?$")]
"""A decimal as text, so that it is exact: `12`, `-0.5`."""
_KIND = (
    "`single`: one choice is right. `either`: each of several is right alone (복수 정답). `all_required`: exactly these "
    "are to be marked (모두 고르기). `number`: digits compared by value, 06 is 6. `void`: the question is faulty."
)


class StandardSheet(RestRequest):
    """A sheet that this system designs: A4, an identifier of eight digits, a QR code."""

    questions: int = Field(ge=0, le=100, description="Questions with choices.")
    choices: int = Field(5, ge=2, le=5, description="Choices of each.")
    numbers: int = Field(
        0, ge=0, le=40, description="Questions after them that are answered by a number (단답형)."
    )
    digits: int = Field(3, ge=1, le=6, description="Digits of each number.")
    landscape: bool = False


class SetSheetRequest(RestRequest):
    """The sheet of an exam: exactly one of `standard` and `specification`."""

    standard: StandardSheet | None = Field(None, examples=[{"questions": 20, "numbers": 2}])
    specification: SheetSpecification | None = Field(
        None, description="A sheet of another vendor; docs/schemas/omr.sheet.json describes it."
    )
    threshold: float = Field(
        0.9, gt=0, le=1, description="Answers read with less confidence than this wait for a person."
    )
    blank_document_id: Identity | None = Field(
        None, description="Document `blank_sheet`, for a specification whose anchor is `blank`."
    )


class ExamSheetView(RestResponse):
    """The sheet of an exam."""

    exam_id: str
    specification: SheetSpecification
    questions: list[str] = Field(description="In the order of the sheet; the key names them so.")
    threshold: float
    blank_document_id: str | None
    has_key: bool = Field(description="Whether an answer key is there; nothing is graded without one.")
    revision: int = Field(description="Counts changes of sheet and key, from 1.")
    by: str = Field(description="Id of the user who changed it last.")
    updated_at: AwareDatetime


class PartialPoints(RestRequest):
    """Points for a part of `all_required`."""

    per_right: Points = Field(description="For each right mark.")
    per_wrong: Points = Field(0.0, description="Taken off for each wrong mark, 0 or more.")
    least: Points = Field(0.0, description="Not less than this, 0 or below.")


class KeyEntry(RestRequest):
    """The answer to one question. What does not belong to its kind is left out."""

    question: Question = Field(description="As the sheet names it.", examples=["1"])
    kind: Literal["single", "either", "all_required", "number", "void"] = Field("single", description=_KIND)
    answers: list[Answer] = Field(
        default_factory=list,
        max_length=100,
        description='Choices as printed; of a number its accepted values as text ("12.5"); none for `void`.',
        examples=[["3"]],
    )
    points: Points = Field(1.0, description="For a right answer, more than 0; two decimal places at most.")
    penalty: Points = Field(0.0, description="What a wrong answer costs; a blank one costs nothing.")
    partial: PartialPoints | None = Field(None, description="Of `all_required` only.")
    tolerance: Decimals | None = Field(None, description="Of `number` only: how far off is right still.")
    void: Literal["full_points", "not_counted"] | None = Field(
        None, description="Of `void` only: everybody gets the points (전원 정답), or nobody (채점 제외)."
    )
    explanation: Explanation = Field(
        "",
        description="Why it is right (해설), as wrong-answer notes print it: plain text, formulas between $ signs; empty: none.",
        examples=["$x^2 = 4$ 이므로 $x = 2$."],
    )


class SetKeyRequest(RestRequest):
    """The answer key of an exam, the whole of it. Pages that were read are graded anew."""

    items: list[KeyEntry] = Field(min_length=1, max_length=400)
    below_zero: bool = Field(
        default=False, description="Whether a total may fall below zero through penalties."
    )
    ends_before: bool = Field(
        default=False,
        description="Whether the exam may have fewer questions than the sheet; others are not looked at.",
    )


class ExamKeyView(RestResponse):
    """The answer key of an exam."""

    items: list[KeyEntry]
    below_zero: bool
    maximum: float = Field(description="The most points that can be had.")
    revision: int = Field(description="Of sheet and key.")


class PrintSheetsRequest(TierWish):
    """Which sheets to print: personal ones for students, or `copies` without a name."""

    student_ids: list[Identity] = Field(
        default_factory=list, max_length=2000, description="Empty: everybody on the exam's roster."
    )
    copies: int = Field(
        0, ge=0, le=1000, description="So many sheets without a name instead; 0: personal ones."
    )
