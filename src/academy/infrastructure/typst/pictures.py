"""Pictures in a note: copied into the template's folder under names of ours, at a size that suits the page."""

from pathlib import Path

from academy.domain.notes.note import NotePicture, WrongNote
from academy.infrastructure.typst.content import Placed
from academy.infrastructure.typst.practice import COLUMN, TALLEST, WHOLE
from academy.infrastructure.typst.wrapped import wrapped

__all__ = ["place"]

_OF_A_COLUMN = 1_000
"""Pixels: a picture as wide at most was cut out of a column of a paper (250 dpi of A4, 210 of B4) and is set in one."""
_IN_COLUMN, _IN_PAGE = COLUMN - 3.0, WHOLE - 3.0  # room across, in millimetres
_TALL = 118.0  # room down beside others
_SMALLEST = 0.75
"""Where a picture would come out smaller than this, it gets the room of `TALLEST`."""
_DOTS = 200 / 25.4
"""Pixels for a millimetre: a question comes out a quarter larger than it was printed, if there is room."""


def place(note: WrongNote, root: Path, placed: dict[Path, Placed]) -> None:
    """Put the pictures of a note that are not there yet into `root`, and say in `placed` how they are drawn."""
    for item in note.items:
        picture = item.picture
        if picture is not None and picture.file not in placed:
            data = picture.file.read_bytes()
            pdf = wrapped(data)
            name = f"picture-{len(placed) + 1:05}{picture.file.suffix if pdf is None else '.pdf'}"
            (root / name).write_bytes(data if pdf is None else pdf)
            placed[picture.file] = (name, *_size(picture))


def _size(picture: NotePicture) -> tuple[float, float]:
    """Return width and height in millimetres: as the pixels say, smaller where that is too large."""
    wide = _IN_COLUMN if picture.width <= _OF_A_COLUMN else _IN_PAGE
    natural = min(1 / _DOTS, wide / picture.width)
    tall = _TALL if picture.height * natural * _SMALLEST < _TALL else TALLEST
    scale = min(natural, tall / picture.height)
    return round(picture.width * scale, 2), round(picture.height * scale, 2)
