"""Objects in a folder."""

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, ParamSpec, TypeVar
from uuid import uuid4

from academy.application.ports.clock import Clock
from academy.application.ports.object_store import (
    ObjectHead,
    ObjectStoreUnavailable,
    ObjectTooLarge,
)
from academy.domain.object_key import checked_key, checked_prefix
from academy.domain.signing import ObjectGrant, UrlSigner
from academy.infrastructure.filesystem.layout import PIECE_BYTES, FolderLayout, in_thread, receive, translated
from academy.infrastructure.filesystem.small import small_files

__all__ = ["FolderObjectStore"]

_SMALL = ThreadPoolExecutor(1, thread_name_prefix="small-objects")
"""Copies objects of up to a piece, one after the other: threads that want the interpreter after every few system calls spend more time
on waiting for each other than on thousands of small files."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


class FolderObjectStore:
    """ObjectStore of one bucket in a folder.

    A part of a key has at most 255 bytes. Content types are not kept: they belong in the database. Signed URLs lead to our API.
    """

    def __init__(self, root: Path, *, bucket: str, signer: UrlSigner, base_url: str, clock: Clock) -> None:
        """Use a folder, made if it is not there.

        Args:
            root: folder of this bucket alone.
            bucket: its name in URLs.
            signer: signs URLs that the API verifies.
            base_url: where the API is reached ("https://academy.example").
            clock: tells when a URL expires.
        """
        self._layout = FolderLayout(root)
        self._bucket = bucket
        self._signer = signer
        self._base_url = base_url
        self._clock = clock
        self._own = uuid4().hex
        self._parts = itertools.count()

    async def put(
        self,
        key: str,
        data: bytes | Path | AsyncIterable[bytes],
        *,
        content_type: str = "",  # noqa: ARG002
        spare: bool = False,
    ) -> None:
        """See ObjectStore."""
        self._layout.path(key)
        if isinstance(data, bytes):
            await self._run(key, self._put, key, BytesIO(data))
        elif isinstance(data, Path):
            if spare and await self._run(key, self._layout.take, data, key):
                return
            # Opened before our own errors begin: a source that is not there is the caller's mistake, no missing object.
            with await asyncio.to_thread(data.open, "rb") as source:
                await self._run(key, self._put, key, source)
        else:
            await receive(self._layout, key, data, partial(self._layout.publish, key=key))

    async def create(self, key: str, data: bytes) -> None:
        """See ObjectStore."""
        await self._run(key, self._put, key, BytesIO(data), only_new=True)

    async def get(self, key: str, *, max_bytes: int = 64 << 20) -> bytes:
        """See ObjectStore."""
        return await self._run(key, self._get, key, max_bytes)

    async def get_small(self, keys: Sequence[str], *, max_bytes: int) -> Mapping[str, bytes]:
        """See ObjectStore."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_SMALL, small_files, self._layout, keys, max_bytes)

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """See ObjectStore."""
        _check_range(start, length)
        return await self._run(key, self._get_range, key, start, length)

    async def stream(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """See ObjectStore."""
        _check_range(start, length or 0)
        file = await self._run(key, self._open, key)
        # The descriptor keeps the object that was opened: a put meanwhile changes nothing here.
        with closing(file):
            file.seek(start)
            left = length
            while left is None or left > 0:
                wanted = PIECE_BYTES if left is None else min(left, PIECE_BYTES)
                piece = await self._run(key, file.read, wanted)
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    async def download(self, key: str, target: Path) -> int:
        """See ObjectStore."""
        part = target.with_name(f".{self._own}-{next(self._parts)}.part")
        loop = asyncio.get_running_loop()
        size = await loop.run_in_executor(_SMALL, self._download, key, part, target, PIECE_BYTES)
        if size is None:
            size = await asyncio.to_thread(self._download, key, part, target, None)
        assert size is not None
        return size

    async def head(self, key: str) -> ObjectHead:
        """See ObjectStore."""
        return await self._run(key, self._head, key)

    async def list(self, prefix: str) -> AsyncIterator[ObjectHead]:
        """See ObjectStore."""
        folders = [self._layout.path(checked_prefix(prefix)[:-1])]
        while folders:
            inner, heads = await self._run(prefix, self._scan, folders.pop())
            folders += inner
            for head in heads:
                yield head

    async def delete(self, keys: Sequence[str]) -> None:
        """See ObjectStore."""
        for key in keys:
            checked_key(key)
        await self._run("", self._delete, keys)

    async def presign_get(self, key: str, expires_seconds: int) -> str:
        """See ObjectStore."""
        expires_at = int(self._clock.now().timestamp()) + expires_seconds
        grant = ObjectGrant("GET", self._bucket, checked_key(key), expires_at)
        return self._signer.url(self._base_url, grant)

    async def ping(self) -> None:
        """See ObjectStore."""
        root = self._layout.root
        usable = await asyncio.to_thread(
            lambda: root.is_dir() and os.access(root, os.R_OK | os.W_OK | os.X_OK)
        )
        if not usable:
            raise ObjectStoreUnavailable(f"the object folder {root} is not there or may not be written")

    async def sweep(self, older_than_seconds: float = 86_400) -> int:
        """Remove what crashed writes and uploads nobody finished left behind; return how many files or uploads."""
        return await self._run("", self._layout.sweep, older_than_seconds)

    async def _run(self, key: str, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await in_thread(self._layout.root, key, partial(work, *args, **kwargs))

    def _put(self, key: str, source: BinaryIO, *, only_new: bool = False) -> None:
        if only_new and self._layout.path(key).is_dir():
            raise IsADirectoryError(key)
        with self._layout.incoming() as (file, path):
            shutil.copyfileobj(source, file, PIECE_BYTES)
            self._layout.publish(file, path, key, only_new=only_new)

    def _open(self, key: str) -> BinaryIO:
        path = self._layout.path(key)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except NotADirectoryError as error:
            raise FileNotFoundError(key) from error
        if not S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(key)
        # Buffered, for its lock: closing waits for a read that goes on in a thread after a cancel.
        return os.fdopen(descriptor, "rb")

    def _get(self, key: str, max_bytes: int) -> bytes:
        with self._open(key) as file:
            size = os.fstat(file.fileno()).st_size
            if size > max_bytes:
                raise ObjectTooLarge(f"{key} has {size} bytes, allowed are {max_bytes}")
            return file.read()

    def _get_range(self, key: str, start: int, length: int) -> bytes:
        with self._open(key) as file:
            return os.pread(file.fileno(), length, start)

    def _download(self, key: str, part: Path, target: Path, most: int | None) -> int | None:
        """Return the bytes of the object; None, with nothing done, where there are more than `most`."""
        # Opened before our own errors begin: a target that cannot be written is the caller's mistake, no missing object.
        with part.open("xb") as file:
            try:
                with translated(self._layout.root, key):
                    source = self._open(key)
                with source:
                    # No more than there is: a buffer of a whole piece costs more than a small file's bytes.
                    size = os.fstat(source.fileno()).st_size
                    if most is not None and size > most:
                        part.unlink()
                        return None
                    self._copy(key, source, file, max(1, min(PIECE_BYTES, size)))
                file.flush()
                part.replace(target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
            return file.tell()

    def _copy(self, key: str, source: BinaryIO, file: BinaryIO, at_once: int) -> None:
        """Copy; what goes wrong with `file` is no trouble of the store."""
        while True:
            with translated(self._layout.root, key):
                piece = source.read(at_once)
            if not piece:
                return
            file.write(piece)

    def _head(self, key: str) -> ObjectHead:
        with self._open(key) as file:
            return _head(key, os.fstat(file.fileno()))

    def _scan(self, folder: Path) -> tuple[Sequence[Path], Sequence[ObjectHead]]:
        inner: list[Path] = []
        heads: list[ObjectHead] = []
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            self._layout.root.stat()
            return inner, heads
        within = self._layout.keys_in(folder)
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    inner.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    heads.append(_head(within(entry.name), entry.stat(follow_symlinks=False)))
            except FileNotFoundError:
                continue
        return inner, heads

    def _delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._layout.remove(key)


def _check_range(start: int, length: int) -> None:
    if start < 0 or length < 0:
        raise ValueError("a range has no negative bounds")


def _head(key: str, stat: os.stat_result) -> ObjectHead:
    etag = f"{stat.st_mtime_ns:x}-{stat.st_size:x}-{stat.st_ino:x}"
    return ObjectHead(key, stat.st_size, etag, datetime.fromtimestamp(stat.st_mtime, UTC))
