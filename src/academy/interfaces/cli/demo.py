"""`academy demo`: the whole way of a lecture, of a text to every parent, of an exam, and of notes that become a map."""

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
    """Show the whole way of a lecture, a text to every parent, an exam and a knowledge graph. 강의, 문자, 시험, 지식 지도의 전체 과정을 보여 줍니다.

    Starts the system on a free port with data of its own, uploads the film as a teacher's browser would, follows the job by
    server-sent events, then fetches the stream back as a student's player would: every playlist, segment and key, decrypted, decoded
    and measured; and sees that forged addresses are refused.

    Then makes a class of 40 students with their parents in one request, fills a template in for every parent and sends it through
    API, outbox, queue and worker to a provider that prints instead of sending; orders the same for tomorrow and calls it off; and
    sees that everybody got exactly one message, that the price is right and that the books balance.

    Then an exam: a personal answer sheet for each of 12 students, filled in from a seed, scanned as one PDF on its side and read; two
    marks that are not clear are decided, every score is held against what was meant, and a wrong-answer note is typeset.

    At last a back end asks over queues, knowing nothing but the published JSON, for the graph of thirty notes and some chats; for one
    more note to join it; and for the answer to a question.

    You see the progress of each step, then tables of what came back. Exits with 0 when everything is right, with 1 and the reason
    otherwise. What was made
    (sheets, scan, note, graph, picture) stays in a folder that is named at the end. Nothing of your own installation is touched.

    Examples: `academy demo`, `academy demo lecture.mp4`, `academy demo --keep demo-data`
    """
    from academy.interfaces.cli.showing import show  # noqa: PLC0415

    show(video, keep)
