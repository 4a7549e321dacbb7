"""Spreadsheets over the AI worker: exports, and a roster that is looked through and then taken (XLS-1)."""

import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter  # type: ignore[import-untyped]
from tests.integration.ai.hagwon import CLASS, EXAM, TENANT, Hagwon, open_hagwon

from academy.application.ai.documents import Documents
from academy.application.ai.job_types import ATTENDANCE_EXPORT, ROSTER_APPLY, ROSTER_PREVIEW, SCORE_EXPORT
from academy.application.ports.academics import PeopleFilter
from academy.application.ports.database import Transaction
from academy.application.ports.object_store import ObjectMissing
from academy.bootstrap.backends import open_uploads
from academy.contracts.rosters import RosterReport
from academy.domain.academics.teaching import Attendance, AttendanceStatus, Lecture, Score, Session
from academy.domain.document.document import DocumentPurpose, DocumentState, document_key
from academy.domain.job.states import JobState
from academy.domain.korea import korean_day
from academy.infrastructure.ids import new_id

pytestmark = [pytest.mark.timeout(120), pytest.mark.requirement("XLS-1")]

HEADER = ["이름", "학생 연락처", "학부모 연락처", "학교", "반"]
ROWS = [
    ["김하늘", 1012345678, "010-2222-3333", "한빛고", "고2 수학"],
    ["이바다", "010-1111-4444", "", "한빛고", "고2 수학"],
]


@pytest.fixture
async def hagwon(tmp_path: Path) -> AsyncIterator[Hagwon]:
    """An academy with a class and an exam."""
    async with open_hagwon(tmp_path) as opened:
        yield opened


def workbook(rows: list[list[object]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("명단")
        for number, row in enumerate([HEADER, *rows]):
            sheet.write_row(number, 0, row)
    return target.getvalue()


async def uploaded(hagwon: Hagwon, content: bytes) -> str:
    file = hagwon.folder / "roster.xlsx"
    file.write_bytes(content)
    return await hagwon.upload(file, DocumentPurpose.ROSTER)


async def previewed(hagwon: Hagwon, document_id: str) -> RosterReport:
    job = await hagwon.done(hagwon.order(ROSTER_PREVIEW, {"document_id": document_id}))
    assert job.result is not None, job.failure
    file = await hagwon.fetch(job.result["document"], hagwon.folder / "preview.json")
    assert job.result["document"]["subject"] == f"roster:{document_id}"
    return RosterReport.model_validate_json(file.read_text())


def names(hagwon: Hagwon) -> list[str]:
    found = hagwon.read(lambda tx: tx.people.students(TENANT, PeopleFilter(), "", 100))
    return [student.name for student in found.items]


async def test_a_roster_is_looked_through_then_taken_and_its_file_let_go(hagwon: Hagwon) -> None:
    document_id = await uploaded(hagwon, workbook(ROWS))
    report = await previewed(hagwon, document_id)
    assert (report.new, report.refused, report.ready) == (2, 0, True)
    assert [(each.name, each.phone, each.classes) for each in report.first_rows] == [
        ("김하늘", "01012345678", ["고2 수학"]),
        ("이바다", "01011114444", ["고2 수학"]),
    ]
    assert names(hagwon) == []

    wish = {
        "document_id": document_id,
        "digest": report.digest,
        "choice": report.choice.model_dump(mode="json"),
    }
    job = await hagwon.done(hagwon.order(ROSTER_APPLY, wish))
    assert job.result is not None, job.failure
    assert (job.result["added"], job.result["enrolments"]) == (2, 2)
    assert names(hagwon) == ["김하늘", "이바다"]
    assert hagwon.read(lambda tx: tx.documents.get(TENANT, document_id)) is None
    backends = hagwon.backends
    async with open_uploads(backends.settings, backends.clock, backends.settings.bucket_ai) as uploads:
        assert await Documents(backends.database, backends.ai_objects, uploads, new_id).sweep() == 1
    with pytest.raises(ObjectMissing):
        await backends.ai_objects.head(document_key(TENANT, document_id))
    again = await hagwon.done(hagwon.order(ROSTER_APPLY, wish))
    assert again.failure is not None
    assert again.failure.code == "roster_applied"
    unknown = await hagwon.done(hagwon.order(ROSTER_APPLY, {**wish, "document_id": new_id()}))
    assert unknown.failure is not None
    assert unknown.failure.code == "document_missing"


async def test_a_fault_is_told_by_row_and_column_and_keeps_all_from_being_taken(hagwon: Hagwon) -> None:
    document_id = await uploaded(hagwon, workbook([*ROWS, ["박산", "010-12", "", "", ""]]))
    report = await previewed(hagwon, document_id)
    assert (report.new, report.refused, report.ready) == (2, 1, False)
    assert [(each.row, each.column) for each in report.faults] == [(4, "B")]
    wish = {
        "document_id": document_id,
        "digest": report.digest,
        "choice": report.choice.model_dump(mode="json"),
    }
    job = await hagwon.done(hagwon.order(ROSTER_APPLY, wish))
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.code == "sheet_rows_refused"
    assert names(hagwon) == []
    document = hagwon.read(lambda tx: tx.documents.get(TENANT, document_id))
    assert document is not None
    assert document.state is DocumentState.READY, "for another try"


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"%PDF-1.7\n"])
async def test_what_is_no_spreadsheet_fails_at_once(hagwon: Hagwon, content: bytes) -> None:
    job = await hagwon.done(hagwon.order(ROSTER_PREVIEW, {"document_id": await uploaded(hagwon, content)}))
    assert (job.state, job.attempt) == (JobState.FAILED, 1)
    assert job.failure is not None
    assert job.failure.code.startswith("sheet_")


async def test_another_file_than_the_previewed_one_is_not_taken(hagwon: Hagwon) -> None:
    report = await previewed(hagwon, await uploaded(hagwon, workbook(ROWS)))
    other = await uploaded(hagwon, workbook(ROWS[:1]))
    wish = {"document_id": other, "digest": report.digest, "choice": report.choice.model_dump(mode="json")}
    job = await hagwon.done(hagwon.order(ROSTER_APPLY, wish))
    assert job.failure is not None
    assert job.failure.code == "sheet_changed"
    assert names(hagwon) == []


async def test_attendance_and_scores_of_a_class_are_exported(hagwon: Hagwon) -> None:
    hagwon.enrol(2)

    def teach(tx: Transaction) -> None:
        now = tx.now()
        tx.teaching.add_lecture(Lecture("lecture-1", TENANT, CLASS, "수학 I", now, now))
        for number, held in enumerate((now - timedelta(days=30), now), 1):
            tx.teaching.add_session(
                Session(f"session-{number}", TENANT, "lecture-1", number, "", held, now, now)
            )
            note = Attendance(f"session-{number}", "student-1", AttendanceStatus.PRESENT, "", "staff", now)
            tx.teaching.note_attendance(TENANT, [note])
        tx.teaching.note_scores(TENANT, [Score(EXAM, "student-2", 85.0, "staff", now)])

    hagwon.run(teach)
    since = korean_day(hagwon.read(lambda tx: tx.now()) - timedelta(days=7)).isoformat()
    whole = hagwon.order(ATTENDANCE_EXPORT, {"class_id": CLASS})
    late = hagwon.order(ATTENDANCE_EXPORT, {"class_id": CLASS, "since": since})
    scores = hagwon.order(SCORE_EXPORT, {"class_id": CLASS})
    gone = hagwon.order(SCORE_EXPORT, {"class_id": "none"})
    async with hagwon.working():
        jobs = [await hagwon.ended(each) for each in (whole, late, scores, gone)]
    assert [job.state for job in jobs] == [JobState.SUCCEEDED] * 3 + [JobState.FAILED]
    assert jobs[3].failure is not None
    assert jobs[3].failure.code == "class_missing"
    tables = []
    for number, job in enumerate(jobs[:3]):
        assert job.result is not None
        file = await hagwon.fetch(job.result["document"], hagwon.folder / f"{number}.xlsx")
        assert job.result["document"]["file_name"].endswith(".xlsx"), json.dumps(job.result)
        tables.append(python_calamine.CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python())
    assert any("차시" in str(cell) for cell in tables[0][1])
    assert len(tables[0][1]) == len(tables[1][1]) + 1
    assert tables[0][2][4:6] == ["○", "○"]
    assert tables[2][0][0] == "고2 수학 성적표"
    assert 85.0 in tables[2][3]
