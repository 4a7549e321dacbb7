"""An answer sheet's specification as JSON, for sheets of other vendors and for tools around this system (OMR-1, OMR-3).

The form only; what makes a specification possible is said by the domain when it is built from this.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from academy.contracts.base import Contract

__all__ = ["SheetBlock", "SheetCodeBox", "SheetGrid", "SheetMarker", "SheetSpecification"]

_Place = Annotated[float, Field(ge=0, le=1000)]
_Length = Annotated[float, Field(gt=0, le=1000)]
_Step = Annotated[float, Field(ge=-1000, le=1000)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class _SheetPart(Contract):
    model_config = ConfigDict(allow_inf_nan=False)


class SheetMarker(_SheetPart):
    """A mark by which a reader finds the page in a picture."""

    kind: Literal["aruco", "square", "l", "rings"] = Field(
        description="aruco: a square of dictionary 4x4_50. square: filled. l: two bars, their corner outwards. rings: a disc in a ring."
    )
    x: _Place = Field(description="Its centre, millimetres from the left.")
    y: _Place = Field(description="Its centre, millimetres from the top.")
    size: _Length = Field(description="Side or diameter in millimetres.")
    number: int = Field(0, ge=0, le=49, description="Number of an aruco, else 0.")


class SheetCodeBox(_SheetPart):
    """Where the QR code stands."""

    x: _Place = Field(description="Its centre, millimetres from the left.")
    y: _Place = Field(description="Its centre, millimetres from the top.")
    size: _Length = Field(description="Side in millimetres, without the quiet zone.")


class SheetGrid(_SheetPart):
    """Where the bubbles of a block stand."""

    x: _Place = Field(description="Centre of the first bubble of the first field, from the left.")
    y: _Place = Field(description="The same, from the top.")
    field_step: _Step = Field(description="From one field to the next, along the block's run.")
    choice_step: _Step = Field(description="From one choice to the next, at a right angle to it.")
    width: _Length = Field(description="Of a bubble.")
    height: _Length = Field(description="Of a bubble.")
    shape: Literal["ellipse", "box"] = Field("ellipse", description="Outline of a bubble.")


class SheetBlock(_SheetPart):
    """Fields that are marked alike."""

    name: _Name = Field(description="Unique in the sheet; of a number block the name of its question.")
    purpose: Literal["choice", "number", "identifier"] = Field(
        description="choice: every field is a question. number: the fields are the digits of one question's number. identifier: of the student's."
    )
    run: Literal["down", "across"] = Field(
        description="down: every field is a row, its choices side by side. across: every field is a column."
    )
    grid: SheetGrid
    fields: list[_Name] = Field(min_length=1, max_length=400, description="Names, unique in the sheet.")
    choices: list[Annotated[str, StringConstraints(min_length=1, max_length=20)]] = Field(
        min_length=1, max_length=100, description="What each bubble of a field stands for, in order."
    )


class SheetSpecification(_SheetPart):
    """An answer sheet. Lengths are millimetres from the upper left corner of the upright page, x to the right and y down."""

    v: Literal[1] = Field(description="Version of this format.")
    id: str = Field(
        pattern=r"^[A-Za-z0-9._-]{1,40}$", description="As the QR code of a printed sheet names it."
    )
    version: int = Field(
        ge=1, le=65_535, description="Of the specification; another version is another sheet."
    )
    width: _Length = Field(description="Of the page.")
    height: _Length = Field(description="Of the page.")
    anchor: Literal["markers", "edge", "blank"] = Field(
        description="How a reader finds the page: by the markers, by the edge of the paper, or by a scan of the empty sheet."
    )
    markers: list[SheetMarker] = Field(
        max_length=32, description="Three or more where the anchor is markers."
    )
    code: SheetCodeBox | None = Field(None, description="null for a sheet without a QR code.")
    blocks: list[SheetBlock] = Field(min_length=1, max_length=200)
