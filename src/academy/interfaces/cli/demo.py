"""`academy demo`: the whole way of one lecture, of a text to every parent, and of an exam from the printed sheet to the note."""

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
    """Show the whole way of a lecture, of a text to every parent and of an exam. 강의, 문자 발송, 시험의 전체 과정을 보여 줍니다.

    Starts the system on a free port with data of its own, uploads the film as a teacher's browser would, follows the job by
    server-sent events, then fetches the stream back as a student's player would: every playlist, segment and key, decrypted, decoded
    and measured; and sees that forged addresses are refused.

    Then makes a class of 40 students with their parents in one request, fills a template in for every parent and sends it through
    API, outbox, queue and worker to a provider that prints instead of sending; orders the same for tomorrow and calls it off; and
    sees that everybody got exactly one message, that the price is right and that the books balance.

    At last an exam: a personal answer sheet for each of 12 students, filled in from a seed, scanned as one PDF on its side and read; two
    marks that are not clear are decided, every score is held against what was meant, and a wrong-answer note is typeset.

    You see the progress of each step, then tables of what came back. Exits with 0 when everything is right, with 1 and the reason
    otherwise. Nothing of your own installation is touched.

    Examples: `academy demo`, `academy demo lecture.mp4`, `academy demo --keep demo-data`
    """
    from academy.interfaces.cli.showing import show  # noqa: PLC0415

    show(video, keep)
