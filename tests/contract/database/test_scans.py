"""Scans and their pages in the database: numbered, written over by reading, and apart by academy."""

from dataclasses import replace
from datetime import date

import pytest
from tests.contract.database.academics import UNREAD, exam
from tests.contract.database.conftest import Place
from tests.contract.database.sheets import (
    BROKEN,
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
    sheet,
)

from academy.application.ports.exam_sheets import ScanPage
from academy.domain.academics.teaching import Score
from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.domain.omr.scan import Scan, ScanState


def scans_of(place: Place, exam_id: str = "e1", tenant: str = "t1") -> list[Scan]:
    return list(look(place, lambda tx: tx.scans.of_exam(tenant, exam_id)))


def timeless(found: Scan | None) -> Scan:
    assert found is not None
    return replace(found, created_at=UNREAD)


@pytest.mark.parametrize("state", ScanState)
def test_a_scan_is_read_as_it_was_written(place: Place, state: ScanState) -> None:
    exam_with_scan(place)
    failure = BROKEN if state is ScanState.FAILED else None
    given = scan("x2", 2, state=state, revision="r1", pages=30, failure=failure)
    before = look(place, lambda tx: tx.now())
    run(place, lambda tx: tx.scans.add(given))
    found = look(place, lambda tx: tx.scans.get("t1", "x2"))
    assert timeless(found) == given
    assert found is not None
    assert before <= found.created_at <= look(place, lambda tx: tx.now())
    assert place.database.run_sync(lambda tx: tx.scans.get("t1", "x2", lock=True)) == found


def test_saving_writes_what_changes_and_nothing_else(place: Place) -> None:
    exam_with_scan(place)
    changed = scan("x1", state=ScanState.FAILED, revision="r2", pages=3, job_id="j9", failure=BROKEN)
    other = replace(changed, number=7, document_id="d", file_name="n", by="somebody")
    run(place, lambda tx: tx.scans.save(other))
    assert timeless(look(place, lambda tx: tx.scans.get("t1", "x1"))) == changed


def test_scans_are_numbered_and_a_number_is_never_given_twice(place: Place) -> None:
    exam_with_scan(place)

    def number(exam_id: str = "e1") -> int:
        return look(place, lambda tx: tx.scans.next_number("t1", exam_id))

    assert number() == 2
    run(place, lambda tx: tx.scans.add(scan("x3", 3)), lambda tx: tx.scans.add(scan("x2", 2)))
    assert [each.id for each in scans_of(place)] == ["x1", "x2", "x3"]
    assert number() == 4
    run(place, lambda tx: tx.scans.remove("t1", "x3"), lambda tx: tx.scans.remove("t1", "x1"))
    assert [each.id for each in scans_of(place)] == ["x2"]
    # The sheet of the exam remembers, whatever else changes of it.
    run(place, lambda tx: tx.exam_sheets.save(sheet(revision=2)))
    assert number() == 4
    run(place, lambda tx: tx.teaching.add_exam(exam("e2")))
    assert number("e2") == 1
    assert number("oe1") == 1
    with pytest.raises(ValueError, match="refused"):
        run(place, lambda tx: tx.scans.add(scan("x9", 2)))


def test_a_number_is_given_before_the_exam_has_a_sheet(place: Place) -> None:
    exam_with_scan(place)
    run(
        place,
        lambda tx: tx.teaching.add_exam(exam("e2")),
        lambda tx: tx.scans.add(scan("y1", 4, exam_id="e2")),
        lambda tx: tx.exam_sheets.save(sheet("e2")),
    )
    assert look(place, lambda tx: tx.scans.next_number("t1", "e2")) == 5


@pytest.mark.requirement("API-2")
def test_scans_of_another_academy_are_not_found(place: Place) -> None:
    exam_with_scan(place)
    run(
        place,
        lambda tx: tx.scans.put_pages("t2", "r1", [page("ox1", 1)]),
        lambda tx: tx.scans.decide("t2", "ox1", 1, [on_student(1, "o1")]),
    )
    count_as(place, "ox1", "r1", "t2")
    before = rows(place)
    for wrong in (
        scan("z1", 9, exam_id="oe1"),
        scan("z1", 9, exam_id="none"),
        scan("z1", 9, "t2", exam_id="e1"),
    ):
        with pytest.raises(ValueError, match="no row"):
            run(place, lambda tx, wrong=wrong: tx.scans.add(wrong))  # type: ignore[misc]
    with pytest.raises(ValueError, match="no scan"):
        run(place, lambda tx: tx.scans.decide("t1", "ox1", 1, [on_field(2)]))
    with pytest.raises(ValueError, match="no scan"):
        run(place, lambda tx: tx.scans.decide("t1", "none", 1, [on_field(2)]))
    run(
        place,
        lambda tx: tx.scans.save(scan("ox1", exam_id="oe1", state=ScanState.FAILED)),
        lambda tx: tx.scans.put_pages("t1", "r1", [page("ox1", 1, rotation=3), page("none", 1)]),
        lambda tx: tx.scans.remove("t1", "ox1"),
    )
    assert place.database.run_sync(lambda tx: tx.scans.drop_pages("t1", "ox1", but="")) == []
    assert rows(place) == before
    assert look(place, lambda tx: tx.scans.get("t1", "ox1")) is None
    assert scans_of(place, "oe1") == []
    assert pages_of(place, "ox1") == {}
    assert look(place, lambda tx: tx.scans.page("t1", "ox1", 1)) is None
    assert look(place, lambda tx: tx.scans.decisions("t1", ["ox1"])) == {}
    assert pages_of(place, "ox1", "x1", tenant="t2") == {"ox1": [page("ox1", 1)]}
    assert log(place, "ox1", tenant="t2") == [on_student(1, "o1")]


@pytest.mark.requirement("OMR-2")
def test_every_page_is_read_as_it_was_written(place: Place) -> None:
    exam_with_scan(place)
    strange = {
        each: FieldReading(each, state, marked, confidence, (0.001, 0.999, 0.5))
        for each, state, marked, confidence in (
            ("문항 1", MarkState.SINGLE, ("①",), 1.0),
            ("b\0", MarkState.BLANK, (), 0.0),
            ("😀", MarkState.MULTIPLE, ("1", "2"), 0.8999999999999),
            ("", MarkState.AMBIGUOUS, ("2",), 1e-9),
        )
    }
    given = [
        page("x1", 1),
        ScanPage("x1", PageReading(2), ""),
        page("x1", 3, problem=BROKEN, code=None, fields={}, corners=(), size=(0, 0)),
        page("x1", 10, fields=strange, warnings=("a", "저대비"), rotation=0),
    ]
    run(
        place,
        lambda tx: tx.scans.put_pages("t1", "r1", given[::-1]),
        lambda tx: tx.scans.put_pages("t1", "r1", []),
    )
    assert pages_of(place, "x1") == {}
    count_as(place, "x1", "r1")
    assert pages_of(place, "x1", "none") == {"x1": given}
    assert pages_of(place) == {}
    assert look(place, lambda tx: tx.scans.page("t1", "x1", 3)) == given[2]
    assert look(place, lambda tx: tx.scans.page("t1", "x1", 4)) is None


def test_many_pages_of_several_scans_are_written_at_once(place: Place) -> None:
    exam_with_scan(place)
    run(place, lambda tx: tx.scans.add(scan("x2", 2)))
    given = [page(scan_id, number) for number in range(1, 1001) for scan_id in ("x1", "x2")]
    run(place, lambda tx: tx.scans.put_pages("t1", "r1", given))
    for scan_id in ("x1", "x2"):
        count_as(place, scan_id, "r1")
    found = pages_of(place, "x2", "x1")
    assert {scan_id: len(pages) for scan_id, pages in found.items()} == {"x1": 1000, "x2": 1000}
    assert found["x2"] == [each for each in given if each.scan_id == "x2"]


@pytest.mark.requirement("JOB-3")
def test_pages_of_one_reading_are_written_over_and_those_of_others_stay(place: Place) -> None:
    exam_with_scan(place)
    count_as(place, "x1", "r1")
    again = replace(page("x1", 1, rotation=1), overlay_key="new")
    run(
        place,
        lambda tx: tx.scans.put_pages("t1", "r1", [page("x1", 1), page("x1", 2)]),
        lambda tx: tx.scans.put_pages("t1", "r1", [page("x1", 1, rotation=3), again]),
        lambda tx: tx.scans.put_pages("t1", "r2", [page("x1", 1, "r2", rotation=0)]),
    )
    assert pages_of(place, "x1") == {"x1": [again, page("x1", 2)]}
    count_as(place, "x1", "r2")
    assert pages_of(place, "x1") == {"x1": [page("x1", 1, "r2", rotation=0)]}
    assert look(place, lambda tx: tx.scans.page("t1", "x1", 2)) is None
    with pytest.raises(ValueError, match="revision"):
        run(place, lambda tx: tx.scans.put_pages("t1", "", [page("x1", 1)]))


def test_pages_of_other_readings_are_dropped_and_their_overlays_named(place: Place) -> None:
    exam_with_scan(place)
    run(place, lambda tx: tx.scans.add(scan("x2", 2)))
    for revision in ("r1", "r2", "r3"):
        new = [page("x1", 1, revision), ScanPage("x1", PageReading(2), ""), page("x2", 1, revision)]
        run(place, lambda tx, r=revision, n=new: tx.scans.put_pages("t1", r, n))  # type: ignore[misc]
    count_as(place, "x1", "r2")
    dropped = place.database.run_sync(lambda tx: tx.scans.drop_pages("t1", "x1", but="r2"))
    assert dropped == ["overlays/x1/r1/1", "overlays/x1/r3/1"]
    assert pages_of(place, "x1") == {"x1": [page("x1", 1, "r2"), ScanPage("x1", PageReading(2), "")]}
    assert rows(place)[1] == 2 + 3
    assert place.database.run_sync(lambda tx: tx.scans.drop_pages("t1", "x1", but="r2")) == []


def test_removing_a_scan_leaves_nothing_of_it_and_all_of_the_others(place: Place) -> None:
    exam_with_scan(place)
    run(
        place,
        lambda tx: tx.scans.add(scan("x2", 2)),
        lambda tx: tx.scans.put_pages("t1", "r1", [page("x1", 1), page("x2", 1)]),
        lambda tx: tx.scans.put_pages("t1", "r2", [page("x1", 1)]),
        lambda tx: tx.scans.decide("t1", "x1", 1, [on_field(1)]),
        lambda tx: tx.scans.decide("t1", "x2", 1, [on_field(1)]),
        lambda tx: tx.scans.remove("t1", "x1"),
        lambda tx: tx.scans.remove("t1", "x1"),
        lambda tx: tx.scans.put_pages("t1", "r2", [page("x1", 2)]),
    )
    assert rows(place) == [2, 1, 1]
    assert log(place, "x2") == [on_field(1)]


def test_the_exams_that_have_pages_are_found_by_class_by_member_and_by_score(place: Place) -> None:
    exam_with_scan(place)

    def found(classes: list[str], students: list[str], tenant: str = "t1") -> list[str]:
        return list(look(place, lambda tx: tx.scans.exams_read(tenant, classes, students)))

    assert found(["c1"], ["s1"]) == []
    count_as(place, "x1", "r1")
    assert found(["c1"], []) == ["e1"]
    assert (found(["c2"], []), found(["c1"], [], "t2"), found([], [])) == ([], [], [])
    run(place, lambda tx: tx.teaching.enrol("t1", "c1", ["s1"], date(2026, 3, 1)))
    run(place, lambda tx: tx.teaching.leave("t1", "c1", ["s1"], date(2026, 3, 3)))
    run(place, lambda tx: tx.teaching.note_scores("t1", [Score("e1", "s2", 5.0, "omr", UNREAD)]))
    assert [found([], [each]) for each in ("s1", "s2", "s9")] == [["e1"], ["e1"], []]
    assert (found(["c1"], ["s1", "s2"]), found([], ["s1"], "t2")) == (["e1"], [])
