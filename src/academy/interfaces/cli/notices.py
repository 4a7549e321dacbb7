"""The part of `academy demo` about messages: a class, a text to every parent, a reservation called off, the books."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from academy.contracts.rest.jobs import JobView
from academy.contracts.rest.messages import OrderMessagesRequest, OrderReportView, PreviewView
from academy.contracts.rest.people import AddParentRequest, AddStudentRequest, AddStudentsRequest
from academy.interfaces.cli.console import Trouble, out, when
from academy.interfaces.cli.embedded import EmbeddedSystem
from academy.interfaces.cli.notice_checks import PEOPLE, TEXT, Noticed, Pupil, faults, roll
from academy.interfaces.cli.office import OfficeClient

__all__ = ["show_notices"]

LAST_LINES_SECONDS = 5.0
"""How long what the provider has printed may be on its way to us."""
SHOWN = 3
"""How many rows of forty are printed."""


def show_notices(system: EmbeddedSystem, office: OfficeClient, headline: Callable[[str, str], None]) -> None:
    """Write to the parents of a class and look whether everything is right. Raises Trouble, Refusal."""
    # Whoever keeps the data may run it again: class and numbers are new each time.
    number = uuid.uuid4().int % 1_000_000
    pupils = roll(number)
    headline("5  명단", f"a class of {PEOPLE} students with their parents, in one request")
    class_id = _enrol(office, f"데모반 {number:06d}", pupils)
    headline("6  미리보기", "a template is filled in for every parent; nothing is sent yet")
    price, before = office.messaging_settings().prices.sms, office.balance()
    wish = OrderMessagesRequest(
        template_id=office.add_template(f"결석 알림 {number:06d}", TEXT).id,
        class_id=class_id,
        title="결석 알림",
    )
    preview = office.preview(wish)
    _show_preview(preview)
    headline("7  발송", "API → outbox → queue → worker → provider; lines are what would reach the phones")
    placed = office.order(wish)
    printed = _follow(system, office, placed.job)
    for line in printed[:SHOWN]:
        out.print(f"   {escape(line)}", soft_wrap=True)
    out.print(f"   … {max(0, len(printed) - SHOWN)} more")
    headline("8  예약 취소", "the same for tomorrow, called off before its time")
    tomorrow = placed.order.created_at + timedelta(days=1)
    later = office.order(wish.model_copy(update={"send_at": tomorrow, "title": "내일 예약"})).order.id
    _show_reserved(office.order_report(later))
    cancelled = office.cancel_order(later)
    headline("9  장부", "the log, the reports, the books")
    seen = Noticed(
        price=price,
        preview=preview,
        printed=[*printed, *_printed(system)],
        sent=office.order_report(placed.order.id),
        sent_log=office.log(placed.order.id),
        cancelled=cancelled,
        cancelled_log=office.log(later),
        before=before,
        after=office.balance(),
        transfers=office.transfers(4 * PEOPLE),
    )
    _show_log(seen)
    _show_reports(seen)
    _show_books(seen)
    if wrong := faults(seen, pupils):
        raise Trouble(f"the messages are not right: {'; '.join(wrong)}")
    out.print(
        f"   {PEOPLE} sent exactly once, {PEOPLE} called off and given back 정확히 한 번씩 발송, 예약은 취소"
    )


def _enrol(office: OfficeClient, name: str, pupils: Sequence[Pupil]) -> str:
    made = office.add_class(name)
    students = [
        AddStudentRequest(
            name=pupil.name,
            parents=[AddParentRequest(name=pupil.parent, phone=pupil.phone)],
            class_names=[name],
        )
        for pupil in pupils
    ]
    added = office.add_students(AddStudentsRequest(students=students))
    out.print(
        f"   {name}: {len(added.students)} students, {added.parents_created} parents, {added.enrolments} enrolments"
    )
    return made.id


def _follow(system: EmbeddedSystem, office: OfficeClient, job: JobView) -> list[str]:
    """Follow the job by server-sent events and return what the provider has printed. Raises Trouble."""
    columns = (
        SpinnerColumn(),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}  {task.description}"),
    )
    printed: list[str] = []
    with Progress(*columns, console=out) as bar:
        task = bar.add_task("대기 queued", total=PEOPLE)
        for last in office.follow(job.id):
            job = last
            printed += _printed(system)
            bar.update(
                task, completed=len(printed), description=escape(printed[-1]) if printed else "대기 queued"
            )
        while len(printed) < PEOPLE and (line := system.next_line(LAST_LINES_SECONDS)):
            printed.append(line)
        bar.update(task, completed=len(printed), description="완료 sent")
    if job.state != "SUCCEEDED":
        raise Trouble(f"the job ended {job.state}: {job.status_text}")
    return printed


def _printed(system: EmbeddedSystem) -> list[str]:
    lines: list[str] = []
    while line := system.next_line():
        lines.append(line)
    return lines


def _show_preview(preview: PreviewView) -> None:
    rows = [(item.name, item.to, item.channel, item.bytes, item.price, item.text) for item in preview.items]
    _table(("받는 사람 to", "번호 number", "way", "bytes", "won", "내용 text"), rows)
    out.print(
        f"   {preview.ready} ready, {preview.problems} problems, {preview.duplicates} duplicates; "
        f"{preview.cost:,} won of {preview.available:,}"
    )


def _show_reserved(report: OrderReportView) -> None:
    order = report.order
    out.print(
        f"   {order.total} messages {order.state} for {when(order.send_at)}, {report.reserved:,} won reserved; then called off"
    )


def _show_log(seen: Noticed) -> None:
    rows = [
        (entry.name, entry.to, entry.channel, entry.price, entry.state, f"…{entry.provider_id[-6:]}")
        for entry in seen.sent_log
    ]
    _table(("받는 사람 to", "번호 number", "way", "won", "state", "provider's number"), rows)


def _show_reports(seen: Noticed) -> None:
    rows = []
    for report in (seen.sent, seen.cancelled):
        counts = ", ".join(f"{count} {state}" for state, count in report.counts.items() if count)
        order = report.order
        rows.append((order.title, order.state, order.total, counts, f"{report.cost:,}", f"{report.spent:,}"))
    _table(("요청 order", "state", "total", "messages", "ordered won", "spent won"), rows)


def _show_books(seen: Noticed) -> None:
    names = ("funding", "available", "reserved", "spent")
    pairs = [(name, getattr(seen.before, name), getattr(seen.after, name)) for name in names]
    sums = ("합계 sum", sum(before for _, before, _ in pairs), sum(after for _, _, after in pairs))
    rows = [
        (name, f"{old:,}", f"{new:,}", f"{new - old:+,}" if new - old else "0")
        for name, old, new in (*pairs, sums)
    ]
    _table(("계정 account", "전 before", "후 after", "변화 change"), rows, shown=len(rows))


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, shown: int = SHOWN) -> None:
    table = Table(header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows[:shown]:
        table.add_row(*(escape(str(cell)) for cell in row))
    if len(rows) > shown:
        table.add_row(f"… {len(rows) - shown} more")
    out.print(table)
