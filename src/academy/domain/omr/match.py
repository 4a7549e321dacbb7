"""Whose page it is: the identifier and the QR code against the roster of the exam (OMR-5)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from academy.domain.failures import Failure
from academy.domain.omr.decisions import EffectivePage
from academy.domain.omr.reading import MarkState, SheetCode
from academy.domain.omr.sheet import Block, Purpose

__all__ = [
    "BLANK_DIGIT",
    "CODE_DISAGREES",
    "CODE_NOT_ON_ROSTER",
    "IDENTIFIER_BLANK",
    "IDENTIFIER_UNREADABLE",
    "NOT_ON_ROSTER",
    "NO_IDENTIFIER",
    "OTHER_EXAM",
    "SET_ASIDE",
    "SEVERAL_STUDENTS",
    "STUDENT_TWICE",
    "UNREADABLE_DIGIT",
    "Match",
    "identifier_of",
    "match_pages",
]

BLANK_DIGIT, UNREADABLE_DIGIT = "_", "?"
_MOST_CANDIDATES = 5

IDENTIFIER_BLANK = Failure(
    "omr_identifier_blank",
    "No identifier is marked on this page; choose the student.",
    "식별번호가 표기되지 않았습니다. 학생을 선택해 주세요.",
)
IDENTIFIER_UNREADABLE = Failure(
    "omr_identifier_unreadable",
    "Some digits of the identifier cannot be read with certainty; correct them or choose the student.",
    "식별번호 일부를 확실히 읽을 수 없습니다. 숫자를 고치거나 학생을 선택해 주세요.",
)
NO_IDENTIFIER = Failure(
    "omr_no_identifier",
    "The page has neither an identifier nor a code that names a student; choose the student.",
    "식별번호 칸도 학생 정보가 담긴 QR 코드도 없습니다. 학생을 선택해 주세요.",
)
NOT_ON_ROSTER = Failure(
    "omr_not_on_roster",
    "Nobody on the roster of this exam has this identifier; choose the student, or add them to the roster.",
    "응시자 명단에 이 식별번호가 없습니다. 학생을 선택하거나 명단에 추가해 주세요.",
)
CODE_NOT_ON_ROSTER = Failure(
    "omr_code_not_on_roster",
    "The student whom the sheet was printed for is not on the roster of this exam; choose the student, or add them.",
    "답안지에 인쇄된 학생이 응시자 명단에 없습니다. 학생을 선택하거나 명단에 추가해 주세요.",
)
SEVERAL_STUDENTS = Failure(
    "omr_several_students",
    "Several students on the roster have this identifier; choose the right one.",
    "명단에 같은 식별번호를 쓰는 학생이 여러 명입니다. 맞는 학생을 선택해 주세요.",
)
CODE_DISAGREES = Failure(
    "omr_code_disagrees",
    "The marked identifier is not that of the student whom the sheet was printed for; choose the student.",
    "표기된 식별번호가 답안지에 인쇄된 학생의 것과 다릅니다. 학생을 선택해 주세요.",
)
STUDENT_TWICE = Failure(
    "omr_student_twice",
    "Several pages belong to the same student; set all but one aside, or choose the right students.",
    "같은 학생의 답안지가 여러 장입니다. 한 장만 남기고 제외하거나 맞는 학생을 선택해 주세요.",
)
OTHER_EXAM = Failure(
    "omr_other_exam",
    "This sheet was printed for another exam; scan it there, or choose the student if it belongs here.",
    "다른 시험의 답안지입니다. 해당 시험에 올리거나, 이 시험의 답안지가 맞으면 학생을 선택해 주세요.",
)
SET_ASIDE = Failure(
    "omr_set_aside",
    "A person has set this page aside; it is not graded.",
    "담당자가 제외한 페이지입니다. 채점하지 않습니다.",
)


@dataclass(frozen=True, slots=True)
class Match:
    """Whose a page is.

    Attributes:
        page: its number in the batch.
        student_id: "" when nobody is certain; then `reason` says why.
        reason: why a person has to look, or SET_ASIDE; None exactly for a page with a student.
        identifier: as marked, with "_" for a blank digit and "?" for an unreadable one; "" when nothing was read.
        candidates: students whom it may be, for the person to choose from; at most 5.
        by_reader: the student whom the reader alone would name, "" for none; a decision notes it.
        by_person: whether a decision counts here.
        changed: whether the reader now names another student than when the person decided.
    """

    page: int
    student_id: str = ""
    reason: Failure | None = None
    identifier: str = ""
    candidates: tuple[str, ...] = ()
    by_reader: str = ""
    by_person: bool = False
    changed: bool = False


def identifier_of(page: EffectivePage, blocks: Sequence[Block], threshold: float) -> str:
    """Return the identifier as marked, "_" for a blank digit and "?" for an uncertain one; "" without such a block."""
    digits: list[str] = []
    for name in (name for block in blocks if block.purpose is Purpose.IDENTIFIER for name in block.fields):
        found = page.reading.fields.get(name)
        if found is None or not page.certain(name, threshold) or found.state is MarkState.MULTIPLE:
            digits.append(UNREADABLE_DIGIT)
        else:
            digits.append(found.marked[0] if found.state is MarkState.SINGLE else BLANK_DIGIT)
    return "".join(digits)


def match_pages(
    pages: Sequence[EffectivePage],
    blocks: Sequence[Block],
    roster: Mapping[str, Sequence[str]],
    *,
    exam_id: str,
    threshold: float,
) -> tuple[Match, ...]:
    """Return a Match for each page, in order; `roster` has the student ids of each identifier.

    A student's page that comes more than once in the batch is given to nobody, whichever comes first; sheets that
    their codes number differently are different pages.
    """
    found = [
        _with_person(page, _by_reader(page, blocks, roster, exam_id, threshold), roster) for page in pages
    ]
    owners = [
        (match.student_id, page.reading.code.page if page.reading.code else 1)
        for page, match in zip(pages, found, strict=True)
    ]
    times = Counter(owner for owner in owners if owner[0])
    return tuple(
        replace(match, student_id="", reason=STUDENT_TWICE, candidates=(match.student_id,))
        if times[owner] > 1
        else match
        for match, owner in zip(found, owners, strict=True)
    )


def _by_reader(
    page: EffectivePage,
    blocks: Sequence[Block],
    roster: Mapping[str, Sequence[str]],
    exam_id: str,
    threshold: float,
) -> Match:
    reading = page.reading
    if reading.problem is not None:
        return Match(reading.number, reason=reading.problem)
    marked = identifier_of(page, blocks, threshold)
    alike = _alike(marked, roster)
    student, reason = _verdict(marked, alike, reading.code, roster, exam_id)
    candidates = () if student else alike
    if reason is CODE_DISAGREES and reading.code:
        candidates = tuple(dict.fromkeys((reading.code.student_id, *alike)))
    return Match(reading.number, student, reason, marked, candidates[:_MOST_CANDIDATES], by_reader=student)


def _verdict(
    marked: str,
    alike: tuple[str, ...],
    code: SheetCode | None,
    roster: Mapping[str, Sequence[str]],
    exam_id: str,
) -> tuple[str, Failure | None]:
    if code and code.exam_id and code.exam_id != exam_id:
        return "", OTHER_EXAM
    if code and code.student_id:
        return _of_code(code.student_id, marked, roster)
    if set(marked) <= {BLANK_DIGIT}:
        return "", IDENTIFIER_BLANK if marked else NO_IDENTIFIER
    if BLANK_DIGIT in marked or UNREADABLE_DIGIT in marked:
        return "", IDENTIFIER_UNREADABLE
    if len(alike) == 1:
        return alike[0], None
    return "", SEVERAL_STUDENTS if alike else NOT_ON_ROSTER


def _of_code(student_id: str, marked: str, roster: Mapping[str, Sequence[str]]) -> tuple[str, Failure | None]:
    identifiers = [identifier for identifier, students in roster.items() if student_id in students]
    if not identifiers:
        return "", CODE_NOT_ON_ROSTER
    if marked and not any(_agrees(marked, identifier) for identifier in identifiers):
        return "", CODE_DISAGREES
    return student_id, None


def _agrees(marked: str, identifier: str) -> bool:
    """Return whether no digit that was read contradicts `identifier`."""
    unread = {BLANK_DIGIT, UNREADABLE_DIGIT}
    return set(marked) <= unread or (
        len(marked) == len(identifier)
        and all(mark in (digit, *unread) for mark, digit in zip(marked, identifier, strict=True))
    )


def _alike(marked: str, roster: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the students whose identifier may be `marked`; none where fewer than half of its digits were read."""
    read = sum(mark not in (BLANK_DIGIT, UNREADABLE_DIGIT) for mark in marked)
    if read == len(marked):
        return tuple(dict.fromkeys(roster.get(marked, ())))
    if not read or 2 * read < len(marked):
        return ()
    found = (
        student
        for identifier in sorted(roster)
        if _agrees(marked, identifier)
        for student in roster[identifier]
    )
    return tuple(dict.fromkeys(found))


def _with_person(page: EffectivePage, match: Match, roster: Mapping[str, Sequence[str]]) -> Match:
    decision = page.student
    if decision is None or decision.student_id is None:
        return match
    changed, student = decision.was != match.by_reader, decision.student_id
    if not student:
        return replace(match, student_id="", reason=SET_ASIDE, by_person=True, changed=changed)
    if not any(student in students for students in roster.values()):
        return replace(match, student_id="", reason=NOT_ON_ROSTER, by_person=True, changed=changed)
    return replace(match, student_id=student, reason=None, candidates=(), by_person=True, changed=changed)
