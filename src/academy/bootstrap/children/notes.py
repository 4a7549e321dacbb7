"""Typeset wrong-answer notes, in a process of its own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from academy.application.ai.note_json import from_book
from academy.application.ports.notes import NotePictures, PictureRefused
from academy.contracts.base import validate
from academy.contracts.children.notes import NoteBook, NotesTypeset, RefusedPicture, TypesetNotes
from academy.domain.notes.note import NotePicture
from academy.infrastructure.opencv.redraw import OpenCvNotePictures
from academy.infrastructure.typst import TypstNoteTypesetter

__all__ = ["typeset_notes"]

Report = Callable[[str, float], None]

_DRAWN = "drawn"


def typeset_notes(payload: Mapping[str, Any], report: Report) -> NotesTypeset:
    """Typeset the notes of a book; see TypesetNotes."""
    request = validate(TypesetNotes, dict(payload))
    folder = Path(request.folder)
    book = NoteBook.model_validate_json(Path(request.book).read_bytes())
    report("make", 0.01)
    drawn = folder / _DRAWN
    drawn.mkdir()
    given = sorted({item.picture for note in book.notes for item in note.items if item.picture})
    pictures, refused = _redraw(OpenCvNotePictures(), given, drawn)
    notes = [from_book(note, pictures) for note in book.notes]
    pages: list[int] = []
    for count in TypstNoteTypesetter().typeset(notes, folder):
        pages.append(count)
        report("make", len(pages) / len(notes))
    return NotesTypeset(pages=pages, refused=refused)


def _redraw(
    painter: NotePictures, given: list[str], folder: Path
) -> tuple[dict[str, NotePicture], list[RefusedPicture]]:
    """Draw pictures anew; those that cannot be are refused, and their questions get room to write instead."""
    found: dict[str, NotePicture] = {}
    refused: list[RefusedPicture] = []
    for path in given:
        try:
            found[path] = painter.redraw(Path(path), folder)
        except PictureRefused as why:
            refused.append(RefusedPicture(picture=path, code=why.code))
    return found, refused
