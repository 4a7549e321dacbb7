"""How the scans of an exam stand against its key: whose each page is, and what it is worth (OMR-5).

Everything is read once and computed from that; nothing of it is stored but the scores, which follow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from academy.application.ai.exam_readings import ExamReadings, read_exam
from academy.application.ports.database import Transaction
from academy.application.ports.exam_sheets import ScanPage
from academy.domain.academics.people import Student
from academy.domain.academics.teaching import Exam, Score, score_problem
from academy.domain.failures import Failure
from academy.domain.omr.decisions import Decision, EffectivePage, effective
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.match import SET_ASIDE, Match, match_pages
from academy.domain.omr.scan import Scan
from academy.domain.omr.score import ScoredSheet, score_page
from academy.domain.omr.sheet import Block, Purpose

__all__ = [
    "OMR",
    "ExamReadings",
    "GradedExam",
    "GradedPage",
    "grade",
    "graded_exam",
    "note_graded",
    "read_exam",
    "regrade",
]

OMR = "omr"
"""Who noted a score that came of a scan; a person's own word on a score is never written over."""


@dataclass(frozen=True, slots=True)
class GradedPage:
    """One page of a scan and what became of it.

    Attributes:
        page: as it was read; `page.reading.number` is its place in the scan.
        effective: with people's decisions put in.
        log: every decision on it, by number.
        match: whose it is; its `page` is the number in the scan, as that of `score`.
        score: None until the exam has a key.
        doubtful: fields that a person has to decide before it can be graded, in the order of the sheet.
    """

    scan: Scan
    page: ScanPage
    effective: EffectivePage
    log: tuple[Decision, ...]
    match: Match
    score: ScoredSheet | None
    doubtful: tuple[str, ...]

    @property
    def number(self) -> int:
        """Return its 1-based place in the scan."""
        return self.page.reading.number

    @property
    def set_aside(self) -> bool:
        """Return whether a person said that it is nobody's."""
        return self.match.reason is SET_ASIDE

    @property
    def reasons(self) -> tuple[Failure, ...]:
        """Return why it has no score, () for one that is graded or waits for the key alone."""
        own = () if self.match.reason is None else (self.match.reason,)
        return self.score.reasons if self.score else own

    @property
    def waits(self) -> bool:
        """Return whether a person has to look at it."""
        return not self.set_aside and bool(self.reasons or self.doubtful)


@dataclass(frozen=True, slots=True)
class GradedExam:
    """An exam with every page of its scans, by scan and page; the rest as in ExamReadings."""

    exam: Exam
    sheet: ExamSheet
    scans: tuple[Scan, ...]
    roster: Mapping[str, Sequence[str]]
    students: Mapping[str, Student]
    pages: tuple[GradedPage, ...]
    expected: frozenset[str] = frozenset()

    def page(self, scan_id: str, number: int) -> GradedPage | None:
        """Return one page or None."""
        return next((each for each in self.pages if (each.scan.id, each.number) == (scan_id, number)), None)

    @property
    def graded(self) -> Mapping[str, GradedPage]:
        """Return the page of every student who has a score, by student id; never two of one."""
        return {
            page.match.student_id: page for page in self.pages if page.score and page.score.total is not None
        }


def graded_exam(tx: Transaction, tenant_id: str, exam_id: str) -> GradedExam | None:
    """Return how an exam stands; None for no exam of the academy, or one without a sheet."""
    found = read_exam(tx, tenant_id, exam_id)
    return None if found is None else grade(found)


def regrade(tx: Transaction, tenant_id: str, exam_id: str) -> GradedExam | None:
    """Let the scores of an exam follow its scans, decisions and key; return how it stands, None as `graded_exam`.

    The exam is locked, so that nobody else notes its scores at the same time.
    """
    found = read_exam(tx, tenant_id, exam_id, lock=True)
    if found is None:
        return None
    graded = grade(found)
    note_graded(tx, graded)
    return graded


def grade(found: ExamReadings) -> GradedExam:
    """Return how an exam stands."""
    blocks, threshold = found.sheet.spec.blocks, found.sheet.threshold
    logs = [tuple(found.logs.get((scan.id, page.reading.number), ())) for scan, page in found.pages]
    own = [effective(page.reading, log) for (_, page), log in zip(found.pages, logs, strict=True)]
    numbered = [_numbered(page, number) for number, page in enumerate(own, 1)]
    matches = match_pages(numbered, blocks, found.roster, exam_id=found.exam.id, threshold=threshold)
    pages = tuple(
        _graded_page(found.sheet, scan, page, counting, log, match)
        for (scan, page), counting, log, match in zip(found.pages, own, logs, matches, strict=True)
    )
    return GradedExam(
        found.exam, found.sheet, found.scans, found.roster, found.students, pages, found.expected
    )


def note_graded(tx: Transaction, graded: GradedExam) -> None:
    """Write the scores of graded pages, and take those away that no page gives any more.

    A score by a person stays. A total below zero is noted as 0, where an exam's scores begin; one above the maximum of the exam,
    which neither a key nor a change of the exam leads to, is not noted.
    """
    tenant_id, exam = graded.exam.tenant_id, graded.exam
    noted = {each.student_id: each for each in tx.teaching.scores(tenant_id, exam.id)}
    by_hand = {student for student, score in noted.items() if score.by != OMR}
    totals = {
        student: total
        for student, page in graded.graded.items()
        if student not in by_hand and not score_problem(total := _as_noted(page), exam.max_score)
    }
    gone = [student for student in noted if student not in totals and student not in by_hand]
    if gone:
        tx.teaching.remove_scores(tenant_id, exam.id, gone)
    now = tx.now()
    new = [
        Score(exam.id, student, total, OMR, now)
        for student, total in totals.items()
        if student not in noted or noted[student].score != total
    ]
    if new:
        tx.teaching.note_scores(tenant_id, new)


def _as_noted(page: GradedPage) -> float:
    assert page.score is not None
    assert page.score.total is not None
    return max(0.0, float(page.score.total))


def _numbered(page: EffectivePage, number: int) -> EffectivePage:
    """Return a page with its number among all of the exam's; sheets have one page each, so whatever their codes say they are rivals."""
    code = page.reading.code and replace(page.reading.code, page=1)
    return replace(page, reading=replace(page.reading, number=number, code=code))


def _graded_page(
    sheet: ExamSheet,
    scan: Scan,
    page: ScanPage,
    counting: EffectivePage,
    log: tuple[Decision, ...],
    match: Match,
) -> GradedPage:
    blocks, threshold = sheet.spec.blocks, sheet.threshold
    own = replace(match, page=page.reading.number)
    score = score_page(sheet.key, blocks, counting, own, threshold) if sheet.key else None
    return GradedPage(scan, page, counting, log, own, score, _doubtful(sheet, counting, own, score))


def _doubtful(
    sheet: ExamSheet, page: EffectivePage, match: Match, score: ScoredSheet | None
) -> tuple[str, ...]:
    """Return the fields to decide: of the answers, and of an identifier that does not name anybody for sure."""
    if match.reason is SET_ASIDE or (page.reading.problem is not None and not page.decided):
        return ()
    threshold = sheet.threshold
    found: set[str] = set(score.look_at) if score else set()
    for block in sheet.spec.blocks:
        if block.purpose is Purpose.IDENTIFIER:
            found |= _uncertain(block, page, threshold) if match.reason else set()
        elif score is None:
            found |= _uncertain(block, page, threshold)
    return tuple(name for block in sheet.spec.blocks for name in block.fields if name in found)


def _uncertain(block: Block, page: EffectivePage, threshold: float) -> set[str]:
    return {name for name in block.fields if not page.certain(name, threshold)}
