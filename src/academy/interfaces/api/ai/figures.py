"""Show how an exam went."""

from collections.abc import Sequence
from decimal import Decimal

from academy.application.ai.review import ExamResults, StudentResult
from academy.contracts.rest.results import (
    ExamResultsView,
    ExamStatsView,
    QuestionStatsView,
    StudentResultView,
    WaitingPageView,
)
from academy.contracts.rest.scans import CandidateView
from academy.domain.omr.analysis import ExamStats, QuestionStats
from academy.interfaces.api.ai.pages import failure_views, question_view
from academy.interfaces.api.language import Language

__all__ = ["results_view"]


def results_view(results: ExamResults, language: Language) -> ExamResultsView:
    """Return the results of an exam."""
    key = results.sheet.key
    return ExamResultsView(
        exam_id=results.exam.id,
        title=results.exam.title,
        maximum=float(key.maximum) if key is not None else 0.0,
        students=[_student(each) for each in results.students],
        questions=_questions(results.questions),
        exam=_stats(results.stats),
        without=[CandidateView(student_id=each.id, name=each.name) for each in results.without],
        waiting=[
            WaitingPageView(
                scan_id=page.scan.id, page=page.number, reasons=failure_views(page.reasons, language)
            )
            for page in results.waiting
        ],
    )


def _student(result: StudentResult) -> StudentResultView:
    return StudentResultView(
        student_id=result.student.id,
        name=result.student.name,
        scan_id=result.scan_id,
        page=result.page,
        total=float(result.total),
        maximum=float(result.maximum),
        rank=result.standing.rank,
        percentile=result.standing.percentile,
        grade=result.standing.grade,
        noted=result.noted.score if result.noted else None,
        questions=[question_view(each) for each in result.questions],
    )


def _questions(questions: Sequence[QuestionStats]) -> list[QuestionStatsView]:
    return [
        QuestionStatsView(
            question=each.question,
            students=each.students,
            given=dict(each.given),
            blank=each.blank,
            blank_share=each.blank_share,
            several=each.several,
            difficulty=each.difficulty,
            mean_points=each.mean_points,
            upper_lower=each.upper_lower,
            point_biserial=each.point_biserial,
        )
        for each in questions
    ]


def _stats(stats: ExamStats) -> ExamStatsView:
    lower, upper = stats.quartiles or (None, None)
    return ExamStatsView(
        students=stats.students,
        not_graded=stats.not_graded,
        mean=stats.mean,
        deviation=stats.deviation,
        lowest=_number(stats.lowest),
        lower_quartile=lower,
        median=stats.median,
        upper_quartile=upper,
        highest=_number(stats.highest),
        alpha=stats.alpha,
        kr20=stats.kr20,
    )


def _number(points: Decimal | None) -> float | None:
    return None if points is None else float(points)
