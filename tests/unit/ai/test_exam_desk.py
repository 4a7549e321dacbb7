"""Giving an exam its sheet, its key and its scans (OMR-1, OMR-2, OMR-5)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.unit.ai.papers import code_of, faults, key_of, page
from tests.unit.ai.room import Room

from academy.application.academics.exams import ExamChange
from academy.application.academics.form import FieldsRefused
from academy.application.ai.job_types import BLANK_CHECK
from academy.application.errors import Conflict, NotFound, Refused
from academy.application.jobs.settle import settle
from academy.application.ports.database import JobFilter, Lease, Settlement
from academy.domain.document.document import DocumentPurpose, DocumentState
from academy.domain.failures import Failure
from academy.domain.job.states import JobState
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


@pytest.mark.requirement("OMR-5")
def test_an_exam_cannot_be_worth_less_than_its_key(room: Room) -> None:
    with pytest.raises(FieldsRefused) as refused:
        room.change(ExamChange(max_score=99.0))
    assert faults(refused) == {"max_score": "max_score_below_key"}
    assert room.do(lambda tx: room.exams.get(tx, room.staff, room.exam.id)).max_score == 100.0
    room.set_key(key_of(points="19.8"))
    room.change(ExamChange(max_score=99.0))
    room.do(lambda tx: room.desk.set_key(tx, room.staff, room.exam.id, None))
    room.change(ExamChange(max_score=50.0))
    assert room.do(lambda tx: room.exams.get(tx, room.staff, room.exam.id)).max_score == 50.0


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


@pytest.mark.requirement("OMR-3")
def test_a_blank_that_cannot_be_read_is_refused_and_no_scan_waits_for_it(room: Room) -> None:
    """The job that looks at it is ordered once, when the exam gets it."""
    blank, document = room.document(DocumentPurpose.BLANK_SHEET), room.document()
    room.set_sheet(blank_spec(), blank=blank.id)
    room.set_sheet(blank_spec(), threshold=0.8, blank=blank.id)
    (job,) = room.do(lambda tx: tx.jobs.list(JobFilter(type=BLANK_CHECK), "", 10)).items
    assert (job.payload, job.queue) == ({"document_id": blank.id}, "lite-queue")
    scan = room.do(lambda tx: room.desk.add_scan(tx, room.staff, room.exam.id, document.id))[0]
    broken = Failure("blank_broken", "The empty sheet is damaged.", "빈 답안지가 손상되었습니다.")
    running = room.claim(job)
    end = Settlement(Lease(job.id, running.token), JobState.FAILED, failure=broken)
    room.do(lambda tx: settle(tx, room.types, [(running, end)]))
    with pytest.raises(Conflict) as again:
        room.set_sheet(blank_spec(), blank=blank.id)
    other = room.document()
    with pytest.raises(Conflict) as added:
        room.do(lambda tx: room.desk.add_scan(tx, room.staff, room.exam.id, other.id))
    assert code_of(again) == code_of(added) == "blank_broken"
    room.set_sheet(blank_spec(), blank=room.document(DocumentPurpose.BLANK_SHEET).id)
    room.do(lambda tx: room.desk.add_scan(tx, room.staff, room.exam.id, other.id))
    assert scan.number == 1
