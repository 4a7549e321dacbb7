"""A disk with no room for an attempt's files: told as what it is, whoever wrote, the worker or a process of its (GRA-3, JOB-11)."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from academy.application.errors import WorkFailed
from academy.domain.failures import Failure

__all__ = ["DISK_FULL", "room_needed"]

DISK_FULL = Failure(
    "disk_full",
    "The worker has no space left for the files of this task; make room on its disk, it is tried again by itself.",
    "서버의 저장 공간이 부족합니다. 디스크 공간을 확보해 주세요. 자동으로 다시 시도합니다.",
    retryable=True,
    costs_attempt=False,
)


@contextmanager
def room_needed() -> Iterator[None]:
    """Turn a full disk, or quota, into WorkFailed `disk_full`; anything else is passed on."""
    try:
        yield
    except (OSError, WorkFailed, ExceptionGroup) as error:
        if not _is_full(error):
            raise
        raise WorkFailed(DISK_FULL) from error


def _is_full(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(map(_is_full, error.exceptions))
    if isinstance(error, WorkFailed):
        # What a process of its own tells does not say whether it costs an attempt.
        return error.failure.code == DISK_FULL.code
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
