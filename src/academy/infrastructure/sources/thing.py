"""One thing to read: a file, or a member of an archive or folder."""

import io
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from academy.infrastructure.sources.refusals import refused
from academy.infrastructure.sources.sniff import HEAD, Form, form_of

__all__ = ["Thing", "read_whole", "seekable"]

_IN_MEMORY = 16 << 20


@dataclass(frozen=True, slots=True)
class Thing:
    """What can be opened as often as needed.

    Attributes:
        name: path by which people know it; tells between kinds of plain text.
        id: of a document in it that has none of its own.
        title: of a document in it that has none of its own.
        size: in bytes.
        open: gives a binary stream from its beginning; the caller closes it.
        stored: whether that stream can be read from any place.
    """

    name: str
    id: str
    title: str
    size: int
    open: Callable[[], IO[bytes]]
    stored: bool = False

    def form(self) -> tuple[Form, bytes]:
        """Return what it is, and its first bytes."""
        with self.open() as file:
            head = file.read(HEAD)
        return form_of(head, self.name), head


def read_whole(thing: Thing, most: int) -> bytes:
    """Return its bytes. Raises SourceUnreadable input_too_large for more than `most`."""
    if thing.size > most:
        raise refused("input_too_large", f"{thing.size:,} bytes, at most {most:,}")
    with thing.open() as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise refused("input_too_large", f"at most {most:,} bytes")
    return data


def seekable(thing: Thing, most: int) -> IO[bytes]:
    """Return a stream of it that can be read from any place: a member of an archive is unpacked into a file without a name."""
    if thing.size > most:
        raise refused("input_too_large", f"{thing.size:,} bytes, at most {most:,}")
    if thing.stored:
        return thing.open()
    # The caller closes it.
    copy: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    try:
        with thing.open() as file:
            shutil.copyfileobj(file, copy, io.DEFAULT_BUFFER_SIZE * 16)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy
