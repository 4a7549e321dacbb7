"""When a run under fire is over: nothing is left to do."""

import asyncio
import time

from tests.chaos.judge import unsettled

from academy.application.ports.database import DatabaseUnavailable
from academy.bootstrap.backends import Backends

__all__ = ["come_to_rest"]


async def come_to_rest(backends: Backends, patience: float, longest: float) -> str:
    """Wait until nothing is left to do and return "".

    Returns what is left when nothing moved for `patience` seconds, or when it took more than `longest`: a busy machine is slow
    and still makes progress.
    """
    end, moved, before = time.monotonic() + longest, time.monotonic(), ""
    while True:
        try:
            left = await unsettled(backends)
        except DatabaseUnavailable as error:
            left = str(error)
        now = time.monotonic()
        moved = moved if left == before else now
        if not left or now > min(end, moved + patience):
            return left
        before = left
        await asyncio.sleep(0.2)
