"""Ordering work about exams and classes (OMR-1, DOC-2, DOC-3, XLS-1, AI-1)."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from tests.unit.ai.papers import code_of, faults, key_of, page
from tests.unit.ai.room import QUEUES, Room

from academy.application.academics.form import FieldsRefused
from academy.application.ai.job_types import (
    ATTENDANCE_EXPORT,
    NOTES,
    ROSTER_PREVIEW,
    SCORE_EXPORT,
    SEGMENTATION,
    SHEETS,
)
from academy.application.errors import Conflict, Refused
from academy.application.jobs.admission import Admission
from academy.application.jobs.intake import Intake
from academy.application.ports.job_queue import Delivery, Receipt
from academy.domain.document.document import DocumentPurpose
from academy.domain.job.job import Job

ONE = "1" * 8


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


async def admitted(room: Room, payload: dict[str, Any]) -> Admission:
    """Take a message with an order of notes as a worker does."""
    intake = Intake(
        room.database,
        room.types,
        worker="w1",
        lease=timedelta(minutes=1),
        new_id=room.new_id,
        queue_tenants={"basic-queue": "t1"},
        handled=frozenset({NOTES}),
    )
    room.do(lambda tx: tx.tenants.add("t1", "t1", "하나"))
    body = json.dumps({"job_id": room.new_id(), "job_type": NOTES, "tenant_id": "t1", "payload": payload})
    return await intake.admit([Delivery("m1", body, Receipt("basic-queue", "r1"), 1, room.clock.now())])


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


@pytest.mark.requirement("DOC-3")
async def test_more_notes_than_one_job_makes_are_refused_before_any_is_made(room: Room) -> None:
    room.set_key(key_of(points="1"))
    others = [room.student(f"학생{at:03}", f"{at:08}") for at in range(1, 202)]
    wrong = [page(at, each.identifier, "-2345") for at, each in enumerate(others, 1)]
    room.scan(page(500, ONE), *wrong)

    def order(students: list[str]) -> Job:
        return room.do(lambda tx: room.desk.make_notes(tx, room.staff, room.exam.id, students))

    for students in ([], [each.id for each in others]):
        with pytest.raises(Refused) as refused:
            order(students)
        assert code_of(refused) == "notes_too_many"
    with pytest.raises(Refused) as generic:
        room.do(lambda tx: room.desk.order(tx, "t1", NOTES, {"exam_id": room.exam.id}))
    assert code_of(generic) == "notes_too_many"
    admission = await admitted(room, {"exam_id": room.exam.id})
    ((_, error),) = admission.invalid
    assert error.reason.startswith("notes_too_many: At most 200 notes"), "a message becomes no job"
    (claimed,) = (
        await admitted(room, {"exam_id": room.exam.id, "student_ids": [each.id for each in others[1:]]})
    ).claimed
    assert claimed.job.type == NOTES
    assert order([each.id for each in others[1:]]).type == NOTES
    assert order([each.id for each in (room.hana, *others[1:])]).type == NOTES, (
        "who has none wrong has no note"
    )


@pytest.mark.requirement("DOC-2")
def test_the_questions_of_an_exam_that_there_is_not_are_not_looked_for(room: Room) -> None:
    paper = room.document(DocumentPurpose.PAPER)

    def order(tenant_id: str, exam_id: str) -> Job:
        payload = {"document_id": paper.id, "exam_id": exam_id}
        return room.do(lambda tx: room.desk.order(tx, tenant_id, SEGMENTATION, payload))

    for tenant_id, exam_id in (("t1", "no-exam"), ("t2", room.exam.id)):
        with pytest.raises(Refused) as refused:
            order(tenant_id, exam_id)
        assert code_of(refused) == "exam_unknown"
    assert order("t1", room.exam.id).type == order("t1", "").type == SEGMENTATION


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
