"""Direct uploads into a folder, by signed URLs that our API serves.

.uploads/{upload}/plan.json        what the upload is to become
.uploads/{upload}/00001-{etag}     a part, whole and on disk; a single PUT is an upload of one
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from academy.application.ports.clock import Clock
from academy.application.ports.object_store import (
    ObjectMissing,
    ObjectTooLarge,
    UploadMismatch,
    UploadPart,
    UploadTicket,
)
from academy.domain.object_key import checked_key
from academy.domain.signing import ObjectGrant, UrlSigner
from academy.domain.upload import UploadPlan
from academy.infrastructure.filesystem.layout import (
    PIECE_BYTES,
    FolderLayout,
    in_thread,
    receive,
    sync_folder,
)

__all__ = ["FolderUploadGateway"]

_PLAN = "plan.json"
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Upload:
    """An upload under way, its plan locked against others."""

    folder: Path
    key: str
    part_sizes: tuple[int, ...]

    def part(self, number: int) -> Path | None:
        """Return the file of a part that is there."""
        return next(iter(self.folder.glob(f"{number:05d}-*")), None)


class FolderUploadGateway:
    """UploadGateway and UploadReceiver of one bucket in a folder. Several processes may use the folder."""

    def __init__(
        self,
        root: Path,
        *,
        bucket: str,
        signer: UrlSigner,
        base_url: str,
        clock: Clock,
        plan: UploadPlan = UploadPlan(),  # noqa: B008 -- frozen
    ) -> None:
        """Use the folder of a FolderObjectStore; the arguments mean the same."""
        self._layout = FolderLayout(root)
        self._bucket = bucket
        self._signer = signer
        self._base_url = base_url
        self._clock = clock
        self._plan = plan

    async def begin(self, key: str, size: int, content_type: str, expires_seconds: int) -> UploadTicket:
        """See UploadGateway."""
        self._layout.path(key)
        sizes = self._plan.part_sizes(size)
        # A single PUT is an upload, too: its address ends with it, not hours later.
        upload_id = uuid4().hex
        await in_thread(self._layout.root, key, partial(self._begin, upload_id, key, sizes))
        expires_at = self._clock.now() + timedelta(seconds=expires_seconds)
        ends = int(expires_at.timestamp())
        grants = [
            ObjectGrant("PUT", self._bucket, key, ends, part, upload_id, number)
            for number, part in enumerate(sizes, 1)
        ]
        urls = tuple(self._signer.url(self._base_url, grant) for grant in grants)
        headers = {"Content-Type": content_type} if content_type and len(sizes) == 1 else {}
        return UploadTicket(upload_id, sizes[0], urls, headers, expires_at)

    async def accept_part(
        self, key: str, upload_id: str, number: int, size: int, data: AsyncIterable[bytes]
    ) -> str:
        """See UploadReceiver."""
        self._layout.path(key)
        await in_thread(self._layout.root, key, partial(self._check_part, upload_id, key, number, size))
        digest = hashlib.sha256()
        keep = partial(self._keep, key, upload_id, number, digest)
        return await receive(self._layout, key, _exactly(size, data, digest), keep)

    async def complete(self, key: str, upload_id: str, parts: Sequence[UploadPart]) -> None:
        """See UploadGateway."""
        checked_key(key)
        await in_thread(self._layout.root, key, partial(self._complete, key, upload_id, parts))

    async def abort(self, key: str, upload_id: str) -> None:
        """See UploadGateway."""
        checked_key(key)
        await in_thread(self._layout.root, key, partial(self._abort, key, upload_id))

    def _begin(self, upload_id: str, key: str, sizes: Sequence[int]) -> None:
        folder = self._layout.upload(upload_id)
        folder.parent.mkdir(exist_ok=True)
        folder.mkdir()
        # Sizes repeat but for the last, so three numbers tell them all.
        plan = {"key": key, "size": sizes[0], "count": len(sizes), "last": sizes[-1]}
        (folder / _PLAN).write_text(json.dumps(plan))
        sync_folder(folder)

    @contextmanager
    def _locked(self, upload_id: str, key: str) -> Iterator[_Upload | None]:
        """Hold an upload against other processes; None if there is none for this key (any more)."""
        folder = self._layout.upload(upload_id)
        if not _UPLOAD_ID.fullmatch(upload_id) or not (folder / _PLAN).exists():
            yield None
            return
        with (folder / _PLAN).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            plan = json.load(file)
            # Completed or aborted by another while we waited: then this is a lock on nothing.
            if os.fstat(file.fileno()).st_nlink == 0 or plan["key"] != key:
                yield None
                return
            sizes = (*[plan["size"]] * (plan["count"] - 1), plan["last"])
            yield _Upload(folder, key, sizes)

    def _check_part(self, upload_id: str, key: str, number: int, size: int) -> None:
        with self._locked(upload_id, key) as upload:
            if upload is None:
                raise ObjectMissing(f"no upload {upload_id} of {key}")
            if not 1 <= number <= len(upload.part_sizes) or upload.part_sizes[number - 1] != size:
                raise UploadMismatch(f"the upload has no part {number} of {size} bytes")

    def _keep(
        self, key: str, upload_id: str, number: int, digest: "hashlib._Hash", file: BinaryIO, path: Path
    ) -> str:
        etag = digest.hexdigest()
        file.flush()
        os.fsync(file.fileno())
        with self._locked(upload_id, key) as upload:
            if upload is None:
                raise ObjectMissing(f"no upload {upload_id} of {key}")
            earlier = upload.part(number)
            path.replace(upload.folder / f"{number:05d}-{etag}")
            if earlier and not earlier.name.endswith(etag):
                earlier.unlink()
            sync_folder(upload.folder)
        return etag

    def _complete(self, key: str, upload_id: str, parts: Sequence[UploadPart]) -> None:
        with self._locked(upload_id, key) as upload:
            if upload is None:
                # Completed before, or aborted: the object tells which.
                if not self._layout.path(key).is_file():
                    raise FileNotFoundError(key)
                return
            files = _matching_files(upload, parts or _only_part(upload))
            with self._layout.incoming() as (target, path):
                for part in files:
                    with part.open("rb") as source:
                        shutil.copyfileobj(source, target, PIECE_BYTES)
                self._layout.publish(target, path, key)
            _remove(upload.folder)

    def _abort(self, key: str, upload_id: str) -> None:
        with self._locked(upload_id, key) as upload:
            if upload is not None:
                _remove(upload.folder)


def _only_part(upload: _Upload) -> list[UploadPart]:
    """Return the part of a single PUT, which need not be named; none for an upload in several parts."""
    if len(upload.part_sizes) > 1:
        return []
    file = upload.part(1)
    if file is None:
        raise FileNotFoundError(upload.key)
    return [UploadPart(1, file.name.partition("-")[2])]


def _matching_files(upload: _Upload, parts: Sequence[UploadPart]) -> list[Path]:
    count = len(upload.part_sizes)
    if [part.number for part in parts] != list(range(1, count + 1)):
        raise UploadMismatch(f"the upload has the parts 1 to {count}")
    files = [upload.part(part.number) for part in parts]
    whole = [file for file in files if file is not None]
    if len(whole) < count:
        raise UploadMismatch(f"{count - len(whole)} parts were not uploaded")
    for file, part in zip(whole, parts, strict=True):
        if file.name != f"{part.number:05d}-{part.etag.strip(chr(34))}":
            raise UploadMismatch(f"part {part.number} is another than the one uploaded")
    return whole


def _remove(folder: Path) -> None:
    # The plan goes last: a removal that is interrupted can be taken up again.
    for path in folder.iterdir():
        if path.name != _PLAN:
            path.unlink()
    (folder / _PLAN).unlink()
    folder.rmdir()


async def _exactly(size: int, data: AsyncIterable[bytes], digest: "hashlib._Hash") -> AsyncIterator[bytes]:
    seen = 0
    async for piece in data:
        seen += len(piece)
        if seen > size:
            raise ObjectTooLarge(f"more than the {size} bytes that the URL allows")
        digest.update(piece)
        yield piece
    if seen < size:
        raise UploadMismatch(f"{seen} bytes came instead of {size}")
