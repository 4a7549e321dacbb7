"""Exams and scores (ACA-1)."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from academy.contracts.rest.common import QueryParameters, RestRequest, RestResponse, Title
from academy.contracts.rest.people import Identity
from academy.contracts.rest.teaching import Day

__all__ = [
    "AddExamRequest",
    "ChangeExamRequest",
    "ExamPage",
    "ExamView",
    "NoteScoresRequest",
    "ScoreItem",
    "ScoreList",
    "ScoreView",
    "ScoresQuery",
    "StudentScoreList",
    "StudentScoreView",
]

MaxScore = Annotated[float, Field(gt=0, le=1_000_000)]


class AddExamRequest(RestRequest):
    """A new exam of a class."""

    class_id: Identity
    title: Title
    held_on: Day | None = None
    max_score: MaxScore = 100.0


class ChangeExamRequest(RestRequest):
    """What to change; what is left out stays; `held_on` null takes the day away."""

    title: Title | None = None
    held_on: Day | None = None
    max_score: MaxScore | None = Field(None, description="Not below a score that stands.")


class ExamView(RestResponse):
    """An exam."""

    id: str
    class_id: str
    title: str
    held_on: date | None
    max_score: float
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ExamPage(RestResponse):
    """Exams, newest first."""

    items: list[ExamView]
    next_cursor: str = Field(description="Empty on the last page.")


class ScoreItem(RestRequest):
    """What a student scored."""

    student_id: Identity
    score: float | None = Field(description="0 to the maximum of the exam; null for one who was absent.")


class NoteScoresRequest(RestRequest):
    """Scores of an exam: all or some; others stay as they are."""

    items: list[ScoreItem] = Field(min_length=1, max_length=1000)


class ScoreView(RestResponse):
    """What a student scored. `by` is null for students and parents."""

    student_id: str
    score: float | None = Field(description="Null for one who was absent.")
    by: str | None = Field(None, description="Id of the user who noted it, `omr` for a scan.")
    by_name: str | None = Field(
        None, description="What that user is called; empty where nothing is known, as for a scan."
    )
    updated_at: AwareDatetime


class ScoreList(RestResponse):
    """The scores of an exam, by student; students and parents see their own."""

    items: list[ScoreView]


class ScoresQuery(QueryParameters):
    """How many scores of a student."""

    limit: int = Field(100, ge=1, le=500, description="How many at most, newest exam first.")


class StudentScoreView(RestResponse):
    """A score with its exam."""

    exam: ExamView
    score: float | None = Field(description="Null for one who was absent.")
    updated_at: AwareDatetime


class StudentScoreList(RestResponse):
    """What a student scored, newest exam first."""

    items: list[StudentScoreView]
