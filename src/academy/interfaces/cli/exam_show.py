"""The part of `academy demo` about an exam: sheets, a scan on its side, the review, results, wrong-answer notes."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from academy.contracts.omr import SheetSpecification
from academy.contracts.rest.exam_sheets import KeyEntry, StandardSheet
from academy.contracts.rest.jobs import JobView
from academy.contracts.rest.people import AddedStudentView, AddStudentRequest, AddStudentsRequest
from academy.contracts.rest.results import ExamResultsView
from academy.contracts.rest.scans import ReviewQueueView
from academy.interfaces.cli.console import Trouble, out
from academy.interfaces.cli.exam_checks import (
    CHOICES,
    NUMBER_POINTS,
    NUMBERS,
    PEOPLE,
    POINTS,
    QUESTIONS,
    Paper,
    answer_key,
    faults,
    papers,
)
from academy.interfaces.cli.exam_office import ExamClient

__all__ = ["show_exam"]

SEED = 20_261
UNSURE = 2
"""Marks that a person has to decide."""
SHOWN = 5
_NAMES = ["서연", "도윤", "하은", "시우", "지우", "서준", "하윤", "예준", "수아", "주원", "지아", "은우"]


def show_exam(office: ExamClient, headline: Callable[[str, str], None], folder: Path) -> None:
    """Hold an exam and look whether everything is right; pictures and PDFs go to `folder`. Raises Trouble, Refusal."""
    rng = Random(SEED)  # noqa: S311 (nothing is kept secret by it)
    folder.mkdir(parents=True, exist_ok=True)
    headline(
        "10  시험", f"an exam of {QUESTIONS} choices and {NUMBERS} numbers, a personal sheet for everybody"
    )
    class_id, students = _enrol(office)
    maximum = QUESTIONS * POINTS + NUMBERS * NUMBER_POINTS
    exam = office.add_exam(class_id, "6월 모의고사 수학", maximum)
    wish = StandardSheet(questions=QUESTIONS, choices=CHOICES, numbers=NUMBERS)
    sheet = office.set_sheet(exam.id, wish)
    key = answer_key(rng, sheet.questions)
    office.set_key(exam.id, key)
    _follow(office, office.print_sheets(exam.id), "인쇄 print")
    (printed,) = office.documents("sheets", f"exam:{exam.id}")
    office.fetch_document(printed.id, folder / "sheets.pdf")
    out.print(f"   {printed.file_name}, {printed.size / 1024:.0f} KiB")
    headline("11  스캔", "filled in by people from a seed, scanned as one PDF on its side")
    given = papers(rng, key)
    scan = folder / "scan.pdf"
    _fill(folder / "sheets.pdf", sheet.specification, given, scan)
    document = office.send_document(scan, "scan", "application/pdf", f"exam:{exam.id}")
    started = office.add_scan(exam.id, document.id)
    _follow(office, started.job, "판독 read")
    headline("12  검토", "what is not clear waits for a person; everything else has a score already")
    ordered = _in_order_of_sheets(students)
    truth = dict(zip((each.id or "" for each in ordered), given, strict=True))
    _decide(office, exam.id, truth, key)
    headline("13  성적", "scores, held against what everybody meant")
    results = office.results(exam.id)
    _show_results(results)
    if wrong := faults(results, truth, key):
        raise Trouble(f"the scores are not right: {'; '.join(wrong)}")
    out.print(f"   {PEOPLE} of {PEOPLE} scores as meant 모든 점수 일치")
    headline("14  오답노트", "a wrong-answer note, typeset")
    _show_note(office, exam.id, results, folder)


def _enrol(office: ExamClient) -> tuple[str, Sequence[AddedStudentView]]:
    # Whoever keeps the data may run it again: the class and the phones are new each time.
    number = uuid.uuid4().int % 10_000
    name = f"시험반 {number:04d}"
    class_id = office.add_class(name).id
    students = [
        AddStudentRequest(name=f"김{each}", phone=f"010{number:04d}{place:04d}", class_names=[name])
        for place, each in enumerate(_NAMES)
    ]
    return class_id, office.add_students(AddStudentsRequest(students=students)).students


def _in_order_of_sheets(students: Sequence[AddedStudentView]) -> Sequence[AddedStudentView]:
    return sorted(students, key=lambda student: (student.name, student.id or ""))


def _fill(sheets: Path, specification: SheetSpecification, given: Sequence[Paper], target: Path) -> None:
    from academy.bootstrap.sample_scan import Answers, scan_of  # noqa: PLC0415 - pictures are the AI worker's

    answers = [Answers(_fields(specification, paper), paper.unsure) for paper in given]
    scan_of(sheets, specification, answers, SEED, target)


def _fields(specification: SheetSpecification, paper: Paper) -> Mapping[str, str]:
    """Return the choice by field: a number's digits stand at the right of its columns."""
    found = dict[str, str]()
    for block in specification.blocks:
        if block.purpose == "choice":
            found |= {name: paper.answers[name] for name in block.fields if name in paper.answers}
        elif block.purpose == "number" and block.name in paper.answers:
            digits = paper.answers[block.name]
            found |= dict(zip(block.fields[-len(digits) :], digits, strict=True))
    return found


def _follow(office: ExamClient, job: JobView, what: str) -> JobView:
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.percentage:5.1f} %  {task.description}"))
    with Progress(*columns, console=out) as bar:
        task = bar.add_task(what, total=100.0)
        for last in office.follow(job.id):
            job = last
            done = 100.0 if job.state == "SUCCEEDED" else job.progress.percent if job.progress else 0.0
            bar.update(task, completed=done)
    if job.state != "SUCCEEDED":
        raise Trouble(f"the job ended {job.state}: {job.status_text}")
    return job


def _decide(office: ExamClient, exam_id: str, truth: Mapping[str, Paper], key: Sequence[KeyEntry]) -> None:
    """Decide what waits, as a person would who sees the sheet. Raises Trouble."""
    queue = office.review(exam_id)
    if queue.fields != UNSURE:
        raise Trouble(f"{queue.fields} marks wait for a person, not {UNSURE}")
    _show_queue(queue)
    for item in queue.items:
        page = office.page(item.scan_id, item.page)
        paper = truth[page.match.student_id]
        marked = {each.field: [paper.answers[each.field]] for each in item.fields}
        after = office.decide(item.scan_id, item.page, marked)
        assert after.score is not None
        out.print(f"   {page.match.name}: {', '.join(marked)} decided, {after.score.total:g} points")
    left = office.review(exam_id)
    if left.waiting:
        raise Trouble(f"{left.waiting} pages still wait")
    out.print(f"   {len(key) * PEOPLE - UNSURE} answers needed nobody")


def _show_queue(queue: ReviewQueueView) -> None:
    table = Table("쪽 page", "문항 question", "읽은 답 read", "확신 confidence")
    for item in queue.items:
        for each in item.fields:
            sure = "" if each.confidence is None else f"{each.confidence:.2f}"
            table.add_row(str(item.page), each.field, ", ".join(each.marked) or "-", sure)
    out.print(table)


def _show_results(results: ExamResultsView) -> None:
    table = Table("석차 rank", "이름 name", "점수 points", "맞은 문항 right")
    for each in results.students[:SHOWN]:
        right = sum(question.outcome == "right" for question in each.questions)
        table.add_row(str(each.rank), each.name, f"{each.total:g}", f"{right} / {len(each.questions)}")
    out.print(table)
    hardest = min(results.questions, key=lambda each: each.difficulty or 0.0)
    mean = results.exam.mean or 0.0
    out.print(
        f"   mean 평균 {mean:.1f}, hardest 가장 어려운 문항 {hardest.question} ({hardest.difficulty:.0%})"
    )


def _show_note(office: ExamClient, exam_id: str, results: ExamResultsView, folder: Path) -> None:
    student = results.students[-1]
    _follow(office, office.make_notes(exam_id, [student.student_id]), "조판 typeset")
    notes = office.documents("note", f"exam:{exam_id}:student:{student.student_id}")
    if not notes:
        raise Trouble("there is no note")
    office.fetch_document(notes[0].id, folder / "note.pdf")
    out.print(f"   {notes[0].file_name}, {notes[0].size / 1024:.0f} KiB")
