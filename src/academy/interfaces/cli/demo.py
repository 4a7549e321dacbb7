"""`academy demo`: the whole way of one lecture, from the teacher's upload to the student's player."""

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
    """Show one lecture's whole way: upload, transcode, publish, play. 강의 한 편의 전체 과정을 보여 줍니다.

    Starts the system on a free port with data of its own, uploads the film as a teacher's browser would, follows the job by
    server-sent events, then fetches the stream back as a student's player would: every playlist, segment and key, decrypted, decoded
    and measured; and sees that forged addresses are refused.

    You see the progress of each step, then a table of what came back. Exits with 0 when everything is right, with 1 and the reason
    otherwise. Nothing of your own installation is touched.

    Examples: `academy demo`, `academy demo lecture.mp4`, `academy demo --keep demo-data`
    """
    from academy.interfaces.cli.showing import show  # noqa: PLC0415

    show(video, keep)
