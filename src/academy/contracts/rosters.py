"""What came of a roster's spreadsheet (XLS-1): the document that `excel_parsing` makes, and the choice that `roster_apply` takes."""

from typing import Annotated, Literal

from pydantic import Field

from academy.contracts.base import Contract

__all__ = ["RosterChoice", "RosterColumn", "RosterReport"]

_Field = Literal[
    "name",
    "phone",
    "identifier",
    "school",
    "grade",
    "class",
    "note",
    "relation",
    "parent_name",
    "parent_phone",
    "mother_name",
    "mother_phone",
    "father_name",
    "father_phone",
]


class RosterColumn(Contract):
    """What a column holds."""

    index: int = Field(ge=0, lt=1000, description="From 0.")
    field: _Field | None = Field(description="null leaves the column out.")


class RosterChoice(Contract):
    """How a sheet is to be read; a preview's goes back as it is, or changed."""

    sheet: str | None = Field(None, max_length=100, description="Its name; null for the likeliest.")
    header: list[int] | None = Field(
        None, max_length=2, description="Indexes of its rows from 0; [] for none; null to find it."
    )
    columns: list[RosterColumn] = Field(
        default_factory=list, max_length=256, description="Those not named are found out."
    )
    with_hidden: bool = Field(False, description="Take hidden rows, too.")
    without_refused: bool = Field(
        False, description="Take the rows that have no fault, leave the others out."
    )
    change_known: bool = Field(
        False, description="Change students whom the academy has where the sheet says otherwise."
    )
    other_people: list[Annotated[int, Field(ge=1)]] = Field(
        default_factory=list,
        max_length=1000,
        description="Rows, from 1, of the note `namesakes_left_out` that are somebody else than the student of that name in the class.",
    )


class SeenColumn(RosterColumn):
    """A column as it was found."""

    label: str
    confidence: float


class RosterQuestion(Contract):
    """What a person has to say of a column first."""

    column: int
    fields: list[str]
    code: str
    message: str
    message_ko: str


class RosterFault(Contract):
    """What is wrong with a cell; `row` from 1, `column` in letters, "" where the whole row is meant."""

    row: int
    column: str
    value: str
    code: str
    message: str
    message_ko: str


class RosterNote(Contract):
    """What there is to know though nothing is wrong; `rows` holds the first of `total`."""

    code: str
    message: str
    message_ko: str
    rows: list[int]
    total: int


class RosterStudent(Contract):
    """A student whom the sheet would add."""

    name: str
    phone: str
    identifier: str
    school: str
    grade: str
    note: str
    classes: list[str]
    parents: int


class SeenSheet(Contract):
    """A sheet of the file."""

    name: str
    hidden: bool


class RosterReport(Contract):
    """A preview."""

    v: Literal[1] = 1
    digest: str = Field(description="SHA-256 of the file in hex; goes back with the choice.")
    choice: RosterChoice
    ready: bool = Field(description="Whether it can be applied with this choice.")
    sheets: list[SeenSheet]
    columns: list[SeenColumn]
    questions: list[RosterQuestion]
    new: int
    unchanged: int
    different: int
    refused: int
    first_rows: list[RosterStudent] = Field(description="The first new students.")
    faults: list[RosterFault] = Field(description="The first of `faults_total`.")
    faults_total: int
    notes: list[RosterNote]
