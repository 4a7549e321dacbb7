"""The adapter: whatever is handed in, as documents and outcomes (port: application/ports/sources)."""

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

from academy.domain.graph.source import Outcome, SourceDocument
from academy.infrastructure.sources.archive import BROKEN_MEMBER, folder_things, opener
from academy.infrastructure.sources.budget import Budget
from academy.infrastructure.sources.clean import identifier, stem_of
from academy.infrastructure.sources.contents import contents, members
from academy.infrastructure.sources.gate import checked
from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.refusals import refused
from academy.infrastructure.sources.thing import Thing

__all__ = ["HandedInSources"]


class HandedInSources:
    """SourceReader. Synchronous, for a process of its own: libraries in C read what strangers wrote."""

    def __init__(self, limits: SourceLimits | None = None) -> None:
        """Read within the limits."""
        self._limits = limits or SourceLimits()

    def read(self, source: Path | bytes, name: str) -> Iterator[SourceDocument | Outcome]:
        """Yield what stands in a file or its bytes, or in the files of a folder (sorted). Raises SourceUnreadable, FileNotFoundError."""
        return checked(self._found(source, identifier(name)), self._limits)

    def _found(self, source: Path | bytes, name: str) -> Iterator[SourceDocument | Outcome]:
        budget = Budget(self._limits)
        if isinstance(source, bytes):
            thing = Thing(name, name, stem_of(name), len(source), partial(BytesIO, source), stored=True)
        elif source.is_dir():
            yield from members(folder_things(source, name, budget), 0, budget)
            return
        else:
            thing = Thing(name, name, stem_of(name), source.stat().st_size, opener(source), stored=True)
        try:
            yield from contents(thing, 0, budget)
        except BROKEN_MEMBER as error:
            raise refused("broken_archive", str(error)) from error
