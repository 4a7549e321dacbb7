"""Many short texts as one row of letters: the few words of a question are counted in all of them at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "Haystack"]

Counts = NDArray[np.float64]
_GAP = "\n"


class Haystack:
    """Texts to count in. Memory: twelve bytes a letter."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Lay the texts side by side."""
        self.size = len(texts)
        lengths = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
        self._starts = np.concatenate(([0], np.cumsum(lengths)))
        joined = _GAP.join(texts) + _GAP
        lowered = joined.lower()
        if len(lowered) != len(joined):  # a few letters grow
            lowered = "".join(small if len(small := letter.lower()) == 1 else letter for letter in joined)
        self._codes = np.frombuffer(lowered.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        self._pairs = (self._codes[:-1].astype(np.uint64) << np.uint64(21)) | self._codes[1:]
        self.lengths: Counts = lengths.astype(np.float64)

    def counts(self, letters: str, *, starts: bool) -> Counts:
        """Return how often each text has these letters; with `starts` only where a word begins with them."""
        places = self._places(letters)
        if starts and len(places):
            before = self._codes[np.maximum(places - 1, 0)]
            places = places[(places == 0) | ~_is_letter(before)]
            if len(letters) < 4:  # short ones must be whole words
                after = self._codes[np.minimum(places + len(letters), len(self._codes) - 1)]
                places = places[~_is_letter(after)]
        texts = np.searchsorted(self._starts, places, side="right") - 1
        return np.bincount(texts, minlength=self.size).astype(np.float64)[: self.size]

    def _places(self, letters: str) -> NDArray[np.int64]:
        codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        if len(codes) == 1:
            return np.flatnonzero(self._codes == codes[0])
        pair = (np.uint64(codes[0]) << np.uint64(21)) | np.uint64(codes[1])
        places = np.flatnonzero(self._pairs == pair)
        for at in range(2, len(codes)):
            places = places[places + at < len(self._codes)]
            places = places[self._codes[places + at] == codes[at]]
        return places


def _is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    small = (codes >= ord("a")) & (codes <= ord("z"))
    digit = (codes >= ord("0")) & (codes <= ord("9"))
    return small | digit | ((codes >= 0xC0) & (codes < 0x2000))
