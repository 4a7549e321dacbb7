"""Ports: typeset wrong-answer notes, and make strangers' pictures fit to go into them (DOC-3).

Work of the processor on files of this machine: nothing here is asynchronous, and a caller runs it in a process of its own.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from academy.domain.failures import Failure
from academy.domain.notes.note import NotePicture, WrongNote

__all__ = ["NotePictures", "NoteTypesetter", "NoteUntypeset", "PictureRefused", "note_file"]


class NoteUntypeset(Exception):
    """A note cannot be typeset; `failure` says so, its detail what the typesetter said."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(
            "note_untypeset",
            "A wrong-answer note could not be typeset; report this with the number of the job, for it is a mistake of the system.",
            "오답노트를 조판하지 못했습니다. 시스템 오류이니 작업 번호와 함께 문의해 주세요.",
            stage="make",
            detail=detail,
        )


class PictureRefused(Exception):
    """A file that does not go into a note; `code` says why: "not_a_picture", "picture_too_large", "picture_broken"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotePictures(Protocol):
    """Draws pictures anew, so that no byte of a stranger's file goes on."""

    def redraw(self, source: Path, folder: Path) -> NotePicture:
        """Write the picture of a PNG or JPEG into `folder`, as .png or .jpg under the name of `source`, and return it.

        Its width is at most 1,600 pixels, its height 2,400. Raises PictureRefused; nothing is written then.
        """
        ...


class NoteTypesetter(Protocol):
    """Makes PDFs of notes."""

    def typeset(self, notes: Sequence[WrongNote], target: Path) -> Iterator[int]:
        """Write each note into the folder `target` as `note_file` says, and yield the number of its pages, in order.

        A4, page by page as it is asked for, every font embedded, text that can be copied out. The same note gives the same bytes, whatever
        came before it. Text of people is text: nothing in it is markup. Pictures are files of NotePictures; no other file is read.
        Raises NoteUntypeset; the notes before it are written.
        """
        ...


def note_file(target: Path, number: int) -> Path:
    """Return where note `number` (1-based) is written."""
    return target / f"note-{number:04}.pdf"
