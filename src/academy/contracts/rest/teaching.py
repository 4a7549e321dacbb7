"""Classes, lectures and attendance (ACA-1)."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from academy.contracts.rest.common import RestRequest, RestResponse, Title, YearOutOfRange
from academy.contracts.rest.people import ByNameQuery, Identity, Line, Typed
from academy.contracts.times import WrittenDay, WrittenTime

__all__ = [
    "AddClassRequest",
    "AddLectureRequest",
    "AddSessionRequest",
    "AttendanceItem",
    "AttendanceList",
    "AttendanceName",
    "AttendanceView",
    "ChangeClassRequest",
    "ChangeLectureRequest",
    "ChangeSessionRequest",
    "ClassPage",
    "ClassQuery",
    "ClassView",
    "Day",
    "DepartRequest",
    "EnrolRequest",
    "EnrolmentView",
    "LecturePage",
    "LectureView",
    "MembersView",
    "NoteAttendanceRequest",
    "OfClassQuery",
    "SessionList",
    "SessionView",
]

AttendanceName = Literal["present", "late", "left_early", "absent", "excused"]
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def _thinkable(value: date) -> date:
    """Refuse a slip of the keyboard, and times that no time zone can hold."""
    if not _FIRST_YEAR <= value.year < _LAST_YEAR:
        raise YearOutOfRange(_FIRST_YEAR, _LAST_YEAR - 1)
    return value


def _thinkable_time(value: datetime) -> datetime:
    _thinkable(value)
    return value


Day = Annotated[WrittenDay, AfterValidator(_thinkable)]
"""A day in Korea, 2000 to 2099."""
Moment = Annotated[WrittenTime, AfterValidator(_thinkable_time)]
"""A time with its offset, 2000 to 2099."""
ShortTitle = Annotated[Title, StringConstraints(max_length=100)]
"""A line of text by which a list is in order: 1 to 100 characters."""


class AddClassRequest(RestRequest):
    """A new class."""

    name: Typed = Field(
        description="1 to 100 characters without control characters, unique in the academy.",
        examples=["고2 수학 A"],
    )
    subject: Line = ""


class ChangeClassRequest(RestRequest):
    """What to change; what is left out or null stays."""

    name: Typed | None = None
    subject: Line | None = None
    active: bool | None = Field(None, description="False for one that has ended.")


class ClassView(RestResponse):
    """A class."""

    id: str
    name: str
    subject: str
    active: bool
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ClassQuery(ByNameQuery):
    """Which classes; the list is in order of names."""

    include_inactive: bool = Field(default=False, description="Those that have ended, too.")


class ClassPage(RestResponse):
    """Classes by name; students and parents see those that they or their children are in."""

    items: list[ClassView]
    next_cursor: str = Field(description="Empty on the last page.")


class EnrolRequest(RestRequest):
    """Students who come into a class."""

    student_ids: list[Identity] = Field(min_length=1, max_length=1000)
    since: Day | None = Field(None, description="Their first day; null: today, in Korea.")


class DepartRequest(RestRequest):
    """Students who leave a class."""

    student_ids: list[Identity] = Field(min_length=1, max_length=1000)
    until: Day | None = Field(None, description="The first day without them; null: today, in Korea.")


class EnrolmentView(RestResponse):
    """A student in a class from `since` on, up to and without `until`."""

    student_id: str
    since: date
    until: date | None = Field(description="Null: still there.")


class MembersView(RestResponse):
    """Who is in a class on a day."""

    on: date
    items: list[EnrolmentView]


class OfClassQuery(ByNameQuery):
    """Of which class."""

    class_id: str = Field(
        "", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="Empty for all classes."
    )


class AddLectureRequest(RestRequest):
    """A new lecture of a class."""

    class_id: Identity
    title: ShortTitle


class ChangeLectureRequest(RestRequest):
    """What to change; what is left out or null stays."""

    title: ShortTitle | None = None


class LectureView(RestResponse):
    """A course that a class is taught."""

    id: str
    class_id: str
    title: str
    created_at: AwareDatetime
    updated_at: AwareDatetime


class LecturePage(RestResponse):
    """Lectures by title."""

    items: list[LectureView]
    next_cursor: str = Field(description="Empty on the last page.")


class AddSessionRequest(RestRequest):
    """A new session of a lecture."""

    number: int | None = Field(None, ge=1, le=10_000, description="Null: the next one.")
    title: Line = ""
    held_at: Moment | None = None


class ChangeSessionRequest(RestRequest):
    """What to change; what is left out stays; `held_at` null takes the time away."""

    number: int | None = Field(None, ge=1, le=10_000)
    title: Line | None = None
    held_at: Moment | None = None


class SessionView(RestResponse):
    """One sitting of a lecture."""

    id: str
    lecture_id: str
    number: int = Field(description="From 1, unique in the lecture.")
    title: str
    held_at: AwareDatetime | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class SessionList(RestResponse):
    """The sessions of a lecture by number."""

    items: list[SessionView]


class AttendanceItem(RestRequest):
    """Whether a student came."""

    student_id: Identity
    status: AttendanceName
    note: Line = ""


class NoteAttendanceRequest(RestRequest):
    """Who came to a session: the whole list or a part of it; others stay as they are."""

    items: list[AttendanceItem] = Field(min_length=1, max_length=1000)


class AttendanceView(RestResponse):
    """Whether a student came. Note and `by` are null for students and parents."""

    student_id: str
    status: AttendanceName
    note: str | None = None
    by: str | None = Field(None, description="Id of the user who noted it.")
    updated_at: AwareDatetime


class AttendanceList(RestResponse):
    """Who came to a session, by student; students and parents see their own."""

    items: list[AttendanceView]
