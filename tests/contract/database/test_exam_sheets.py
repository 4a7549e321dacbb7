"""Answer sheets and answer keys in the database: every sheet and every kind of answer comes back exactly."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.contract.database.academics import UNREAD, exam, school
from tests.contract.database.conftest import Place
from tests.contract.database.sheets import KEY, SPEC, look, run, sheet

from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.key import (
    AllRequired,
    AnswerKey,
    Either,
    KeyItem,
    Number,
    Partial,
    Single,
    Void,
    VoidMode,
)
from academy.domain.omr.parts import Anchor, Block, Grid, Marker, MarkerKind, Point, Purpose, Run, Shape
from academy.domain.omr.sheet import SheetSpec
from academy.domain.omr.standard import standard_sheet

FOREIGN = SheetSpec(
    id="vendor.v-2_b",
    version=65_535,
    width=210.04,
    height=296.93,
    anchor=Anchor.MARKERS,
    markers=tuple(
        Marker(kind, Point(x + 0.1, y + 0.2), 5.05, 0)
        for kind, x, y in (
            (MarkerKind.SQUARE, 10, 10),
            (MarkerKind.L, 195, 10),
            (MarkerKind.RINGS, 10, 280),
        )
    ),
    code=None,
    blocks=(
        Block(
            "문항",
            Purpose.CHOICE,
            Run.DOWN,
            Grid(Point(30, 60.3), 7.123456789, 6, 4, 3, Shape.BOX),
            ("가", "나"),
            ("①", "②", "③"),
        ),
    ),
)
EVERY_ANSWER = AnswerKey(
    (
        KeyItem("1", Single("3"), Decimal("2.50"), Decimal("0.1")),
        KeyItem("2", Either(("1", "4"))),
        KeyItem("3", AllRequired(("1", "2"))),
        KeyItem("4", AllRequired(("①", "5"), Partial(Decimal("0.7"), Decimal("0.35"), Decimal("-1.25")))),
        KeyItem(
            "n1",
            Number((Decimal("0.1"), Decimal("-12345678901234567.890"), Decimal("1E+3")), Decimal("0.05")),
        ),
        KeyItem("5", Void(VoidMode.FULL_POINTS), Decimal(10_000)),
        KeyItem("6", Void(VoidMode.NOT_COUNTED), Decimal("0.01")),
    ),
    below_zero=True,
)


def get(place: Place, exam_id: str = "e1", tenant: str = "t1") -> ExamSheet | None:
    return look(place, lambda tx: tx.exam_sheets.get(tenant, exam_id))


def timeless(found: ExamSheet | None) -> ExamSheet:
    assert found is not None
    return replace(found, updated_at=UNREAD)


@pytest.mark.requirement("OMR-1", "OMR-3")
@pytest.mark.parametrize(
    "spec",
    [FOREIGN, standard_sheet(45), standard_sheet(100, 2), standard_sheet(20, 4, 6, 4, landscape=True)],
    ids=lambda spec: spec.id,
)
def test_a_sheet_is_read_as_it_was_written(place: Place, spec: SheetSpec) -> None:
    school(place)
    given = sheet(spec=spec, threshold=0.87654321, blank_document_id="d9", revision=3)
    run(place, lambda tx: tx.exam_sheets.save(given))
    assert timeless(get(place)) == given
    locked = place.database.run_sync(lambda tx: tx.exam_sheets.get("t1", "e1", lock=True))
    assert timeless(locked) == given


@pytest.mark.requirement("OMR-5")
def test_every_kind_of_answer_is_kept_to_the_last_place(place: Place) -> None:
    school(place)
    run(place, lambda tx: tx.exam_sheets.save(sheet(key=EVERY_ANSWER)))
    found = timeless(get(place)).key
    assert found == EVERY_ANSWER
    assert repr(found) == repr(EVERY_ANSWER)


def test_a_sheet_is_written_over_the_one_before(place: Place) -> None:
    school(place)
    run(place, lambda tx: tx.exam_sheets.save(sheet(key=KEY)))
    before = get(place)
    place.pass_time(60)
    before_now = get(place)
    changed = sheet(spec=FOREIGN, key=None, threshold=1.0, blank_document_id="d1", revision=2, by="owner")
    run(place, lambda tx: tx.exam_sheets.save(changed))
    after = get(place)
    assert timeless(before).key == KEY
    assert timeless(after) == changed
    assert after is not None
    assert before_now is not None
    assert after.updated_at - before_now.updated_at >= timedelta(seconds=60)


def test_the_time_of_a_change_is_the_databases(place: Place) -> None:
    school(place)
    before = look(place, lambda tx: tx.now())
    run(place, lambda tx: tx.exam_sheets.save(sheet()))
    found, after = get(place), look(place, lambda tx: tx.now())
    assert found is not None
    assert before <= found.updated_at <= after


def test_an_exam_without_a_sheet_has_none(place: Place) -> None:
    school(place)
    run(place, lambda tx: tx.teaching.add_exam(exam("e2")), lambda tx: tx.exam_sheets.save(sheet()))
    assert get(place, "e2") is None
    assert get(place, "none") is None


@pytest.mark.requirement("API-2")
def test_a_sheet_is_for_an_exam_of_the_academy_only(place: Place) -> None:
    school(place)
    theirs = sheet("oe1", "t2", key=KEY)
    run(place, lambda tx: tx.exam_sheets.save(theirs))
    for wrong in (sheet("oe1", "t1"), sheet("none", "t1"), sheet("e1", "t2")):
        with pytest.raises(ValueError, match="no row"):
            run(place, lambda tx, wrong=wrong: tx.exam_sheets.save(wrong))  # type: ignore[misc]
    assert get(place, "oe1") is None
    assert get(place, "e1") is None
    assert get(place, "e1", "t2") is None
    assert timeless(get(place, "oe1", "t2")) == theirs


def test_a_sheet_is_small(place: Place) -> None:
    """A sheet is read for every change of its exam's results."""
    school(place)
    run(place, lambda tx: tx.exam_sheets.save(sheet(spec=SPEC, key=KEY)))
    size = 'SELECT length(spec) + length("key") FROM exam_sheets'
    assert place.connections.read(lambda each: each.exec_driver_sql(size).scalar_one()) < 8000
