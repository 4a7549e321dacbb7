"""What `academy top` draws: queues, workers and running jobs as tables that fit the terminal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from academy.application.jobs.overview import Overview, QueueLine, RunningJob
from academy.application.ports.workers import SeenWorker

__all__ = ["frame", "span"]

_BAR = 12
_WITH_WORKER, _WITH_ID = 120, 165
"""Columns from which there is room for the worker, and for the id, whole."""


def frame(
    overview: Overview | None, queues: Sequence[QueueLine], trouble: str, *, width: int
) -> RenderableType:
    """Return one picture; `overview` is None while the database has not answered yet, `trouble` says what does not answer."""
    parts: list[RenderableType] = [_title(overview)]
    if trouble:
        parts.append(Text(trouble, style="bold red"))
    parts += [Text(), _queues(queues)]
    if overview is not None:
        parts += [Text(), _workers(overview), Text(), _jobs(overview, width)]
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
    moment = overview.at.astimezone().isoformat(" ", "seconds")
    outbox = f"{overview.outbox_due} messages wait in the outbox" if overview.outbox_due else "outbox empty"
    return Text.assemble(("academy top", "bold"), f"  {moment}  {outbox}")


def _table(title: str, *columns: tuple[str, str]) -> Table:
    """Return a table; a column that begins with ">" is a number."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for name, style in columns:
        justify: Literal["left", "right"] = "right" if name.startswith(">") else "left"
        table.add_column(name.lstrip(">"), justify=justify, style=style, no_wrap=True, header_style="dim")
    return table


def _queues(lines: Sequence[QueueLine]) -> Table:
    columns = ("queue 큐", ">waiting 대기", ">in flight 처리", ">delayed 지연", ">oldest 최장", ">dead 실패")
    table = _table("Queues 대기열", *((name, "") for name in columns))
    for line in lines:
        if line.depth is None:
            table.add_row(escape(line.name), Text(line.error, style="red"))
            continue
        depth = line.depth
        counts = [str(count) if count else "·" for count in (depth.visible, depth.in_flight, depth.delayed)]
        dead = Text(str(line.dead), style="bold red") if line.dead else Text("·")
        table.add_row(escape(line.name), *counts, span(depth.oldest_seconds) or "·", dead)
    return table


def _workers(overview: Overview) -> RenderableType:
    if not overview.workers:
        return Text("no worker has been seen; `academy worker NAME` starts one", style="yellow")
    columns = ("worker 워커", "queues 큐", ">slots 자리", ">running 실행", ">seen 응답", "state 상태")
    table = _table("Workers 워커", *((name, "") for name in columns))
    for worker in overview.workers:
        beat = worker.beat
        seen = f"{span((overview.at - worker.seen_at).total_seconds())} ago"
        queues = ", ".join(name.removeprefix("academy-") for name in beat.queues)
        table.add_row(
            escape(beat.name),
            escape(queues),
            str(beat.slots),
            str(beat.running),
            seen,
            _state(overview, worker),
        )
    return table


def _state(overview: Overview, worker: SeenWorker) -> Text:
    if overview.unseen(worker):
        return Text("unseen 응답 없음", style="bold red")
    return (
        Text("draining 종료 중", style="yellow")
        if worker.beat.draining
        else Text("working 정상", style="green")
    )


def _jobs(overview: Overview, width: int) -> RenderableType:
    if not overview.running:
        return Text("no job runs now 실행 중인 작업 없음", style="dim")
    names = ["type 유형", "academy 학원", "step 단계", ">done 진행", "bar", ">left 남음", ">try", ">age 경과"]
    names += [
        name for name, least in (("worker 워커", _WITH_WORKER), ("job 작업", _WITH_ID)) if width >= least
    ]
    table = _table("Running jobs 실행 중인 작업", *((name, "") for name in names))
    for running in overview.running:
        cells = _job(running, overview.at, overview.codes.get(running.job.tenant_id, "?"))
        table.add_row(*cells[: len(names)])
    if overview.progress_error:
        table.caption = f"progress cannot be read: {overview.progress_error}"
    return table


def _job(running: RunningJob, at: datetime, academy: str) -> list[RenderableType]:
    job, progress = running.job, running.progress
    age = span((at - job.started_at).total_seconds()) if job.started_at else ""
    step = f"{progress.step} {progress.step_index}/{progress.step_count}" if progress else ""
    percent = progress.percent if progress else 0.0
    return [
        escape(job.type),
        escape(academy),
        escape(step) + (" [yellow](cancelling)[/]" if job.cancel_requested else ""),
        f"{percent:.1f} %" if progress else "",
        ProgressBar(100.0, percent, width=_BAR),
        span(progress.remaining_seconds) if progress else "",
        str(job.attempt),
        age,
        escape(job.worker),
        escape(job.id),
    ]
