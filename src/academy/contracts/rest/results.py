"""How an exam went, by student and by question (OMR-5)."""

from pydantic import Field

from academy.contracts.rest.ai_jobs import TierWish
from academy.contracts.rest.common import RestResponse
from academy.contracts.rest.jobs import FailureView
from academy.contracts.rest.people import Identity
from academy.contracts.rest.scans import CandidateView, QuestionScoreView

__all__ = [
    "ExamResultsView",
    "ExamStatsView",
    "MakeNotesRequest",
    "QuestionStatsView",
    "StudentResultView",
    "WaitingPageView",
]


class StudentResultView(RestResponse):
    """What a student scored and where they stand."""

    student_id: str
    name: str
    scan_id: str
    page: int
    total: float
    maximum: float
    rank: int = Field(description="1 + the number of better students.")
    percentile: float | None = Field(
        description="0 to 100: the share below and half of the equal; null for fewer than 10 students."
    )
    grade: int | None = Field(
        description="1 to 9 as in the college entrance test (등급); null for fewer than 25 students."
    )
    noted: float | None = Field(
        description="The score that stands in the list of the exam; a person may have noted another."
    )
    questions: list[QuestionScoreView] = Field(description="In the order of the key.")


class QuestionStatsView(RestResponse):
    """How one question went. Figures that so few students cannot carry are null."""

    question: str
    students: int
    given: dict[str, int] = Field(description="How many marked each answer.")
    blank: int = Field(description="How many marked nothing.")
    blank_share: float | None = Field(description="0 to 1.")
    several: int = Field(description="How many marked more than one.")
    difficulty: float | None = Field(description="Share of right answers, 0 to 1 (정답률).")
    mean_points: float | None
    upper_lower: float | None = Field(
        description="Share right in the best 27 % less that in the weakest 27 % (변별도)."
    )
    point_biserial: float | None = Field(description="Correlation with the points in the other questions.")


class ExamStatsView(RestResponse):
    """How the exam went as a whole, in points. Figures that so few students cannot carry are null."""

    students: int = Field(description="Whose sheets were counted.")
    not_graded: int = Field(description="Pages that wait for a person or were set aside.")
    mean: float | None
    deviation: float | None
    lowest: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    highest: float | None
    alpha: float | None = Field(description="Cronbach's alpha.")
    kr20: float | None = Field(description="Kuder-Richardson 20.")


class WaitingPageView(RestResponse):
    """A page without a score."""

    scan_id: str
    page: int
    reasons: list[FailureView]


class ExamResultsView(RestResponse):
    """The results of an exam as they stand now; pages that wait for a person are not in them."""

    exam_id: str
    title: str
    maximum: float
    students: list[StudentResultView] = Field(description="The best first.")
    questions: list[QuestionStatsView] = Field(description="In the order of the key.")
    exam: ExamStatsView
    without: list[CandidateView] = Field(description="Students on the roster without a score, by name.")
    waiting: list[WaitingPageView] = Field(description="Pages that a person has to look at.")


class MakeNotesRequest(TierWish):
    """Whose wrong-answer notes (오답노트) to make."""

    student_ids: list[Identity] = Field(
        default_factory=list, max_length=2000, description="Empty: everybody with a score."
    )
