"""Which folder is whose, and changes of it that are all or nothing.

    {root}/owner.lock            held by the one process that uses the folder
    {root}/current/{owner}       the name of the owner's folder: who has one has a collection
    {root}/data/{owner}.{random} a collection, as ChromaDB keeps it

`owner` is the SHA-256 of academy and user, so any id makes a safe name. A folder that no name stands for is what a crash or a
failed removal left behind; it is swept when the root is opened. `data` may be taken away under the process that holds the root: what
was in it is lost, which is said to whoever asks for it, and the next collection that is written makes it again.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from academy.application.ports.vector_index import VectorIndexUnavailable, VectorsLost

__all__ = ["CollectionFolders", "owner_name"]

_LOCK = "owner.lock"
_CURRENT = "current"
_DATA = "data"
_HIDDEN = "."


def owner_name(tenant_id: str, user_id: str) -> str:
    """Return the name of an owner's folder: 64 hexadecimal digits, never the same for two owners."""
    return hashlib.sha256(json.dumps([tenant_id, user_id]).encode()).hexdigest()


class CollectionFolders:
    """Folders of one root, held by one process. Synchronous; every method raises VectorIndexUnavailable."""

    def __init__(self, root: Path) -> None:
        """Make the root if it is not there, take its lock and sweep what a crash left behind."""
        with _translated(root):
            root.mkdir(parents=True, exist_ok=True)
            self.root = root.resolve()
            self._lock = _locked(self.root)
            try:
                (self.root / _CURRENT).mkdir(exist_ok=True)
                (self.root / _DATA).mkdir(exist_ok=True)
                self._sweep()
            except BaseException:
                self._lock.close()
                raise

    def close(self) -> None:
        """Let another process have the root."""
        self._lock.close()

    def find(self, owner: str) -> Path | None:
        """Return the folder of an owner's collection, None if there is none. Raises VectorsLost for one that has vanished."""
        folder = self._named(owner)
        if folder is not None and not folder.is_dir():
            raise VectorsLost(
                f"the vectors of {owner[:12]} should lie in {folder}, which is not there; build the graph again"
            )
        return folder

    @contextmanager
    def fresh(self, owner: str) -> Iterator[Path]:
        """Make an empty folder to fill and close; at the end it becomes the owner's in one step and the old one goes.

        A body that raises leaves everything as it was.
        """
        old = self._named(owner)
        folder = self.root / _DATA / f"{owner}.{uuid4().hex}"
        try:
            with _translated(self.root):
                folder.parent.mkdir(exist_ok=True)
                folder.mkdir()
            yield folder
            with _translated(self.root):
                _sync(folder)
                self._point(owner, folder.name)
        except BaseException:
            # What cannot be removed now is swept at the next start.
            if not self._points_at(owner, folder.name):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        if old is not None and old.is_dir():
            with _translated(self.root):
                shutil.rmtree(old)

    def erase(self, owner: str) -> None:
        """Remove all that there is of an owner, leftovers too."""
        self.check()
        with _translated(self.root):
            # The name first: a crash between the two leaves a folder that the next start sweeps.
            (self.root / _CURRENT / owner).unlink(missing_ok=True)
            _sync_folder(self.root / _CURRENT)
            (self.root / _DATA).mkdir(exist_ok=True)
            for folder in sorted((self.root / _DATA).glob(f"{owner}.*")):
                shutil.rmtree(folder)
            _sync_folder(self.root / _DATA)

    def check(self) -> None:
        """Raise VectorIndexUnavailable when the root has been taken away."""
        with _translated(self.root):
            mine, there = os.fstat(self._lock.fileno()), (self.root / _LOCK).stat()
            if (mine.st_dev, mine.st_ino) != (there.st_dev, there.st_ino):
                raise VectorIndexUnavailable(f"the vector folder {self.root} is no longer the one we opened")

    def check_writable(self) -> None:
        """Raise VectorIndexUnavailable unless a small file can be written."""
        self.check()
        path = self.root / _DATA / f"{_HIDDEN}{uuid4().hex}"
        with _translated(self.root):
            path.parent.mkdir(exist_ok=True)
            try:
                _write(path, "x" * 4096)
            finally:
                path.unlink(missing_ok=True)

    def _named(self, owner: str) -> Path | None:
        self.check()
        with _translated(self.root):
            try:
                name = (self.root / _CURRENT / owner).read_text("ascii")
            except FileNotFoundError:
                # Raises when it is not the name alone that is missing.
                (self.root / _CURRENT).stat()
                return None
        if not name.startswith(owner + ".") or "/" in name:
            raise VectorIndexUnavailable(
                f"{self.root / _CURRENT / owner} does not say where the vectors lie; erase them"
            )
        return self.root / _DATA / name

    def _point(self, owner: str, name: str) -> None:
        beside = self.root / _CURRENT / f"{_HIDDEN}{owner}"
        try:
            _write(beside, name)
            beside.replace(self.root / _CURRENT / owner)
        except BaseException:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
        _sync_folder(self.root / _DATA)
        _sync_folder(self.root / _CURRENT)

    def _points_at(self, owner: str, name: str) -> bool:
        try:
            return (self.root / _CURRENT / owner).read_text("ascii") == name
        except OSError:
            return False

    def _sweep(self) -> None:
        named: set[str] = set()
        for pointer in sorted((self.root / _CURRENT).iterdir()):
            if pointer.name.startswith(_HIDDEN):
                pointer.unlink()
            else:
                named.add(pointer.read_text("ascii"))
        for left in sorted((self.root / _DATA).iterdir()):
            if left.name not in named:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _locked(root: Path) -> IO[str]:
    file = (root / _LOCK).open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read(20).strip() or "unknown"
        file.close()
        raise VectorIndexUnavailable(
            f"the vector folder {root} is in use by process {holder}; one process owns it, so stop that one first"
        ) from None
    except BaseException:
        file.close()
        raise
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


@contextmanager
def _translated(root: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise VectorIndexUnavailable(f"the vector folder {root} cannot be used: {what}") from error


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Put all files of a folder on disk."""
    for where, _folders, files in os.walk(folder):
        for name in files:
            with Path(where, name).open("rb") as file:
                os.fsync(file.fileno())
        _sync_folder(Path(where))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
