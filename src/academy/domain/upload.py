"""How an upload is cut into parts (VID-1)."""

from dataclasses import dataclass

__all__ = ["MAX_PARTS", "UploadPlan"]

MAX_PARTS = 10_000
"""Parts of one upload (Amazon S3, "multipart upload limits"; Cloudflare R2 the same)."""
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """Sizes of parts.

    Attributes:
        multipart_above: bytes up to which an upload is a single PUT.
        part_size: bytes of a part, at least 5 MiB on S3; doubled until MAX_PARTS are enough.
        max_size: largest upload (S3: 5 TiB; R2: 4.995 TiB).
    """

    multipart_above: int = 100_000_000
    part_size: int = 16 * _MIB
    max_size: int = 4 << 40

    def part_sizes(self, size: int) -> list[int]:
        """Return the bytes of every part, all equal but for the last; one part is a single PUT.

        Raises ValueError unless `size` is 1 to max_size.
        """
        if not 0 < size <= self.max_size:
            raise ValueError(f"an upload has 1 to {self.max_size} bytes, not {size}")
        if size <= self.multipart_above:
            return [size]
        part = self.part_size
        while part * MAX_PARTS < size:
            part *= 2
        whole, rest = divmod(size, part)
        return [part] * whole + ([rest] if rest else [])
