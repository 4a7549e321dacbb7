"""`academy queues`: what waits, what died, and giving it another chance."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from academy.interfaces.cli.console import Trouble, operate, out, print_json, print_table, when
from academy.interfaces.cli.messages import PersonalToo, must_be_ours, peek, send

if TYPE_CHECKING:
    from academy.application.ports.job_queue import DeadLetter
    from academy.bootstrap.operator import Operator

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Queues: list, create, send, peek, dead letters, redrive.")
app.command("send")(send)
app.command("peek")(peek)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of a table.")]
Queue = Annotated[str, typer.Argument(help="Name of the queue, without `-dlq`; see `academy queues list`.")]


@app.command("list")
def list_queues(as_json: AsJson = False) -> None:
    """Count what waits in every queue and in its dead-letter queue.

    You see one line per queue: waiting, in flight (received and not yet acknowledged), delayed, the age of the oldest message in seconds
    (SQS does not tell it), and the dead letters. Counts are approximate on SQS.

    Example: `academy queues list --json`
    """

    async def work(operator: "Operator") -> list[dict[str, Any]]:
        from academy.bootstrap.queues import queue_plan  # noqa: PLC0415

        rows = []
        for plan in queue_plan(operator.backends.settings):
            depth = await operator.backends.queue.depth(plan.name)
            dead = await operator.backends.queue.depth(plan.dead_letter_name)
            rows.append(
                {
                    "queue": plan.name,
                    "waiting": depth.visible,
                    "in_flight": depth.in_flight,
                    "delayed": depth.delayed,
                    "oldest_seconds": depth.oldest_seconds and round(depth.oldest_seconds),
                    "dead": dead.visible + dead.in_flight,
                }
            )
        return rows

    rows = operate(work, database=False)
    if as_json:
        print_json(rows)
        return
    print_table(
        ("queue", "waiting", "in flight", "delayed", "oldest s", "dead"), [[*r.values()] for r in rows]
    )


@app.command()
def create() -> None:
    """Make every queue with its dead-letter queue, or bring their attributes up to date.

    Retention 14 days, long poll 20 s, visibility 120 s, dead letter after 10 receives. Running it twice changes nothing; it says what
    it changed.

    Example: `academy queues create`
    """

    async def work(operator: "Operator") -> list[str]:
        from academy.bootstrap.queues import queue_plan  # noqa: PLC0415

        return list(await operator.backends.queue.create(queue_plan(operator.backends.settings)))

    changed = operate(work, database=False)
    for name in changed:
        out.print(f"[green]made or updated[/] {name}")
    if not changed:
        out.print("every queue is as it should be")


@app.command("dead-letters")
def dead_letters(
    queue: Queue,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to look at.")] = 20,
    personal: PersonalToo = False,
    as_json: AsJson = False,
) -> None:
    """Look at dead letters and why each died, without removing them.

    Phone numbers are masked and the words of text messages hidden, unless you ask for them with --personal.

    `max_receives_exceeded` means that the broker gave up: no worker could finish or refuse it. Any other reason is a worker's own words.

    Example: `academy queues dead-letters academy-video-jobs`
    """

    async def work(operator: "Operator") -> "list[DeadLetter]":
        must_be_ours(operator, queue)
        letters = await operator.backends.queue.dead_letters(queue, limit)
        return list(letters) if personal else [_discreet(operator, queue, letter) for letter in letters]

    letters = operate(work, database=False)
    if as_json:
        keys = ("message_id", "sent_at", "receive_count", "reason", "body")
        print_json([{key: getattr(letter, key) for key in keys} for letter in letters])
        return
    rows = [
        (x.message_id, when(x.sent_at), x.receive_count, x.reason, x.body if personal else _short(x.body))
        for x in letters
    ]
    print_table(("message", "sent", "receives", "reason", "body"), rows, empty="no dead letters")


@app.command()
def redrive(
    queue: Queue,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 1000,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Give dead letters another chance: wake their DEAD jobs, then move the messages back.

    Fix the cause first (`academy queues dead-letters` shows it); a message that still cannot be understood simply dies again.

    Example: `academy queues redrive academy-video-jobs --limit 10`
    """
    if not operate(lambda operator: _any_dead(operator, queue), database=False):
        out.print(f"no dead letters in {queue}; there is nothing to move")
        return
    if not yes and not typer.confirm(f"Move up to {limit} dead letters of {queue} back?"):
        raise Trouble("nothing was moved")
    done = operate(lambda operator: operator.operations.redrive(queue, limit))
    out.print(f"moved {done.moved} messages back to {queue}; {len(done.revived)} dead jobs got a new life")


async def _any_dead(operator: "Operator", queue: str) -> bool:
    must_be_ours(operator, queue)
    return bool(await operator.backends.queue.dead_letters(queue, 1))


def _discreet(operator: "Operator", queue: str, letter: "DeadLetter") -> "DeadLetter":
    from academy.domain.phone import mask_phones  # noqa: PLC0415

    body, reason = operator.discretion.body(queue, letter.body), mask_phones(letter.reason)
    return replace(letter, body=body, reason=reason)


def _short(body: str, most: int = 120) -> str:
    return body if len(body) <= most else f"{body[: most - 1]}…"
