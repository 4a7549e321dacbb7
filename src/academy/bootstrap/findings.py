"""What the doctor finds, and how it asks."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from academy.application.jobs.fleet import ANSWER_SECONDS
from academy.application.ports.database import DatabaseUnavailable
from academy.application.ports.job_queue import QueueMissing
from academy.application.ports.media import MediaError
from academy.application.ports.message_provider import ProviderRefused
from academy.bootstrap.settings import SettingsInvalid

__all__ = ["Finding", "all_of", "found"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the doctor; `mend` says what to do when it is not ok."""

    what: str
    ok: bool
    text: str
    mend: str = ""


async def all_of(*asked: Awaitable[Finding]) -> list[Finding]:
    """Return what is found, all asked at once."""
    return list(await asyncio.gather(*asked))


async def found(
    what: str, answer: Awaitable[str], mend: str, *, within: float | None = ANSWER_SECONDS
) -> Finding:
    """Return the `answer`, or what it raised with `mend`, in `within` seconds; None: however long it takes."""
    try:
        async with asyncio.timeout(within):
            return Finding(what, True, await answer)
    except TimeoutError:
        return Finding(what, False, f"no answer in {within or 0:.0f} s", mend)
    except QueueMissing:
        return Finding(what, False, "there is no such queue", "Run `academy queues create`.")
    except MediaError as error:
        return Finding(what, False, error.failure.detail or error.failure.message, mend)
    except ProviderRefused as error:
        return Finding(what, False, error.failure.message, mend)
    except Exception as error:  # noqa: BLE001 - told to the operator, who asked
        plain = isinstance(error, DatabaseUnavailable | SettingsInvalid)
        text = str(error) if plain else f"{type(error).__name__}: {error}"
        return Finding(what, False, text, mend)
