"""`academy jobs`: what is being done, for every academy."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from academy.application.errors import Conflict
from academy.domain.job.states import IllegalTransition, JobState
from academy.interfaces.cli.console import Trouble, operate, out, print_fields, print_json, print_table, when
from academy.interfaces.cli.messages import PersonalToo
from academy.interfaces.cli.trim import trim

if TYPE_CHECKING:
    from datetime import datetime

    from academy.application.jobs.discretion import Discretion
    from academy.application.ports.database import Transaction
    from academy.application.ports.page import Page
    from academy.bootstrap.operator import Operator
    from academy.domain.job.job import Job
    from academy.domain.job.progress import Progress

    _Shown = tuple[Job | None, datetime | None, Progress | None, Discretion | None]

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Jobs: list, show, retry, cancel, trim.")
app.command("trim")(trim)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of a table.")]
JobId = Annotated[str, typer.Argument(help="Id of the job, as `academy jobs list` shows it.")]


@app.command("list")
def list_jobs(
    state: Annotated[
        JobState | None, typer.Option(case_sensitive=False, help="Only jobs in this state.")
    ] = None,
    job_type: Annotated[
        str | None, typer.Option("--type", help="Only this type, such as video.transcode.")
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="Only this academy, by its id.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only what is about this, such as video:ID.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    personal: PersonalToo = False,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first; with --json also their payloads, as `academy jobs show` does.

    Examples: `academy jobs list --state dead`, `academy jobs list --type video.transcode --limit 5`
    """
    from academy.application.ports.database import JobFilter  # noqa: PLC0415

    where = JobFilter(tenant_id=tenant, state=state, type=job_type, subject=subject)

    async def work(operator: "Operator") -> "tuple[Page[Job], Discretion | None]":
        page = await operator.backends.database.read(lambda tx: tx.jobs.list(where, "", limit))
        return page, None if personal else operator.discretion

    page, discretion = operate(work)
    if as_json:
        print_json([_fields(job, discretion) for job in page.items])
        return
    columns = [column for column in _COLUMNS if out.width >= column.least_width]
    rows = [[column.cell(job) for column in columns] for job in page.items]
    names = [column.name for column in columns]
    print_table(names, rows, empty="no such jobs", whole=("job", "state"))
    if len(columns) < len(_COLUMNS) and rows:
        out.print("a wider terminal shows more of each; `academy jobs show ID` shows everything")
    if page.next_cursor:
        out.print(f"… and older ones; --limit shows more than {limit}")


@app.command()
def show(job_id: JobId, personal: PersonalToo = False, as_json: AsJson = False) -> None:
    """Show everything about one job, how far it is, and why it failed.

    Phone numbers are masked and the words of text messages hidden, unless you ask for them with --personal.

    Example: `academy jobs show 0192f0c4-…`
    """

    async def work(operator: "Operator") -> "_Shown":
        def look(tx: "Transaction") -> "tuple[Job | None, datetime | None]":
            job = tx.jobs.get(job_id)
            return job, operator.types.starts_at(tx, job) if job else None

        job, starts = await operator.backends.database.read(look)
        progress = await operator.backends.progress.read([job_id])
        return job, starts, progress.get(job_id), None if personal else operator.discretion

    found, starts, progress, discretion = operate(work)
    job = _known(found, job_id)
    fields = _fields(job, discretion)
    if starts is not None:
        fields = {**dict(list(fields.items())[:3]), "starts_at": when(starts), **fields}
    if progress is not None:
        fields["progress"] = (
            f"{progress.percent:.1f} %, step {progress.step_index} of {progress.step_count}: {progress.step}"
        )
    if as_json:
        print_json(fields)
        return
    for name in ("payload", "result"):
        fields[name] = json.dumps(fields[name], ensure_ascii=False) if fields[name] else None
    print_fields({_name_of(name, job): value for name, value in fields.items()})


@app.command()
def retry(job_id: JobId) -> None:
    """Give a FAILED, DEAD or CANCELLED job a new life; its attempts are counted afresh.

    A worker takes it within seconds. For many jobs whose messages died use `academy queues redrive`.

    Example: `academy jobs retry 0192f0c4-…`
    """

    async def work(operator: "Operator") -> "Job | None":
        try:
            return await operator.operations.retry(job_id)
        except IllegalTransition as error:
            mend = (
                "Only a FAILED, DEAD or CANCELLED job can be retried; a running one can be cancelled first."
            )
            raise Trouble(f"job {job_id} is {error.current}", mend) from None
        except Conflict as refused:
            failure = refused.failure
            raise Trouble(f"job {job_id} gets no new life: {failure.code}", failure.message) from None

    job = _known(operate(work), job_id)
    out.print(f"job {job.id} is {job.state} again; follow it with `academy jobs show {job.id}`")


@app.command()
def cancel(job_id: JobId) -> None:
    """Stop a job: at once if it waits, within seconds if it runs; its partial output is removed.

    Example: `academy jobs cancel 0192f0c4-…`
    """

    async def work(operator: "Operator") -> "Job | None":
        try:
            return await operator.operations.cancel(job_id)
        except Conflict as refused:
            raise Trouble(f"job {job_id} goes on", refused.failure.message) from None

    job = _known(operate(work), job_id)
    if job.state is JobState.CANCELLED:
        out.print(f"job {job.id} is cancelled")
    elif job.finished:
        raise Trouble(f"job {job.id} has ended already: {job.state}")
    else:
        out.print(f"job {job.id} is asked to stop; its worker ends it within seconds")


def _known(job: "Job | None", job_id: str) -> "Job":
    if job is None:
        raise Trouble(f"there is no job {job_id}", "`academy jobs list` shows the ids.")
    return job


_TIMERS = {
    JobState.RUNNING: "lease_until",
    JobState.RETRY_WAIT: "next_attempt_at",
    JobState.PENDING: "looked_at_again_at",
}


def _name_of(field: str, job: "Job") -> str:
    """Return what a field means to a person in the state in which the job is."""
    name = field
    if field == "starts_at":
        name = "reserved for 예약"
    elif field == "due_at":
        name = _TIMERS.get(job.state, field)
    elif field == "why" and not job.finished:
        name = "last_end"
    return name.replace("_", " ")


def _masked(text: str) -> str:
    from academy.domain.phone import mask_phones  # noqa: PLC0415

    return mask_phones(text)


def _why(job: "Job") -> str:
    return f"{job.end_reason}: {job.failure.code}" if job.failure else str(job.end_reason or "")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the list, left out where the terminal is narrower than `least_width` columns."""

    name: str
    cell: "Callable[[Job], object]"
    least_width: int = 0


_COLUMNS = (
    _Column("job", lambda job: job.id),
    _Column("type", lambda job: job.type, 96),
    _Column("state", lambda job: job.state),
    _Column("attempt", lambda job: job.attempt, 150),
    _Column("created", lambda job: when(job.created_at), 150),
    _Column("subject", lambda job: job.subject, 150),
    _Column("why", _why),
)


def _fields(job: "Job", discretion: "Discretion | None") -> dict[str, Any]:
    """Return everything about a job; without a `discretion` also what is personal."""
    failure = job.failure
    detail = failure.detail if failure else ""
    return {
        "id": job.id,
        "type": job.type,
        "state": job.state.value,
        "why": _why(job),
        "failure": f"{failure.message} / {failure.message_ko}" if failure else "",
        "failure_stage": failure.stage if failure else "",
        "failure_detail": _masked(detail) if discretion else detail,
        "tenant_id": job.tenant_id,
        "subject": job.subject,
        "queue": job.queue,
        "reply_to": job.reply_to,
        "attempt": job.attempt,
        "interruptions": job.interruptions,
        "cancel_requested": job.cancel_requested or None,
        "worker": job.worker,
        "fencing_token": job.token,
        "due_at": when(job.due_at),
        "created_at": when(job.created_at),
        "started_at": when(job.started_at),
        "finished_at": when(job.finished_at),
        "idempotency_key": job.idempotency_key,
        "trace": job.trace,
        "payload": discretion.payload(job.type, job.payload) if discretion else dict(job.payload),
        "result": dict(job.result) if job.result else None,
    }
