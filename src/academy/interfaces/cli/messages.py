"""`academy queues send` and `academy queues peek`: messages by hand, to try the system without a producer or a cloud."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from academy.interfaces.cli.console import Trouble, operate, out, print_json, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from academy.application.ports.job_queue import Delivery, JobConsumer
    from academy.bootstrap.operator import Operator

__all__ = ["PersonalToo", "must_be_ours", "peek", "send"]

PersonalToo = Annotated[
    bool,
    typer.Option("--personal", help="Whole numbers and the words of text messages, too: personal data."),
]

HELD_SECONDS = 60
"""How long a message that is looked at stays hidden should this process be killed."""
WAIT_SECONDS = 1.0
"""SQS asks all of its servers only when a receive waits."""
_SEEN = ("message_id", "sent_at", "receive_count", "body")


def must_be_ours(operator: "Operator", queue: str) -> None:
    """Raise Trouble for a queue that this installation does not have."""
    from academy.bootstrap.queues import queue_plan  # noqa: PLC0415

    if queue not in {plan.name for plan in queue_plan(operator.backends.settings)}:
        raise Trouble(f"there is no queue {queue}; `academy queues list` shows them")


def send(
    queue: Annotated[str, typer.Argument(help="Name of the queue; see `academy queues list`.")],
    file: Annotated[str, typer.Argument(help="File with the text of the message; - reads standard input.")],
) -> None:
    """Put a text on a queue as one message, as a producer would. 메시지 하나를 큐에 넣습니다.

    The text goes out as it is, 1 MiB at most. docs/messages.md tells what each queue understands; what a worker does not understand
    it sets aside with the reason: `academy queues dead-letters QUEUE`. Sending the same text twice is one job, as with every producer.

    Examples: `academy queues send academy-video-jobs message.json`, `echo '{…}' | academy queues send academy-messaging-jobs -`
    """
    body = _text(file)

    async def work(operator: "Operator") -> bool:
        from academy.application.ports.job_queue import MessageTooLarge, OutgoingMessage  # noqa: PLC0415
        from academy.bootstrap.queues import result_queues  # noqa: PLC0415

        must_be_ours(operator, queue)
        try:
            refused = await operator.backends.queue.publish(queue, [OutgoingMessage(body)])
        except (MessageTooLarge, ValueError) as error:
            raise Trouble(str(error)) from None
        if refused:
            raise Trouble(f"{queue} did not take the message", "Try again; nothing was sent.")
        return queue in result_queues(operator.backends.settings)

    for_results = operate(work, database=False)
    out.print(f"sent {len(body.encode())} bytes to {escape(queue)}", soft_wrap=True)
    if for_results:
        return
    if not _is_json(body):
        out.print("[yellow]It is no JSON: a worker will set it aside.[/]")
    out.print("`academy jobs list` shows what becomes of it", soft_wrap=True)


def peek(
    queue: Annotated[str, typer.Argument(help="Name of the queue; see `academy queues list`.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to look at.")] = 10,
    take: Annotated[
        bool, typer.Option("--take", help="Remove what was shown; for queues of results only.")
    ] = False,
    personal: PersonalToo = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Look at messages that wait, and give them back; with --take, remove results that you have read. 대기 중인 메시지를 봅니다.

    A look is a receive: every message that you see has one receive more, and after ten the broker sets it aside as dead. Meanwhile
    workers do not see it. Messages that a worker holds are not shown. Phone numbers are masked and the words of text messages hidden,
    unless you ask for them with --personal.

    Examples: `academy queues peek academy-video-jobs --limit 3`, `academy queues peek academy-graph-results --take`
    """

    async def work(operator: "Operator") -> "Sequence[Delivery]":
        from academy.bootstrap.queues import result_queues  # noqa: PLC0415

        must_be_ours(operator, queue)
        results = result_queues(operator.backends.settings)
        if take and queue not in results:
            mend = f"--take is for {', '.join(sorted(results))}; without it `peek` gives everything back."
            raise Trouble(f"{queue} holds work for workers, which is not taken by hand", mend)
        seen = await _received(operator.backends.queue, queue, limit)
        if not personal:
            seen = [replace(each, body=operator.discretion.body(queue, each.body)) for each in seen]
        if not take:
            await operator.backends.queue.extend([each.receipt for each in seen], 0)
            return seen
        _show(seen, as_json=as_json)
        # Removed only once it stands on the screen.
        sys.stdout.flush()
        await operator.backends.queue.ack([each.receipt for each in seen])
        return seen

    seen = operate(work, database=False)
    if not take:
        _show(seen, as_json=as_json)
    if seen and not as_json:
        became = (
            "removed" if take else "given back; each look counts as a receive, after 10 a message is dead"
        )
        out.print(f"{len(seen)} {'message' if len(seen) == 1 else 'messages'} {became}", soft_wrap=True)


async def _received(consumer: "JobConsumer", queue: str, limit: int) -> "list[Delivery]":
    seen: dict[str, Delivery] = {}
    while len(seen) < limit:
        most = min(limit - len(seen), consumer.largest_receive)
        batch = await consumer.receive(queue, most, WAIT_SECONDS, HELD_SECONDS)
        if not batch:
            break
        seen.update((each.message_id, each) for each in batch)
    return list(seen.values())


def _show(seen: "Sequence[Delivery]", *, as_json: bool) -> None:
    if as_json:
        print_json([{key: getattr(each, key) for key in _SEEN} for each in seen])
        return
    for each in seen:
        head = f"sent {when(each.sent_at)}, receive {each.receive_count}"
        out.print(f"[bold]{escape(each.message_id)}[/]  {head}", soft_wrap=True)
        out.print(escape(each.body), soft_wrap=True)
    if not seen:
        out.print("no message waits")


def _text(file: str) -> str:
    try:
        body = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Trouble(f"there is no file {file}", "Name a file, or - for standard input.") from None
    except UnicodeDecodeError:
        raise Trouble(f"{file} is not a text in UTF-8") from None
    if not body.strip():
        raise Trouble("the message is empty")
    return body


def _is_json(body: str) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
