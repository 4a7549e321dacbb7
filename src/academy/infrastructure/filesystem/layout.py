"""Where a key lies in the folder, and writes that are all or nothing.

    {root}/tenants/t1/video/a.mp4     objects, by key
    {root}/.incoming/{random}         files being written; renamed when whole and on disk
    {root}/.uploads/{upload}/…        parts of uploads that are not complete

A part of a key that starts with a dot, and `=` itself, are written as `=XX`, so no key reaches our own folders. Two keys of which one
is a folder of the other ("a" and "a/b") cannot both be stored: the second raises ValueError.
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, TypeVar
from uuid import uuid4

from academy.application.ports.object_store import ObjectExists, ObjectMissing, ObjectStoreUnavailable
from academy.domain.object_key import checked_key

__all__ = ["PIECE_BYTES", "FolderLayout", "in_thread", "receive", "sync_folder", "translated"]

MAX_NAME_BYTES = 255
"""Longest file name of the usual file systems."""
PIECE_BYTES = 1 << 20
"""How much is read or written at once."""
_INCOMING = ".incoming"
_UPLOADS = ".uploads"
_ATTEMPTS = 20
_T = TypeVar("_T")


@contextmanager
def translated(root: Path, key: str = "") -> Iterator[None]:
    """Turn errors of the operating system into those of the port.

    Raises ObjectMissing, ObjectStoreUnavailable (no space, no rights, no folder), ValueError (a key that clashes with another).
    """
    try:
        yield
    except FileNotFoundError as error:
        if not root.is_dir():
            raise ObjectStoreUnavailable(f"the object folder {root} is not there") from error
        raise ObjectMissing(key) from error
    except (IsADirectoryError, NotADirectoryError) as error:
        if not root.is_dir():
            raise ObjectStoreUnavailable(f"the object folder {root} is not a folder") from error
        raise ValueError(
            f"the key {key!r} clashes with another that is a folder of it, or it of one"
        ) from error
    except OSError as error:
        raise ObjectStoreUnavailable(f"object folder {root}: {error.strerror or error}") from error


async def in_thread(root: Path, key: str, work: Callable[[], _T]) -> _T:
    """Do file work in a thread, errors translated."""

    def call() -> _T:
        with translated(root, key):
            return work()

    return await asyncio.to_thread(call)


class FolderLayout:
    """Paths of one bucket's folder. Synchronous; call it in a thread."""

    def __init__(self, root: Path) -> None:
        """Make the folder if it is not there."""
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()

    def path(self, key: str) -> Path:
        """Return where an object lies. Raises ValueError for what is no key, is too long, or leads through a symbolic link."""
        parts = [_encode(part) for part in checked_key(key).split("/")]
        if any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
            raise ValueError(f"a part of an object key has at most {MAX_NAME_BYTES} bytes in a folder")
        path = self.root.joinpath(*parts)
        if Path(os.path.realpath(path)) != path:
            raise ValueError(f"the key {key!r} leads through a symbolic link")
        return path

    def paths(self, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield each key with its path, which may yet be a symbolic link: each folder is looked at once. Raises ValueError, see `path`."""
        folders: dict[str, str] = {}
        for key in keys:
            folder, _, name = checked_key(key).rpartition("/")
            if folder not in folders:
                folders[folder] = str(self.path(folder) if folder else self.root)
            name = _encode(name)
            if len(name.encode()) > MAX_NAME_BYTES:
                raise ValueError(f"a part of an object key has at most {MAX_NAME_BYTES} bytes in a folder")
            yield key, f"{folders[folder]}/{name}"

    def keys_in(self, folder: Path) -> Callable[[str], str]:
        """Return what makes a key of the name of a file in a folder."""
        start = "".join(f"{_decode(part)}/" for part in folder.relative_to(self.root).parts)
        return lambda name: start + _decode(name)

    def upload(self, upload_id: str) -> Path:
        """Return the folder of an upload; `upload_id` must be one that we gave."""
        return self.root / _UPLOADS / upload_id

    @contextmanager
    def incoming(self) -> Iterator[tuple[BinaryIO, Path]]:
        """Open a file to write; it is removed at the end unless it was moved away."""
        folder = self.root / _INCOMING
        # Only inside the root: a bucket that was removed must not come back by a write.
        folder.mkdir(exist_ok=True)
        path = folder / uuid4().hex
        file = path.open("xb")
        try:
            yield file, path
        finally:
            # What was published is on disk by now; of the rest a full disk may refuse the last bytes.
            with suppress(OSError):
                file.close()
            path.unlink(missing_ok=True)

    def take(self, source: Path, key: str) -> bool:
        """Move a file here and put it under a key, replacing any; return False where it has to be copied, with nothing done."""
        path = self.root / _INCOMING / uuid4().hex
        path.parent.mkdir(exist_ok=True)
        try:
            stat = source.stat(follow_symlinks=False)
            if not S_ISREG(stat.st_mode) or stat.st_nlink > 1:
                return False
            source.rename(path)
        except OSError:  # another file system, or none of our files
            return False
        try:
            with path.open("rb") as file:
                self.publish(file, path, key)
        finally:
            path.unlink(missing_ok=True)
        return True

    def publish(self, file: BinaryIO, path: Path, key: str, *, only_new: bool = False) -> None:
        """Put a written file on disk, then under its key, replacing any. With `only_new` raises ObjectExists."""
        file.flush()
        os.fsync(file.fileno())
        target = self.path(key)
        for attempt in range(_ATTEMPTS):
            try:
                made = self._make_folders(target.parent)
                # A link fails where a rename would replace: of concurrent creates one wins.
                os.link(path, target) if only_new else path.replace(target)
            except FileExistsError as error:
                raise ObjectExists(key) from error
            except FileNotFoundError:
                # A delete has just taken the empty folder away.
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
        for folder in {target.parent, *made}:
            with suppress(FileNotFoundError):
                sync_folder(folder)

    def _make_folders(self, folder: Path) -> list[Path]:
        """Make a folder; return those that got a new entry by it."""
        missing: list[Path] = []
        while folder != self.root and not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            try:
                one.mkdir(exist_ok=True)
            except FileExistsError as error:
                raise NotADirectoryError(str(one)) from error
        return [one.parent for one in missing]

    def remove(self, key: str) -> None:
        """Remove an object, and the folders it leaves empty; nothing happens if it is not there."""
        path = self.path(key)
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            path.unlink()
            with suppress(OSError):
                for folder in path.parents:
                    if folder == self.root:
                        break
                    folder.rmdir()
        if not self.root.is_dir():
            raise FileNotFoundError(self.root)

    def sweep(self, older_than_seconds: float) -> int:
        """Remove files and uploads that a crash left behind; return how many."""
        limit = time.time() - older_than_seconds
        removed = 0
        for name in (_INCOMING, _UPLOADS):
            folder = self.root / name
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                with suppress(FileNotFoundError):
                    if path.stat(follow_symlinks=False).st_mtime < limit:
                        shutil.rmtree(path) if path.is_dir() else path.unlink()
                        removed += 1
        return removed


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def receive(
    layout: FolderLayout, key: str, data: AsyncIterable[bytes], keep: Callable[[BinaryIO, Path], _T]
) -> _T:
    """Write a stream to a file of its own as it comes, then `keep` it; a stream or disk that fails leaves nothing."""
    opened = layout.incoming()
    file, path = await in_thread(layout.root, key, opened.__enter__)
    try:
        gathered = bytearray()
        async for piece in data:
            gathered += piece
            if len(gathered) >= PIECE_BYTES:
                await in_thread(layout.root, key, partial(file.write, bytes(gathered)))
                gathered.clear()
        await in_thread(layout.root, key, partial(file.write, bytes(gathered)))
        return await in_thread(layout.root, key, partial(keep, file, path))
    finally:
        opened.__exit__(None, None, None)


def _encode(part: str) -> str:
    safe = part.replace("=", "=3D")
    return f"=2E{safe[1:]}" if safe.startswith(".") else safe


def _decode(name: str) -> str:
    return (
        name.replace("=2E", ".", 1).replace("=3D", "=")
        if name.startswith("=2E")
        else name.replace("=3D", "=")
    )
