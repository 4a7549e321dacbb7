"""What an input may unpack to, counted while it is unpacked and over all archives within one another (SEC-2)."""

import io
from typing import IO

from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.refusals import refused

__all__ = ["Budget", "Metered"]


class Budget:
    """Counts for one input."""

    def __init__(self, limits: SourceLimits) -> None:
        """Begin with nothing spent."""
        self.limits = limits
        self.exhausted = False
        self._bytes = self._members = 0

    def unpacked(self, count: int) -> None:
        """Count bytes. Raises SourceUnreadable archive_bomb."""
        self._bytes += count
        if self._bytes > self.limits.unpacked_bytes:
            self.exhausted = True
            raise refused("archive_bomb", f"more than {self.limits.unpacked_bytes:,} bytes")

    def found(self, count: int) -> None:
        """Count members. Raises SourceUnreadable archive_bomb."""
        self._members += count
        if self._members > self.limits.members:
            self.exhausted = True
            raise refused("archive_bomb", f"more than {self.limits.members:,} things")


class Metered(io.RawIOBase):
    """A member of an archive that counts what it unpacks to; reading raises SourceUnreadable archive_bomb."""

    def __init__(self, source: IO[bytes], packed: int, budget: Budget) -> None:
        """Read from `source`, which closes with this; `packed`: its bytes in the archive."""
        self._source, self._budget = source, budget
        self._most = max(budget.limits.ratio_from, packed * budget.limits.unpacked_ratio)
        self._count = 0

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read up to as much as the buffer takes."""
        data = self._source.read(len(buffer))
        self._count += len(data)
        self._budget.unpacked(len(data))
        if self._count > self._most:
            raise refused(
                "archive_bomb", f"more than {self._budget.limits.unpacked_ratio} times its packed size"
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the member as well."""
        self._source.close()
        super().close()
