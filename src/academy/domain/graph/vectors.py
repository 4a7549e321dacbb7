"""What may stand in a collection of vectors: the same for every index."""

from array import array
from collections.abc import Sequence
from math import isfinite

__all__ = ["MAX_ID_CHARACTERS", "METRIC", "check_ids", "check_vector", "check_vectors"]

MAX_ID_CHARACTERS = 1_000
"""Longest id of a vector."""
METRIC = "cosine"
"""The only measure of nearness there is."""
_LARGEST = 3.0e38


def check_vectors(dimension: int, metric: str, ids: Sequence[str], vectors: Sequence["array[float]"]) -> None:
    """Raise ValueError unless the metric is ours and each id has one vector of `dimension` finite numbers.

    Ids are 1 to 1,000 characters that UTF-8 can say, each named once. A vector of zeros is one: it is like nothing.
    """
    if metric != METRIC:
        raise ValueError(f"the metric {metric!r} is not known; there is {METRIC!r}")
    if dimension < 1:
        raise ValueError(f"a vector has at least one dimension, not {dimension}")
    if len(ids) != len(vectors):
        raise ValueError(f"{len(ids)} ids do not go with {len(vectors)} vectors")
    if len(set(ids)) != len(ids):
        raise ValueError("an id is named twice")
    check_ids(ids)
    for each, vector in zip(ids, vectors, strict=True):
        check_vector(dimension, vector, each)


def check_ids(ids: Sequence[str]) -> None:
    """Raise ValueError unless all are 1 to 1,000 characters that UTF-8 can say."""
    for each in ids:
        if not each or len(each) > MAX_ID_CHARACTERS:
            raise ValueError(f"an id has 1 to {MAX_ID_CHARACTERS} characters, not {len(each)}")
        try:
            each.encode()
        except UnicodeEncodeError:
            raise ValueError(f"the id {each[:100]!r} has half a surrogate pair") from None


def check_vector(dimension: int, vector: "array[float]", name: str = "asked for") -> None:
    """Raise ValueError unless it has `dimension` finite numbers; `name` says which one in the error."""
    if len(vector) != dimension:
        raise ValueError(f"the vector {name[:100]!r} has {len(vector)} numbers, not {dimension}")
    # Bounds, since numbers are kept in 32 bits; what is not a number shows in the sum.
    if not (min(vector) >= -_LARGEST and max(vector) <= _LARGEST and isfinite(sum(vector))):
        raise ValueError(f"the vector {name[:100]!r} has a number that is not finite")
