"""Writes wrong-answer notes as PDF."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import typst

from academy.application.ports.notes import NoteUntypeset, note_file
from academy.domain.notes.note import WrongNote
from academy.infrastructure.typst.content import Placed, content
from academy.infrastructure.typst.pictures import place

__all__ = ["TypstNoteTypesetter"]

_MOST_DETAIL = 300


class TypstNoteTypesetter:
    """Typesets with the template of this package and the fonts that come along; it reads nothing else but the pictures."""

    def typeset(self, notes: Sequence[WrongNote], target: Path) -> Iterator[int]:
        """Write one PDF for each note, as the port says."""
        template = (files("academy.infrastructure.typst") / "note.typ").read_bytes()
        with (
            as_file(files("academy.infrastructure") / "fonts") as fonts,
            tempfile.TemporaryDirectory(prefix="notes-", dir=target) as root,
        ):
            main = Path(root) / "note.typ"
            main.write_bytes(template)
            compiler = typst.Compiler(
                main,
                root=root,
                font_paths=typst.Fonts(
                    include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(fonts)]
                ),
                ignore_system_fonts=True,
                package_path=root,
                package_cache_path=root,
            )
            placed: dict[Path, Placed] = {}
            for number, note in enumerate(notes, 1):
                place(note, Path(root), placed)
                made, pages = _compiled(compiler, json.dumps(content(note, placed), ensure_ascii=False))
                note_file(target, number).write_bytes(made)
                yield pages


def _compiled(compiler: typst.Compiler, note: str) -> tuple[bytes, int]:
    """Return the PDF of a note, and its number of pages."""
    try:
        made = compiler.compile(format="pdf", sys_inputs={"note": note}, timestamp=0)
        pages = int(json.loads(compiler.query("<pages>", field="value", one=True)))
    except RuntimeError as error:
        # Its diagnostic would quote the data; the message names what the template asked for.
        raise NoteUntypeset(str(error)[:_MOST_DETAIL]) from None
    assert isinstance(made, bytes)
    return made, pages
