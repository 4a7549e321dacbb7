"""cProfile over all threads of a process, on CPU time: waiting costs nothing."""

import cProfile
import pstats
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["profiled"]


class _OfThread(cProfile.Profile):
    """Of another thread, whose unfinished calls must not be closed with the clock of the thread that reads."""

    def create_stats(self) -> None:
        self.snapshot_stats()


@contextmanager
def profiled(path: str) -> Iterator[None]:
    """Profile this thread and every thread started meanwhile; write the sum to `path` for pstats."""
    profiles = [cProfile.Profile(time.thread_time)]

    def begin(*_: object) -> None:
        # Replaces this very hook in the thread that it is called in.
        profile = _OfThread(time.thread_time)
        profiles.append(profile)
        profile.enable()

    threading.setprofile(begin)
    profiles[0].enable()
    try:
        yield
    finally:
        profiles[0].disable()
        threading.setprofile(None)
        total = pstats.Stats(profiles[0])
        for profile in profiles[1:]:
            total.add(profile)
        total.dump_stats(path)
