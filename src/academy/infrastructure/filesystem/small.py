"""Many small objects of a folder at once."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from stat import S_ISREG

from academy.infrastructure.filesystem.layout import FolderLayout

__all__ = ["small_files"]


def small_files(layout: FolderLayout, keys: Sequence[str], max_bytes: int) -> Mapping[str, bytes]:
    """Return those of at most `max_bytes`; why one cannot be had is told to whoever asks for it alone. Raises ValueError."""
    found: dict[str, bytes] = {}
    for key, path in layout.paths(keys):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                stat = os.fstat(descriptor)
                if stat.st_size <= max_bytes and S_ISREG(stat.st_mode):
                    found[key] = os.read(descriptor, stat.st_size)
            finally:
                os.close(descriptor)
    return found
