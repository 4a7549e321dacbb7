"""What `academy top` draws: queues, workers and running jobs as tables that fit the terminal."""

from collections import Counter
from collections.abc import Sequence
from itertools import compress
from typing import Literal

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from academy.application.jobs.overview import Overview, QueueLine, RunningJob
from academy.application.ports.workers import SeenWorker
from academy.interfaces.cli.moments import korean_time

__all__ = ["frame", "span"]

_BAR = 12
_WITH_BOTH_LANGUAGES, _WITH_WORKER, _WITH_ID = 100, 120, 165
"""Columns from which there is room for Korean beside English and a bar, for the worker, and for the id, whole."""


def frame(
    overview: Overview | None, queues: Sequence[QueueLine], trouble: str, *, width: int
) -> RenderableType:
    """Return one picture; `overview` is None while the database has not answered yet, `trouble` says what does not answer."""
    parts: list[RenderableType] = [_title(overview)]
    if trouble:
        parts.append(Text(trouble, style="bold red"))
    parts += [Text(), _queues(queues, width), *_uncounted(queues)]
    if overview is not None:
        parts[1:1] = [Text(text, style="bold red") for text in overview.standstills()]
        parts += [Text(), _workers(overview, width), Text(), _jobs(overview, width)]
    return Group(*parts)


def span(seconds: float | None) -> str:
    """Return a length of time in two units at most ("3 m 05 s"); "" for an unknown one."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} m"
    return f"{whole // 86400} d {whole % 86400 // 3600:02} h"


def _title(overview: Overview | None) -> Text:
    if overview is None:
        return Text("academy top", style="bold")
    moment = korean_time(overview.at, "seconds")
    due = overview.outbox_due
    waiting = "1 message waits" if due == 1 else f"{due} messages wait"
    outbox = (
        f"{waiting} in the outbox, the oldest for {span(overview.outbox_oldest)}" if due else "outbox empty"
    )
    return Text.assemble(("academy top", "bold"), f"  {moment}  {outbox}")


def _table(width: int, title: str, *columns: str) -> Table:
    """Return a table; a column that begins with ">" is a number. What stands after "|" is left out of a narrow terminal."""

    def head(text: str) -> str:
        english, _, korean = text.lstrip(">").partition("|")
        return f"{english} {korean}" if korean and width >= _WITH_BOTH_LANGUAGES else english

    table = Table(title=head(title), title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name in columns:
        justify: Literal["left", "right"] = "right" if name.startswith(">") else "left"
        table.add_column(head(name), justify=justify, no_wrap=True, header_style="dim")
    return table


def _uncounted(lines: Sequence[QueueLine]) -> list[RenderableType]:
    """Return what keeps queues from being counted, each cause once."""
    causes = Counter(_cause(line) for line in lines if line.depth is None)
    return [
        Text(f"{count} {'queue' if count == 1 else 'queues'} not counted (?): {cause}", style="red")
        for cause, count in causes.items()
    ]


def _cause(line: QueueLine) -> str:
    """Return the error without the queue's own name, so that one outage reads alike for all queues."""
    return line.error.replace(f" {line.name}-dlq", "").replace(f" {line.name}", "")


def _queues(lines: Sequence[QueueLine], width: int) -> Table:
    columns = ("queue|큐", ">waiting|대기", ">in flight|처리", ">delayed|지연", ">oldest|최장", ">dead|실패")
    table = _table(width, "Queues|대기열", *columns)
    for line in lines:
        if line.depth is None:
            table.add_row(escape(line.name), *(Text("?", style="red") for _ in columns[1:]))
            continue
        depth = line.depth
        counts = [str(count) if count else "·" for count in (depth.visible, depth.in_flight, depth.delayed)]
        dead = Text(str(line.dead), style="bold red") if line.dead else Text("·")
        table.add_row(escape(line.name), *counts, span(depth.oldest_seconds) or "·", dead)
    return table


def _workers(overview: Overview, width: int) -> RenderableType:
    nobody = Text("no worker has been seen; `academy worker NAME` starts one", style="yellow")
    if not overview.workers:
        return nobody
    columns = ("worker|워커", "queues|큐", ">slots|자리", ">running|실행", ">seen|응답", "state|상태")
    table = _table(width, "Workers|워커", *columns)
    for worker in overview.workers:
        beat = worker.beat
        seen = f"{span((overview.at - worker.seen_at).total_seconds())} ago"
        queues = ", ".join(name.removeprefix("academy-") for name in beat.queues)
        table.add_row(
            escape(beat.name),
            escape(queues) or "·",
            str(beat.slots or "·"),
            str(overview.running_of(worker)) if beat.slots else "·",
            seen,
            _state(overview, worker, width),
        )
    return table if any(worker.beat.queues for worker in overview.workers) else Group(table, nobody)


def _state(overview: Overview, worker: SeenWorker, width: int) -> Text:
    if overview.unseen(worker):
        english, korean, style = "unseen", " 응답 없음", "bold red"
    elif worker.beat.draining:
        english, korean, style = "draining", " 종료 중", "yellow"
    else:
        english, korean, style = "working", " 정상", "green"
    return Text(english + korean * (width >= _WITH_BOTH_LANGUAGES), style=style)


def _jobs(overview: Overview, width: int) -> RenderableType:
    if not overview.running:
        return Text("no job runs now 실행 중인 작업 없음", style="dim")
    columns = [
        ("type|유형", 0),
        ("academy|학원", 0),
        ("step|단계", 0),
        (">done|진행", 0),
        ("bar", _WITH_BOTH_LANGUAGES),
        (">left|남음", 0),
        (">try", 0),
        (">age|경과", 0),
        ("worker|워커", _WITH_WORKER),
        ("job|작업", _WITH_ID),
    ]
    fit = [width >= least for _, least in columns]
    table = _table(width, "Running jobs|실행 중인 작업", *compress((name for name, _ in columns), fit))
    for running in overview.running:
        table.add_row(*compress(_job(running, overview), fit))
    if overview.progress_error:
        table.caption = f"progress cannot be read: {overview.progress_error}"
    return table


def _job(running: RunningJob, overview: Overview) -> list[RenderableType]:
    job, progress = running.job, running.progress
    age = span((overview.at - job.started_at).total_seconds()) if job.started_at else ""
    left = span(progress.remaining_seconds) if progress else ""
    step = f"{progress.step} {progress.step_index}/{progress.step_count}" if progress else ""
    percent = progress.percent if progress else 0.0
    return [
        escape(job.type),
        escape(overview.codes.get(job.tenant_id, "?")),
        escape(step) + (" [yellow](cancelling)[/]" if job.cancel_requested else ""),
        f"{percent:.1f} %" if progress else "",
        ProgressBar(100.0, percent, width=_BAR),
        "[bold red]worker unseen[/]" if overview.abandoned(running) else left,
        str(job.attempt),
        age,
        escape(job.worker),
        escape(job.id),
    ]
