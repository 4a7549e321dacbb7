"""What people decide about pages is appended and never overwritten, and what happens at the same moment does no harm."""

from dataclasses import replace

import pytest
from tests.contract.database.conftest import Place
from tests.contract.database.sheets import (
    MARKED,
    at_once,
    count_as,
    exam_with_scan,
    log,
    look,
    on_field,
    on_student,
    page,
    pages_of,
    rows,
    run,
    scan,
)

from academy.application.ports.database import Transaction
from academy.application.ports.exam_sheets import DecisionTaken
from academy.domain.omr.decisions import Decision

ROUNDS = 12


def decide(place: Place, *decisions: Decision, number: int = 1) -> None:
    run(place, lambda tx: tx.scans.decide("t1", "x1", number, decisions))


@pytest.mark.requirement("OMR-4")
def test_decisions_are_appended_and_survive_every_reading(place: Place) -> None:
    exam_with_scan(place)
    first: list[Decision] = [on_field(1), on_student(2), on_field(3, "2", ()), on_field(4, "n1-1", None)]
    more: list[Decision] = [
        on_student(5, ""),
        on_student(6, None, "b"),
        replace(on_field(7), was=None, marked=("①", "2")),
    ]
    decide(place, *first)
    decide(place, *more[::-1])
    decide(place, on_field(1, by="c"), number=2)
    decide(place, number=3)
    run(place, lambda tx: tx.scans.put_pages("t1", "r2", [page("x1", 1, "r2")]))
    count_as(place, "x1", "r2")
    run(place, lambda tx: tx.scans.drop_pages("t1", "x1", but="r2"))
    assert log(place) == [*first, *more]
    found = look(place, lambda tx: tx.scans.decisions("t1", ["x1", "none"]))
    assert list(found) == [("x1", 1), ("x1", 2)]
    assert found["x1", 2] == [on_field(1, by="c")]
    assert look(place, lambda tx: tx.scans.decisions("t1", [])) == {}


@pytest.mark.requirement("OMR-4")
def test_a_number_that_is_taken_is_refused_and_nothing_is_appended(place: Place) -> None:
    exam_with_scan(place)
    decide(place, on_field(1), on_field(2))

    def refused_and_goes_on(tx: Transaction) -> None:
        with pytest.raises(DecisionTaken):
            tx.scans.decide("t1", "x1", 1, [on_field(3, by="b"), on_field(2, by="b"), on_field(4, by="b")])
        tx.scans.save(scan("x1", job_id="went on"))

    run(place, refused_and_goes_on)
    assert log(place) == [on_field(1), on_field(2)]
    saved = look(place, lambda tx: tx.scans.get("t1", "x1"))
    assert saved is not None
    assert saved.job_id == "went on"
    with pytest.raises(DecisionTaken):
        decide(place, on_field(2, by="b"))
    assert log(place) == [on_field(1), on_field(2)]


@pytest.mark.requirement("OMR-4")
def test_of_two_who_decide_at_once_one_is_told_and_loses_nothing(place: Place) -> None:
    exam_with_scan(place)
    for at in range(ROUNDS):
        # Overlapping batches in opposite order, as two people's would be who both saw `at` decisions.
        given = {by: [on_field(3 * at + n, str(n), ("1",), by) for n in (1, 2, 3)] for by in ("a", "b")}
        answers = at_once(
            place,
            lambda tx, g=given: tx.scans.decide("t1", "x1", 1, g["a"]),  # type: ignore[misc]
            lambda tx, g=given: tx.scans.decide("t1", "x1", 1, g["b"][::-1]),  # type: ignore[misc]
        )
        assert sorted(answers) == ["", "DecisionTaken"]
        winner = "a" if answers[0] == "" else "b"
        assert log(place)[-3:] == given[winner]
    assert len(log(place)) == 3 * ROUNDS


def test_two_who_decide_on_different_pages_do_not_meet(place: Place) -> None:
    exam_with_scan(place)
    for at in range(1, ROUNDS):
        works = [
            lambda tx, a=at, n=number: tx.scans.decide("t1", "x1", n, [on_field(a)]) for number in (1, 2)
        ]
        assert at_once(place, *works) == ["", ""]


@pytest.mark.requirement("JOB-3")
def test_a_reading_that_ends_while_its_scan_is_removed_leaves_nothing(place: Place) -> None:
    exam_with_scan(place)
    for at in range(ROUNDS):
        name = f"y{at}"
        run(place, lambda tx, n=name, a=at: tx.scans.add(scan(n, a + 2)))  # type: ignore[misc]
        given = [replace(page(name, number), overlay_key="") for number in range(1, 40)]
        at_once(
            place,
            lambda tx, g=given: tx.scans.put_pages("t1", "r1", g),  # type: ignore[misc]
            lambda tx, n=name: tx.scans.remove("t1", n),  # type: ignore[misc]
        )
        assert rows(place)[1] == 0


def test_two_readings_write_their_pages_at_once(place: Place) -> None:
    exam_with_scan(place)
    count_as(place, "x1", "r1")
    for at in range(ROUNDS):
        new = [page("x1", number, fields={"1": MARKED}, rotation=at % 4) for number in range(1, 30)]
        works = [lambda tx, n=pages: tx.scans.put_pages("t1", "r1", n) for pages in (new, new[::-1])]
        assert at_once(place, *works) == ["", ""]
        assert pages_of(place, "x1") == {"x1": new}
