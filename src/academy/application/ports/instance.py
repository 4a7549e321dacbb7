"""Port: the life of the rented machine this process runs on, as its owner announces it (JOB-12, OPS-4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

__all__ = ["Instance", "InstanceLife", "InstanceLock", "InstanceNotice", "InstanceUnavailable", "StopRefused"]


class InstanceUnavailable(Exception):
    """The machine's metadata, or the service that could stop it, cannot be asked now; may work later."""


class StopRefused(Exception):
    """The machine may not be stopped from here, and asking again will not help; the text says why."""


@dataclass(frozen=True, slots=True)
class Instance:
    """The machine.

    Attributes:
        id: the provider's id ("i-0123…").
        region: where it runs ("ap-northeast-2").
        scaled: something that scales owns its life (an Auto Scaling group).
    """

    id: str
    region: str
    scaled: bool


@dataclass(frozen=True, slots=True)
class InstanceNotice:
    """The machine is about to go; `why` is a short word for logs, `at` the moment, None when it is not told."""

    why: str
    at: datetime | None


class InstanceLife(Protocol):
    """Asks about the machine, and stops it."""

    async def identity(self) -> Instance | None:
        """Return which machine this is, None when it is none that can be asked. Raises InstanceUnavailable."""
        ...

    async def notice(self) -> InstanceNotice | None:
        """Return what was announced, None when nothing was. Raises InstanceUnavailable."""
        ...

    async def check_stop(self) -> None:
        """Find out, without stopping, whether `stop` is allowed. Raises StopRefused, InstanceUnavailable."""
        ...

    async def stop(self) -> None:
        """Stop this machine; returns when that is under way. Raises StopRefused, InstanceUnavailable."""
        ...


class InstanceLock(Protocol):
    """Who on this machine may decide that it stops: workers that work share it, and nobody can own what others share.

    Never blocks. Given up with the process, however that ends.
    """

    def share(self) -> bool:
        """Say that this process works; False when another one owns the lock, which means that the machine is being stopped."""
        ...

    def own(self) -> bool:
        """Take the lock for this process alone; False when another one shares or owns it."""
        ...

    def release(self) -> None:
        """Give the lock up."""
        ...
