"""Students and their parents (ACA-1)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from academy.contracts.rest.common import PageQuery, RestRequest, RestResponse

__all__ = [
    "Account",
    "AddParentRequest",
    "AddStudentRequest",
    "AddStudentsRequest",
    "AddedStudentView",
    "ByNameQuery",
    "ChangeParentRequest",
    "ChangeStudentRequest",
    "Identity",
    "Line",
    "ParentOfView",
    "ParentView",
    "RelationName",
    "StudentPage",
    "StudentQuery",
    "StudentView",
    "StudentsAdded",
    "Text",
    "Typed",
]

RelationName = Literal["mother", "father", "guardian"]
Typed = Annotated[str, StringConstraints(max_length=2000)]
"""What people typed and a use case reads: names, phone numbers, identifiers; what is wrong with them is told all at once."""
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""A line of text that may be empty: up to 100 characters, no control characters."""
Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
    ),
]
"""A few lines of text that may be empty."""
Identity = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""The id of something."""
LongCursor = Annotated[str, StringConstraints(max_length=1024, pattern=r"^[A-Za-z0-9_=.~-]*$")]
Account = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9_.-]*$")]

_NAME = "1 to 100 characters without control characters; blanks around it are dropped."
_PHONE = "A Korean mobile number in any usual writing: `010-1234-5678`, `+82 10 1234 5678`."
_IDENTIFIER = (
    "8 digits that name the student on answer sheets, unique in the academy; by default the last 8 of the student's phone, "
    "else of the first parent's."
)


class AddParentRequest(RestRequest):
    """A parent; one whom the academy knows by this phone is linked and keeps their name."""

    name: Typed = Field(description=_NAME)
    phone: Typed = Field(description=_PHONE)
    relation: RelationName = "guardian"


class AddStudentRequest(RestRequest):
    """A new student with their parents and classes."""

    name: Typed = Field(description=_NAME)
    phone: Typed | None = Field(None, description=f"{_PHONE} Empty or null for none.")
    identifier: Typed | None = Field(None, description=_IDENTIFIER)
    school: Line = ""
    grade: Line = ""
    note: Text = Field("", description="For the academy's staff only.")
    parents: list[AddParentRequest] = Field(default_factory=list, max_length=10)
    class_names: list[Typed] = Field(
        default_factory=list,
        max_length=20,
        description="Active classes by name; the student is in them from today.",
    )


class AddStudentsRequest(RestRequest):
    """Students of a whole list; all of them are taken or none."""

    students: list[AddStudentRequest] = Field(min_length=1, max_length=1000)
    dry_run: bool = Field(
        default=False, description="Change nothing and answer what would happen, faults included."
    )


class ChangeStudentRequest(RestRequest):
    """What to change; what is left out or null stays, an empty text empties."""

    name: Typed | None = Field(None, description=_NAME)
    phone: Typed | None = Field(None, description=f"{_PHONE} The identifier stays as it is.")
    identifier: Typed | None = Field(
        None, description="8 digits; empty to make it anew from the phone numbers as they are now."
    )
    school: Line | None = None
    grade: Line | None = None
    note: Text | None = None
    account: Account | None = Field(
        None,
        description="Id of the user who is this student, a member in the role `student`; empty for none.",
    )
    active: bool | None = Field(None, description="False for one who has left.")


class ChangeParentRequest(RestRequest):
    """What to change, for all their children; what is left out or null stays."""

    name: Typed | None = Field(None, description=_NAME)
    phone: Typed | None = Field(None, description=_PHONE)
    account: Account | None = Field(
        None, description="Id of the user who is this parent, a member in the role `parent`; empty for none."
    )


class ParentView(RestResponse):
    """A parent. Phone and account are null for everybody but staff and the parent."""

    id: str
    name: str
    phone: str | None = Field(None, description="Digits.")
    account: str | None = Field(None, description="Id of the user who is this parent; empty for none.")


class ParentOfView(ParentView):
    """A parent as one student has them."""

    relation: RelationName


class StudentView(RestResponse):
    """A student. Phone and identifier are null for parents, note and account for everybody but staff."""

    id: str
    name: str
    phone: str | None = Field(None, description="Digits; empty for none.")
    identifier: str | None = Field(None, description="8 digits that name the student on answer sheets.")
    school: str
    grade: str
    note: str | None = None
    account: str | None = Field(None, description="Id of the user who is this student; empty for none.")
    active: bool
    parents: list[ParentOfView]
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ByNameQuery(PageQuery):
    """Which page of a list in order of names; its cursor holds the last name, which may be a hundred emoji."""

    cursor: LongCursor = Field("", description="`next_cursor` of the page before; empty for the first.")


class StudentQuery(ByNameQuery):
    """Which students; the list is in order of names."""

    text: str = Field(
        "",
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Part of a name, or digits of a phone number or identifier.",
    )
    class_id: str = Field(
        "", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="In this class today."
    )
    include_inactive: bool = Field(default=False, description="Those who have left, too.")


class StudentPage(RestResponse):
    """Students by name; students and parents see their own."""

    items: list[StudentView]
    next_cursor: str = Field(description="Empty on the last page.")


class AddedStudentView(RestResponse):
    """One student of a list."""

    id: str | None = Field(description="Null after a dry run.")
    name: str
    identifier: str


class StudentsAdded(RestResponse):
    """What came of a list of students, or would come of it."""

    dry_run: bool
    students: list[AddedStudentView] = Field(description="In the order of the request.")
    parents_created: int
    parents_known: int = Field(description="Linked by their phone; they keep the name that they have.")
    enrolments: int
