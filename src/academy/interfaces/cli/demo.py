"""`academy demo`: the whole way of one lecture, from the teacher's upload to the student's player, and of a text to every parent."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["demo"]


def demo(
    video: Annotated[
        Path | None, typer.Argument(help="A film of your own; without one, a few seconds of a free cartoon.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the data in this folder instead of a temporary one.")
    ] = None,
) -> None:
    """Show the whole way of one lecture and of a text to every parent of a class. 강의와 문자 발송의 전체 과정을 보여 줍니다.

    Starts the system on a free port with data of its own, uploads the film as a teacher's browser would, follows the job by
    server-sent events, then fetches the stream back as a student's player would: every playlist, segment and key, decrypted, decoded
    and measured; and sees that forged addresses are refused.

    Then makes a class of 40 students with their parents in one request, fills a template in for every parent and sends it through
    API, outbox, queue and worker to a provider that prints instead of sending; orders the same for tomorrow and calls it off; and
    sees that everybody got exactly one message, that the price is right and that the books balance.

    You see the progress of each step, then tables of what came back. Exits with 0 when everything is right, with 1 and the reason
    otherwise. Nothing of your own installation is touched.

    Examples: `academy demo`, `academy demo lecture.mp4`, `academy demo --keep demo-data`
    """
    from academy.interfaces.cli.showing import show  # noqa: PLC0415

    show(video, keep)
