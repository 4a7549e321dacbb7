"""Show pages of scans to the people who decide about them."""

from collections.abc import Iterable, Iterator, Mapping

from academy.application.ai.grading import GradedPage
from academy.application.ai.review import ReviewQueue
from academy.contracts.rest.jobs import FailureView
from academy.contracts.rest.scans import (
    CandidateView,
    DecisionView,
    DoubtfulFieldView,
    MatchView,
    PageFieldView,
    PageView,
    QuestionScoreView,
    ReviewPageView,
    ReviewQueueView,
    ScoredPageView,
)
from academy.domain.academics.people import Student
from academy.domain.failures import Failure
from academy.domain.omr.decisions import Decision, FieldDecision
from academy.domain.omr.score import QuestionScore, ScoredSheet
from academy.domain.omr.sheet import SheetSpec
from academy.interfaces.api.ai.oddities import warning_view
from academy.interfaces.api.jobs.present import failure_view
from academy.interfaces.api.language import Language

__all__ = ["failure_views", "page_view", "people_on", "question_view", "queue_view"]

Students = Mapping[str, Student]


def people_on(pages: Iterable[GradedPage]) -> list[str]:
    """Return the ids of all students whom pages name."""
    return sorted({one for page in pages for one in (page.match.student_id, *page.match.candidates) if one})


def failure_views(failures: Iterable[Failure], language: Language) -> list[FailureView]:
    """Return failures in words."""
    return [view for view in (failure_view(each, language) for each in failures) if view is not None]


def queue_view(
    queue: ReviewQueue, students: Students, urls: Mapping[str, str], language: Language
) -> ReviewQueueView:
    """Return what waits for a person; `urls` are addresses of overlays by their keys."""
    return ReviewQueueView(
        items=[_waiting(page, students, urls, language) for page in queue.pages],
        waiting=queue.waiting,
        fields=queue.fields,
        pages=queue.pages_read,
    )


def page_view(
    page: GradedPage,
    spec: SheetSpec,
    students: Students,
    names: Mapping[str, str],
    overlay_url: str,
    language: Language,
) -> PageView:
    """Return everything that is known of a page; `names` are those of accounts by viewer id."""
    reading = page.page.reading
    return PageView(
        scan_id=page.scan.id,
        page=page.number,
        problem=failure_view(reading.problem, language),
        warnings=[warning_view(each, language) for each in reading.warnings],
        overlay_url=overlay_url or None,
        fields=list(_fields(page, spec)),
        decisions=[_decision(each, names.get(each.by, "")) for each in page.log],
        match=_match(page, students, language),
        score=_score(page.score, language) if page.score else None,
        waits=page.waits,
    )


def question_view(question: QuestionScore) -> QuestionScoreView:
    """Return how a question went."""
    return QuestionScoreView(
        question=question.question,
        given=list(question.given),
        outcome=question.outcome.value,
        points=None if question.points is None else float(question.points),
        maximum=float(question.maximum),
        look_at=list(question.look_at),
    )


def _waiting(
    page: GradedPage, students: Students, urls: Mapping[str, str], language: Language
) -> ReviewPageView:
    return ReviewPageView(
        scan_id=page.scan.id,
        scan_number=page.scan.number,
        page=page.number,
        reasons=failure_views(page.reasons, language),
        identifier=page.match.identifier,
        candidates=_candidates(page, students),
        fields=[_doubtful(page, name) for name in page.doubtful],
        overlay_url=urls.get(page.page.overlay_key),
    )


def _doubtful(page: GradedPage, name: str) -> DoubtfulFieldView:
    found = page.effective.reading.fields.get(name)
    if found is None:
        return DoubtfulFieldView(field=name, state=None, marked=[], confidence=None)
    return DoubtfulFieldView(
        field=name, state=found.state.value, marked=list(found.marked), confidence=found.confidence
    )


def _fields(page: GradedPage, spec: SheetSpec) -> Iterator[PageFieldView]:
    doubtful = frozenset(page.doubtful)
    for block in spec.blocks:
        for name in block.fields:
            found = page.effective.reading.fields.get(name)
            if found is None:
                continue
            yield PageFieldView(
                field=name,
                block=block.name,
                purpose=block.purpose.value,
                choices=list(block.choices),
                state=found.state.value,
                marked=list(found.marked),
                confidence=found.confidence,
                doubtful=name in doubtful,
                decided=name in page.effective.decided,
            )


def _decision(decision: Decision, name: str) -> DecisionView:
    if isinstance(decision, FieldDecision):
        return DecisionView(
            number=decision.number,
            by=decision.by,
            by_name=name,
            at=decision.at,
            field=decision.field,
            was=None if decision.was is None else list(decision.was.marked),
            marked=None if decision.marked is None else list(decision.marked),
            student=None,
        )
    return DecisionView(
        number=decision.number,
        by=decision.by,
        by_name=name,
        at=decision.at,
        field=None,
        was=None,
        marked=None,
        student=decision.student_id,
    )


def _match(page: GradedPage, students: Students, language: Language) -> MatchView:
    match = page.match
    return MatchView(
        student_id=match.student_id,
        name=_name(match.student_id, students),
        reason=failure_view(match.reason, language),
        identifier=match.identifier,
        candidates=_candidates(page, students),
        by_person=match.by_person,
        changed=match.changed,
    )


def _candidates(page: GradedPage, students: Students) -> list[CandidateView]:
    return [CandidateView(student_id=one, name=_name(one, students)) for one in page.match.candidates]


def _name(student_id: str, students: Students) -> str:
    found = students.get(student_id)
    return found.name if found else ""


def _score(score: ScoredSheet, language: Language) -> ScoredPageView:
    return ScoredPageView(
        total=None if score.total is None else float(score.total),
        maximum=float(score.maximum),
        reasons=failure_views(score.reasons, language),
        questions=[question_view(each) for each in score.questions],
    )
