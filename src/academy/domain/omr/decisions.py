"""What people decided about a page: appended, never changed, and never overwritten by another reading (OMR-4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from academy.domain.failures import Failure
from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.domain.omr.sheet import Block

__all__ = [
    "Change",
    "Decision",
    "DecisionRefused",
    "EffectivePage",
    "FieldDecision",
    "Mark",
    "StudentDecision",
    "decide_field",
    "decide_student",
    "effective",
]

_FIELD_UNKNOWN = Failure(
    "decision_field_unknown",
    "The sheet has no field of this name; choose one of the sheet's questions or digits.",
    "답안지에 없는 칸입니다. 답안지의 문항이나 숫자 칸을 선택해 주세요.",
)
_CHOICE_UNKNOWN = Failure(
    "decision_choice_unknown",
    "The field has no such choice; choose among those printed on the sheet.",
    "이 칸에 없는 선택지입니다. 답안지에 인쇄된 선택지 중에서 골라 주세요.",
)
_CHOICE_TWICE = Failure(
    "decision_choice_twice",
    "A choice stands twice in this decision; name it once.",
    "같은 선택지가 두 번 있습니다. 한 번만 적어 주세요.",
)
_NOT_ON_ROSTER = Failure(
    "decision_not_on_roster",
    "This student is not on the roster of the exam; add them to it, or choose another.",
    "응시자 명단에 없는 학생입니다. 명단에 추가하거나 다른 학생을 선택해 주세요.",
)
_NOBODY = Failure(
    "decision_by_nobody", "A decision needs the person who made it.", "결정한 사람이 누구인지 필요합니다."
)
_NO_MOMENT = Failure(
    "decision_time_naive",
    "The time of a decision needs its time zone.",
    "결정한 시각에 시간대 정보가 있어야 합니다.",
)


class DecisionRefused(ValueError):
    """A decision cannot be taken as it is; `failure` says why and how to mend it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Mark:
    """What the reader said of a field: its state and the marked choices."""

    state: MarkState
    marked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldDecision:
    """A person's word on what is marked in one field of a page.

    Attributes:
        number: 1-based place in the page's log; the highest of a field counts, whatever the clocks said.
        by: who decided (viewer id).
        at: when, with its time zone.
        was: what the reader had said at that time; None for a field that it had not read.
        marked: what is marked, in the sheet's order; () for nothing; None takes earlier decisions on the field back.
    """

    number: int
    by: str
    at: datetime
    field: str
    was: Mark | None
    marked: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class StudentDecision:
    """A person's word on whose page it is.

    Attributes:
        number, by, at: as in FieldDecision; both kinds share one log for each page.
        was: the student whom the reader's match had named at that time, "" for none.
        student_id: whose it is; "" for nobody's: the page is set aside; None takes earlier decisions on the student
            back.
    """

    number: int
    by: str
    at: datetime
    was: str
    student_id: str | None


Decision = FieldDecision | StudentDecision


@dataclass(frozen=True, slots=True)
class Change:
    """The reader says of a decided field something else than when it was decided; the decision counts all the same."""

    decision: FieldDecision
    now: Mark | None


@dataclass(frozen=True, slots=True)
class EffectivePage:
    """A reading with people's decisions put in.

    Attributes:
        reading: decided fields have confidence 1, and the state that follows from the number of their marks.
        decided: names of the fields on which a person's word counts.
        student: the decision on the student that counts, None where there is none.
        changes: what a later reading changed underneath the decisions, by field name.
    """

    reading: PageReading
    decided: frozenset[str] = frozenset()
    student: StudentDecision | None = None
    changes: tuple[Change, ...] = ()

    def certain(self, field: str, threshold: float) -> bool:
        """Return whether nobody has to look at the field: decided, or read without doubt at `threshold` or above."""
        if field in self.decided:
            return True
        found = self.reading.fields.get(field)
        return found is not None and found.state is not MarkState.AMBIGUOUS and found.confidence >= threshold


def decide_field(
    log: Sequence[Decision],
    reading: PageReading,
    blocks: Sequence[Block],
    field: str,
    marked: Iterable[str] | None,
    *,
    by: str,
    at: datetime,
) -> FieldDecision:
    """Return the decision to append to the page's `log`; raises DecisionRefused.

    Two people who decide at once make the same number: the store keeps numbers of a page unique and has the later one
    try again.
    """
    _check_who(by, at)
    block = next((block for block in blocks if field in block.fields), None)
    if block is None:
        raise DecisionRefused(_FIELD_UNKNOWN)
    return FieldDecision(
        _next(log), by, at, field, _mark(reading.fields.get(field)), _in_order(block, marked)
    )


def decide_student(
    log: Sequence[Decision],
    matched: str,
    student_id: str | None,
    roster: Mapping[str, Sequence[str]],
    *,
    by: str,
    at: datetime,
) -> StudentDecision:
    """Return the decision to append to the page's `log`; raises DecisionRefused.

    `matched` is the student whom the reader's match names now ("" for none), `roster` has the student ids of each
    identifier.
    """
    _check_who(by, at)
    if student_id and not any(student_id in students for students in roster.values()):
        raise DecisionRefused(_NOT_ON_ROSTER)
    return StudentDecision(_next(log), by, at, matched, student_id)


def effective(reading: PageReading, decisions: Sequence[Decision]) -> EffectivePage:
    """Return the page as it counts, whatever the order in which `decisions` come.

    Raises ValueError when two of them have one number.
    """
    latest: dict[str, FieldDecision] = {}
    student: StudentDecision | None = None
    if len({decision.number for decision in decisions}) < len(decisions):
        raise ValueError("two decisions of one page have the same number")
    for decision in sorted(decisions, key=lambda decision: decision.number):
        if isinstance(decision, FieldDecision):
            latest[decision.field] = decision
        else:
            student = decision
    fields, decided, changes = dict(reading.fields), set[str](), list[Change]()
    for name, decision in sorted(latest.items()):
        if decision.marked is None:
            continue
        now = reading.fields.get(name)
        decided.add(name)
        fields[name] = _as_decided(name, decision.marked, now)
        if _mark(now) != decision.was:
            changes.append(Change(decision, _mark(now)))
    counting = student if student is not None and student.student_id is not None else None
    return EffectivePage(replace(reading, fields=fields), frozenset(decided), counting, tuple(changes))


def _as_decided(name: str, marked: tuple[str, ...], now: FieldReading | None) -> FieldReading:
    state = (MarkState.BLANK, MarkState.SINGLE, MarkState.MULTIPLE)[min(len(marked), 2)]
    return FieldReading(name, state, marked, 1.0, now.darkness if now else ())


def _mark(found: FieldReading | None) -> Mark | None:
    return Mark(found.state, found.marked) if found else None


def _next(log: Sequence[Decision]) -> int:
    return max((decision.number for decision in log), default=0) + 1


def _in_order(block: Block, marked: Iterable[str] | None) -> tuple[str, ...] | None:
    if marked is None:
        return None
    wanted = tuple(marked)
    if not set(wanted) <= set(block.choices):
        raise DecisionRefused(_CHOICE_UNKNOWN)
    if len(set(wanted)) < len(wanted):
        raise DecisionRefused(_CHOICE_TWICE)
    return tuple(choice for choice in block.choices if choice in wanted)


def _check_who(by: str, at: datetime) -> None:
    if not by.strip():
        raise DecisionRefused(_NOBODY)
    if at.utcoffset() is None:
        raise DecisionRefused(_NO_MOMENT)
