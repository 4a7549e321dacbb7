"""Pictures in a note: copied into the template's folder under names of ours, at a size that suits the page."""

import shutil
from pathlib import Path

from academy.domain.notes.note import NotePicture, WrongNote
from academy.infrastructure.typst.content import Placed

__all__ = ["place"]

_WIDE, _TALL, _TALLEST = 165.0, 118.0, 150.0  # room of a picture on the page, in millimetres
_SMALLEST = 0.75
"""Where a picture would come out smaller than this, it gets the room of `_TALLEST`."""
_DOTS = 150 / 25.4
"""Pixels for a millimetre: a question scanned at 200 dpi comes out a third larger than it was printed, if there is room."""


def place(note: WrongNote, root: Path, placed: dict[Path, Placed]) -> None:
    """Put the pictures of a note that are not there yet into `root`, and say in `placed` how they are drawn."""
    for item in note.items:
        picture = item.picture
        if picture is not None and picture.file not in placed:
            name = f"picture-{len(placed) + 1:05}{picture.file.suffix}"
            shutil.copyfile(picture.file, root / name)
            placed[picture.file] = (name, *_size(picture))


def _size(picture: NotePicture) -> tuple[float, float]:
    """Return width and height in millimetres: as the pixels say, smaller where that is too large."""
    natural = min(1 / _DOTS, _WIDE / picture.width)
    tall = _TALL if picture.height * natural * _SMALLEST < _TALL else _TALLEST
    scale = min(natural, tall / picture.height)
    return round(picture.width * scale, 2), round(picture.height * scale, 2)
