"""`Embedder` by statistics: pairs of characters, hashed into a vector of fixed length. It knows spelling, not meaning.

Words are put between spaces, so that beginnings and ends count; a pair counts by the logarithm of how often it occurs (Weinberger
et al., "Feature Hashing for Large Scale Multitask Learning", 2009: a sign taken from the hash keeps collisions from adding up).
Pairs suit Korean, whose endings stick to the words.
"""

import asyncio
import re
import unicodedata
import zlib
from array import array
from collections import Counter
from collections.abc import Sequence

from academy.application.ports.models import Embedded, Usage

__all__ = ["BigramEmbedder"]

_WORD = re.compile(r"\w+")
_PORTION = 64


class BigramEmbedder:
    """See the port. The name of the model holds recipe and dimension, and changes with either."""

    def __init__(self, dimension: int = 512) -> None:
        """Make vectors of `dimension` numbers."""
        self._dimension = dimension
        self.model = f"char-bigram-hash-v1-{dimension}"

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """See the port; a text without a letter or digit gets the vector of an empty word."""
        vectors: list[array[float]] = []
        for start in range(0, len(texts), _PORTION):
            part = texts[start : start + _PORTION]
            vectors += await asyncio.to_thread(self._vectors, part)
        return Embedded(vectors, self.model, self._dimension, "cosine", Usage())

    def _vectors(self, texts: Sequence[str]) -> list["array[float]"]:
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> "array[float]":
        import numpy as np  # noqa: PLC0415 -- a process that never embeds does not pay for it

        words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold()) or [""]
        pairs = Counter(f" {word} "[at : at + 2] for word in words for at in range(len(word) + 1))
        sums = np.zeros(self._dimension)
        for pair, times in pairs.items():
            place = zlib.crc32(pair.encode("utf-8", "replace"))
            sign = 1.0 if place >> 31 else -1.0
            sums[place % self._dimension] += sign * (1.0 + np.log(times))
        length = float(np.linalg.norm(sums))
        if length == 0.0:  # collisions that cancel out to nothing
            sums[0] = length = 1.0
        return array("f", (sums / length).astype(np.float32).tobytes())
