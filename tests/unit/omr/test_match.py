"""Whose page it is: certain, or a person's business with a reason (OMR-5)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.failures import Failure
from academy.domain.omr import match as words
from academy.domain.omr.decisions import EffectivePage, StudentDecision, effective
from academy.domain.omr.match import Match, identifier_of, match_pages
from academy.domain.omr.reading import FieldReading, MarkState, PageReading, SheetCode
from academy.domain.omr.sheet import Block, Grid, Point, Purpose, Run

pytestmark = pytest.mark.requirement("OMR-5")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DIGITS = tuple("0123456789")
PLACES = tuple(f"id{place}" for place in range(8))
BLOCKS = (
    Block("identifier", Purpose.IDENTIFIER, Run.ACROSS, Grid(Point(20, 20), 6, 6, 4, 3), PLACES, DIGITS),
)
ROSTER = {"12345678": ("mina",), "87654321": ("jun",), "11112222": ("seo", "yun"), "12345679": ("hana",)}


def page(
    marked: str, number: int = 1, code: SheetCode | None = None, confidence: float = 1.0
) -> EffectivePage:
    """Return a page with these digits: "_" blank, "?" doubtful, "*" two marks."""
    states = {"_": MarkState.BLANK, "?": MarkState.AMBIGUOUS, "*": MarkState.MULTIPLE}
    fields = {
        name: FieldReading(
            name,
            states.get(mark, MarkState.SINGLE),
            {"_": (), "?": ("1", "2"), "*": ("3", "4")}.get(mark, (mark,)),
            confidence,
            (),
        )
        for name, mark in zip(PLACES, marked, strict=False)
    }
    return effective(PageReading(number, code=code, fields=fields), [])


def printed(student: str = "", exam: str = "e1", sheet: int = 1) -> SheetCode:
    return SheetCode("s", 1, exam, student, sheet)


def match(*pages: EffectivePage, blocks: Sequence[Block] = BLOCKS) -> tuple[Match, ...]:
    return match_pages(pages, blocks, ROSTER, exam_id="e1", threshold=0.9)


def one(entry: EffectivePage, blocks: Sequence[Block] = BLOCKS) -> Match:
    (found,) = match(entry, blocks=blocks)
    assert (found.reason is None) == bool(found.student_id)
    return found


def by_person(entry: EffectivePage, student: str, was: str = "") -> EffectivePage:
    return replace(entry, student=StudentDecision(1, "kim", AT, was, student))


def test_an_identifier_of_the_roster_names_the_student() -> None:
    assert one(page("12345678")) == Match(1, "mina", identifier="12345678", by_reader="mina")


@pytest.mark.parametrize(
    ("entry", "reason", "candidates"),
    [
        (page("00000000"), words.NOT_ON_ROSTER, ()),
        (page("________"), words.IDENTIFIER_BLANK, ()),
        (page("1234567?"), words.IDENTIFIER_UNREADABLE, ("mina", "hana")),
        (page("1234567_"), words.IDENTIFIER_UNREADABLE, ("mina", "hana")),
        (page("123*5678"), words.IDENTIFIER_UNREADABLE, ("mina",)),
        (page("123_????"), words.IDENTIFIER_UNREADABLE, ()),
        (page("12345678", confidence=0.89), words.IDENTIFIER_UNREADABLE, ()),
        (page("1234567"), words.IDENTIFIER_UNREADABLE, ("mina", "hana")),
        (page("11112222"), words.SEVERAL_STUDENTS, ("seo", "yun")),
        (page("12345678", code=printed("mina", exam="e2")), words.OTHER_EXAM, ("mina",)),
        (page("12345678", code=printed("jun")), words.CODE_DISAGREES, ("jun", "mina")),
        (page("1????678", code=printed("jun")), words.CODE_DISAGREES, ("jun", "mina")),
        (page("12345678", code=printed("stranger")), words.CODE_NOT_ON_ROSTER, ("mina",)),
    ],
)
def test_what_is_not_certain_goes_to_a_person(
    entry: EffectivePage, reason: Failure, candidates: tuple[str, ...]
) -> None:
    found = one(entry)
    assert (found.reason, found.candidates) == (reason, candidates)


def test_every_reason_is_said_in_english_and_korean() -> None:
    reasons = [value for value in vars(words).values() if isinstance(value, Failure)]
    assert len({reason.code for reason in reasons}) == len(reasons) == 10
    assert all(reason.message.endswith(".") and reason.message_ko.endswith(".") for reason in reasons)


@pytest.mark.parametrize("marked", ["12345678", "________", "1234____", "????????", "1?3?5?7?"])
def test_the_code_names_the_student_where_no_digit_contradicts_it(marked: str) -> None:
    assert one(page(marked, code=printed("mina"))).student_id == "mina"


def test_the_code_decides_between_two_of_one_identifier() -> None:
    assert one(page("11112222", code=printed("yun"))).student_id == "yun"


def test_a_code_without_student_or_exam_leaves_the_identifier() -> None:
    assert one(page("12345678", code=printed(exam=""))).student_id == "mina"


def test_a_sheet_without_identifier_and_code_says_so() -> None:
    assert one(page(""), blocks=()).reason == words.NO_IDENTIFIER


def test_a_page_that_could_not_be_read_keeps_its_own_reason() -> None:
    blurred = Failure("page_blurred", "Blurred.")
    assert one(EffectivePage(PageReading(7, problem=blurred))) == Match(7, reason=blurred)


def test_a_student_who_comes_twice_is_nobody_until_a_person_says_which() -> None:
    first, second, other = page("12345678", 1), page("12345678", 2), page("87654321", 3)
    found = match(first, second, other)
    assert [entry.student_id for entry in found] == ["", "", "jun"]
    assert [entry.reason for entry in found] == [words.STUDENT_TWICE, words.STUDENT_TWICE, None]
    assert found[0].candidates == ("mina",)
    assert found[0].by_reader == "mina"
    settled = match(first, by_person(second, ""), other)
    assert [entry.student_id for entry in settled] == ["mina", "", "jun"]
    assert settled[1].reason == words.SET_ASIDE


def test_two_sheets_of_one_student_are_not_the_same_page() -> None:
    pages = [page("12345678", number, printed("mina", sheet=number)) for number in (1, 2)]
    assert [entry.student_id for entry in match(*pages)] == ["mina", "mina"]


def test_a_persons_word_on_the_student_stays_and_a_change_below_it_is_told() -> None:
    found = one(by_person(page("12345678"), "jun", was="mina"))
    assert (found.student_id, found.by_person, found.by_reader, found.changed) == ("jun", True, "mina", False)
    rerun = one(by_person(page("87654321"), "mina", was="mina"))
    assert (rerun.student_id, rerun.changed) == ("mina", True)


def test_a_person_may_take_a_sheet_of_another_exam_but_nobody_from_outside() -> None:
    foreign = page("12345678", code=printed("mina", exam="e2"))
    assert one(by_person(foreign, "mina")).student_id == "mina"
    assert one(by_person(foreign, "gone")).reason == words.NOT_ON_ROSTER


def test_a_person_who_gives_two_pages_to_one_student_is_asked_again() -> None:
    found = match(by_person(page("????????", 1), "mina"), page("12345678", 2))
    assert [entry.reason for entry in found] == [words.STUDENT_TWICE] * 2


MARKED = st.one_of(st.sampled_from(sorted(ROSTER)), st.text("0123456789_?*", min_size=8, max_size=8))
CODES = st.one_of(st.none(), st.builds(printed, st.sampled_from(["", "mina", "jun", "seo", "stranger"])))


@given(st.lists(st.tuples(MARKED, CODES), max_size=8), st.integers())
def test_no_two_pages_of_a_batch_go_to_one_student_in_whatever_order(
    entries: list[tuple[str, SheetCode | None]], seed: int
) -> None:
    pages = [page(marked, number, code) for number, (marked, code) in enumerate(entries, 1)]
    found = match(*pages)
    named = [entry.student_id for entry in found if entry.student_id]
    assert len(set(named)) == len(named)
    assert all((entry.reason is None) == bool(entry.student_id) for entry in found)
    shuffled = list(pages)
    Random(seed).shuffle(shuffled)
    assert sorted(match(*shuffled), key=lambda entry: entry.page) == list(found)


@given(MARKED)
def test_without_code_only_a_whole_identifier_names_a_student(marked: str) -> None:
    found = one(page(marked))
    if found.student_id:
        assert ROSTER[marked] == (found.student_id,)
    assert identifier_of(page(marked), BLOCKS, 0.9) == marked.replace("*", "?")
