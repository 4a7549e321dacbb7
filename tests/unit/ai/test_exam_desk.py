"""Giving an exam its sheet and key, and ordering the work that follows (OMR-1, OMR-5, AI-1)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.unit.ai.papers import code_of, faults, key_of, page
from tests.unit.ai.room import QUEUES, Room

from academy.application.academics.form import FieldsRefused
from academy.application.ai.job_types import (
    ATTENDANCE_EXPORT,
    NOTES,
    ROSTER_PREVIEW,
    SCORE_EXPORT,
    SHEETS,
)
from academy.application.errors import Conflict, NotFound, Refused
from academy.domain.document.document import DocumentPurpose, DocumentState
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.key import AnswerKey
from academy.domain.omr.sheet import Anchor, SheetSpec
from academy.domain.omr.standard import standard_sheet

ONE = "1" * 8


def sheet_of(room: Room) -> ExamSheet:
    return room.do(lambda tx: room.desk.sheet(tx, room.staff, room.exam.id))


def blank_spec() -> SheetSpec:
    return replace(standard_sheet(5), anchor=Anchor.BLANK)


@pytest.mark.requirement("OMR-1")
def test_a_sheet_and_a_key_count_their_changes(room: Room) -> None:
    found = sheet_of(room)
    assert (found.revision, found.by, found.threshold, found.key) == (2, "staff", 0.9, key_of())
    room.set_sheet(threshold=0.8)
    changed = sheet_of(room)
    assert (changed.revision, changed.threshold, changed.key) == (3, 0.8, key_of())


@pytest.mark.requirement("OMR-1")
def test_an_exam_without_a_sheet_has_none(room: Room) -> None:
    bare = room.plan()
    with pytest.raises(NotFound) as missing:
        room.do(lambda tx: room.desk.sheet(tx, room.staff, bare.id))
    assert missing.value.what == "sheet"
    document = room.document()
    with pytest.raises(NotFound):
        room.do(lambda tx: room.desk.add_scan(tx, room.staff, bare.id, document.id))


@pytest.mark.requirement("OMR-1")
def test_fields_cannot_change_under_scans_but_places_can(room: Room) -> None:
    scan = room.scan(page(1, ONE))
    with pytest.raises(Conflict) as refused:
        room.set_sheet(standard_sheet(5, choices=4))
    assert code_of(refused) == "sheet_in_use"
    room.set_sheet(standard_sheet(5, landscape=True))
    assert (sheet_of(room).spec, room.scores()) == (standard_sheet(5, landscape=True), {"하나": 100.0})
    room.do(lambda tx: room.desk.remove_scan(tx, room.staff, scan.id))
    room.set_sheet(standard_sheet(10))
    assert len(sheet_of(room).spec.questions) == 10


@pytest.mark.requirement("OMR-1")
def test_a_sheet_that_the_key_does_not_fit_waits_for_the_key(room: Room) -> None:
    with pytest.raises(Conflict) as refused:
        room.set_sheet(standard_sheet(4))
    assert code_of(refused) == "sheet_key_misfit"
    room.do(lambda tx: room.desk.set_key(tx, room.staff, room.exam.id, None))
    room.set_sheet(standard_sheet(4))
    assert len(sheet_of(room).spec.questions) == 4


@pytest.mark.requirement("OMR-3")
def test_a_sheet_found_by_its_blank_needs_the_blank_and_others_take_none(room: Room) -> None:
    with pytest.raises(FieldsRefused) as missing:
        room.set_sheet(blank_spec())
    assert faults(missing) == {"blank_document_id": "blank_sheet_missing"}
    scan, blank = room.document(), room.document(DocumentPurpose.BLANK_SHEET)
    with pytest.raises(FieldsRefused) as other:
        room.set_sheet(blank_spec(), blank=scan.id)
    assert faults(other) == {"blank_document_id": "document_wrong_purpose"}
    theirs = room.document(DocumentPurpose.BLANK_SHEET, tenant_id="t2")
    with pytest.raises(NotFound):
        room.set_sheet(blank_spec(), blank=theirs.id)
    with pytest.raises(FieldsRefused) as unused:
        room.set_sheet(blank=blank.id)
    assert faults(unused) == {"blank_document_id": "blank_sheet_unused"}
    room.set_sheet(blank_spec(), blank=blank.id)
    assert sheet_of(room).blank_document_id == blank.id


@pytest.mark.requirement("OMR-4")
@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_is_a_chance(room: Room, threshold: float) -> None:
    with pytest.raises(FieldsRefused) as refused:
        room.set_sheet(threshold=threshold)
    assert faults(refused) == {"threshold": "sheet_threshold"}


@pytest.mark.requirement("OMR-5")
def test_a_wrong_key_is_refused_item_by_item_and_the_old_one_stays(room: Room) -> None:
    items = key_of("19345").items
    wrong = AnswerKey(
        (*items[:3], replace(items[3], points=Decimal("0.001")), items[4], replace(items[4], question="7"))
    )
    with pytest.raises(FieldsRefused) as refused:
        room.set_key(wrong)
    assert faults(refused) == {
        "items.1": "key_choice_unknown",
        "items.3": "key_points",
        "items.5": "key_longer",
    }
    assert sheet_of(room).key == key_of()


@pytest.mark.requirement("OMR-5")
def test_a_key_shorter_than_the_sheet_names_what_is_missing_unless_the_exam_ends_before(room: Room) -> None:
    with pytest.raises(FieldsRefused) as refused:
        room.set_key(key_of("123"))
    assert faults(refused) == {"items": "key_shorter"}
    assert refused.value.failure.message.endswith("(4, 5)")
    assert refused.value.failure.message_ko.endswith("(4, 5)")
    room.set_key(key_of("123"), ends_before=True)
    room.scan(page(1, ONE, "12???"))
    assert room.queue().pages[0].doubtful == ("3",)


@pytest.mark.requirement("OMR-5")
def test_a_key_worth_more_than_the_exam_is_refused(room: Room) -> None:
    with pytest.raises(FieldsRefused) as refused:
        room.set_key(key_of(points="20.01"))
    assert faults(refused) == {"items": "key_above_max_score"}
    room.exam = room.plan(max_score=100.05)
    room.set_sheet()
    room.set_key(key_of(points="20.01"))


@pytest.mark.requirement("OMR-1")
def test_sheets_are_printed_for_the_roster_for_some_or_for_anybody(room: Room) -> None:
    job = room.do(lambda tx: room.desk.print_sheets(tx, room.staff, room.exam.id, [], 0))
    assert (job.type, job.queue, job.subject) == (SHEETS, QUEUES["ai_lite"], f"exam:{room.exam.id}")
    assert job.payload == {"exam_id": room.exam.id, "student_ids": [], "copies": 0}
    some = room.do(
        lambda tx: room.desk.print_sheets(tx, room.staff, room.exam.id, [room.sena.id], 0, "basic")
    )
    assert (some.payload["student_ids"], some.queue) == ([room.sena.id], QUEUES["ai_basic"])
    copies = room.do(lambda tx: room.desk.print_sheets(tx, room.staff, room.exam.id, [], 30))
    assert copies.payload["copies"] == 30


@pytest.mark.requirement("OMR-1")
def test_sheets_of_strangers_of_nobody_and_of_both_kinds_are_refused(room: Room) -> None:
    outsider = room.student("네모", "4" * 8, enrolled=False)
    wish = [room.hana.id, outsider.id, room.hana.id]
    with pytest.raises(FieldsRefused) as refused:
        room.do(lambda tx: room.desk.print_sheets(tx, room.staff, room.exam.id, wish, 0))
    assert faults(refused) == {"student_ids.1": "student_not_on_roster", "student_ids.2": "student_twice"}
    with pytest.raises(FieldsRefused) as both:
        room.do(lambda tx: room.desk.print_sheets(tx, room.staff, room.exam.id, [room.hana.id], 3))
    assert faults(both) == {"copies": "sheets_copies_and_students"}
    with pytest.raises(Refused) as many:
        room.do(lambda tx: room.desk.print_sheets(tx, room.staff, room.exam.id, [], 1001))
    assert code_of(many) == "payload_invalid"
    everybody = [room.hana.id, room.duri.id, room.sena.id]
    room.do(lambda tx: room.classes.leave(tx, room.staff, room.school_class.id, everybody, None))
    with pytest.raises(Refused) as empty:
        room.do(lambda tx: room.desk.print_sheets(tx, room.staff, room.exam.id, [], 0))
    assert code_of(empty) == "roster_empty"


@pytest.mark.requirement("OMR-2")
def test_a_scan_needs_a_whole_document_of_its_own(room: Room) -> None:
    def refusal(document_id: str) -> str:
        with pytest.raises((Refused, NotFound)) as refused:
            room.do(lambda tx: room.desk.add_scan(tx, room.staff, room.exam.id, document_id))
        failure = getattr(refused.value, "failure", None)
        return failure.code if failure else "not found"

    taken = room.scan(page(1, ONE)).document_id
    assert refusal(room.document(DocumentPurpose.PAPER).id) == "document_wrong_purpose"
    assert refusal(room.document(state=DocumentState.PENDING).id) == "document_not_ready"
    assert refusal(room.document(tenant_id="t2").id) == "not found"
    assert refusal(taken) == "scan_twice"
    assert len(room.do(lambda tx: room.desk.scans(tx, room.staff, room.exam.id))) == 1


@pytest.mark.requirement("AI-1")
def test_a_tier_that_is_not_allowed_is_refused_and_nothing_is_left(room: Room) -> None:
    document = room.document()
    for tier in ("lite", "golden"):
        with pytest.raises(Refused) as refused:
            room.do(lambda tx, t=tier: room.desk.add_scan(tx, room.staff, room.exam.id, document.id, t))  # type: ignore[misc]
        assert code_of(refused) == "tier_not_allowed"
    assert room.do(lambda tx: room.desk.scans(tx, room.staff, room.exam.id)) == []
    _, job = room.do(lambda tx: room.desk.add_scan(tx, room.staff, room.exam.id, document.id, "premium"))
    assert job.queue == QUEUES["ai_premium"]


@pytest.mark.requirement("DOC-3")
def test_notes_need_a_key_and_students_of_the_exam(room: Room) -> None:
    job = room.do(lambda tx: room.desk.make_notes(tx, room.staff, room.exam.id, [room.hana.id]))
    assert (job.type, job.payload["student_ids"], job.subject) == (
        NOTES,
        [room.hana.id],
        f"exam:{room.exam.id}",
    )
    room.do(lambda tx: room.desk.set_key(tx, room.staff, room.exam.id, None))
    with pytest.raises(Conflict) as refused:
        room.do(lambda tx: room.desk.make_notes(tx, room.staff, room.exam.id, []))
    assert code_of(refused) == "key_missing"


@pytest.mark.requirement("XLS-1")
def test_exports_and_previews_are_ordered_afresh_each_time(room: Room) -> None:
    given, day = room.school_class.id, date(2026, 3, 2)
    scores = [room.do(lambda tx: room.desk.export_scores(tx, room.staff, given)) for _ in range(2)]
    assert len({job.id for job in scores}) == 2
    assert {job.type for job in scores} == {SCORE_EXPORT}
    attendance = room.do(lambda tx: room.desk.export_attendance(tx, room.staff, given, day, day))
    assert (attendance.type, attendance.payload["since"]) == (ATTENDANCE_EXPORT, "2026-03-02")
    before = day - timedelta(days=1)
    with pytest.raises(FieldsRefused) as turned:
        room.do(lambda tx: room.desk.export_attendance(tx, room.staff, given, day, before))
    assert faults(turned) == {"until": "days_turned"}
    roster = room.document(DocumentPurpose.ROSTER)
    preview = room.do(lambda tx: room.desk.preview_roster(tx, room.staff, roster.id, "명단"))
    assert (preview.type, preview.payload) == (ROSTER_PREVIEW, {"document_id": roster.id, "sheet": "명단"})


@pytest.mark.requirement("AI-1")
def test_any_job_is_ordered_once_for_a_key_and_only_as_the_registry_says(room: Room) -> None:
    wish = {"class_id": room.school_class.id}
    first, again = (
        room.do(lambda tx: room.desk.order(tx, "t1", SCORE_EXPORT, wish, key="k1")) for _ in range(2)
    )
    assert first.id == again.id
    for name, payload, tier, code in (
        ("video.transcode", {}, "", "job_type_unknown"),
        (SCORE_EXPORT, wish, "golden", "tier_not_allowed"),
        (SCORE_EXPORT, {"class": 1}, "", "payload_invalid"),
    ):
        with pytest.raises(Refused) as refused:
            room.do(lambda tx, n=name, p=payload, t=tier: room.desk.order(tx, "t1", n, p, t))  # type: ignore[misc]
        assert code_of(refused) == code
