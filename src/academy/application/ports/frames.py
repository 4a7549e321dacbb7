"""Port: single pictures out of a film."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from academy.application.ports.media import Report

__all__ = ["Frame", "FrameSource"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture (JPEG) and the second of the film that it shows."""

    path: Path
    seconds: float


class FrameSource(Protocol):
    """Takes frames out of films. Opens no network connection and no file but the film and its own folder."""

    async def frames(
        self, film: Path, folder: Path, *, every_seconds: float, most: int, report: Report
    ) -> tuple[Frame, ...]:
        """Write a frame for every so many seconds into `folder`, which is there; farther apart where there would be over `most`.

        Content decides what the film is, never its name. Raises MediaError; cancelled, it ends its processes first.
        """
        ...
