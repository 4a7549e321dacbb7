"""`academy top`: what is going on, live in the terminal."""

from typing import TYPE_CHECKING, Annotated

import typer

from academy.interfaces.cli.console import operate, out

if TYPE_CHECKING:
    from academy.bootstrap.operator import Operator

__all__ = ["top"]


def top(
    once: Annotated[bool, typer.Option("--once", help="Print one picture and end, as into a pipe.")] = False,
    every: Annotated[
        float, typer.Option(min=0.2, max=60, help="Seconds between two looks; queues on SQS are asked less.")
    ] = 1.0,
) -> None:
    """Watch queues, workers and running jobs, live. 대기열, 워커, 실행 중인 작업을 실시간으로 봅니다.

    Queues: how many messages wait, are in flight (received, not yet acknowledged) or delayed, the age of the oldest, and dead letters.
    A growing age means too few workers; dead letters wait for `academy queues dead-letters`.

    In red below the first line: what waits although nobody does it, such as an outbox without a relay.

    Workers, relays and reconcilers: each says every ten seconds that it is alive. "draining" ends what it has and takes nothing new; "unseen" has been silent for
    half a minute: it was killed, or it cannot reach the database. Its jobs say "worker unseen" and are taken over when their leases
    end; ten minutes later it is forgotten. A "?" is a queue that cannot be counted now; below it stands why.

    Running jobs, the longest first: step, how much is done, what is left, which try, and in a wide terminal the worker and the id for
    `academy jobs show`. A job whose bar stands still for long is stopped and tried again by itself.

    Keys: q or Ctrl-C ends it. Nothing is changed by looking.

    Examples: `academy top`, `academy top --every 5`, `academy top --once | grep video`
    """
    from academy.interfaces.cli.watching import print_once, watch  # noqa: PLC0415

    async def work(operator: "Operator") -> None:
        if once or not out.is_terminal:
            await print_once(operator)
        else:
            await watch(operator, every)

    operate(work)
