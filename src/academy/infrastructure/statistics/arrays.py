"""Names for arrays, and what is done to every one of them."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-not-found, import-untyped, unused-ignore]

__all__ = [
    "Csr",
    "Floats",
    "Ints",
    "Truths",
    "csr",
    "halved",
    "one_thread",
    "pooled",
    "unit_rows",
    "unit_sparse",
]

Floats: TypeAlias = NDArray[np.floating[Any]]
Ints: TypeAlias = NDArray[np.integer[Any]]
Truths: TypeAlias = NDArray[np.bool_]
Csr: TypeAlias = Any
"""A `scipy.sparse.csr_array` of float32; scipy carries no types."""

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def one_thread(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Pin to one thread: sums of floats depend on how many share them, and answers must be the same again."""

    def pinned(*args: _Given.args, **named: _Given.kwargs) -> _Made:
        with threadpool_limits(1):
            return function(*args, **named)

    pinned.__doc__ = function.__doc__
    return pinned


def csr(data: ArrayLike, indices: ArrayLike, indptr: ArrayLike, shape: tuple[int, int]) -> Csr:
    """Return a sparse matrix of float32 from its three arrays."""
    return sparse.csr_array(
        (np.asarray(data, np.float32), np.asarray(indices, np.int32), np.asarray(indptr, np.int32)),
        shape=shape,
    )


def halved(matrix: Floats) -> Floats:
    """Numbers as a file in half precision gives them back."""
    return matrix.astype(np.float16).astype(np.float32)


def pooled(matrix: Csr, groups: Ints, many: int) -> Csr:
    """Rows of one group added up: (many, columns). Rows of group -1 are left out."""
    rows = np.flatnonzero(groups >= 0)
    sums = sparse.csr_array(
        (np.ones(len(rows), np.float32), (groups[rows], rows)), shape=(many, matrix.shape[0])
    )
    found = (sums @ matrix).tocsr()
    found.sort_indices()
    return found


def unit_rows(matrix: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    unit: Floats = (matrix / lengths).astype(np.float32)
    return unit


def unit_sparse(matrix: Csr) -> tuple[Csr, Floats]:
    """Rows of length 1 and the lengths they had; an empty row stays, of length 1."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    lengths = np.sqrt(np.bincount(rows, matrix.data.astype(np.float64) ** 2, matrix.shape[0]))
    lengths[lengths == 0] = 1
    return csr(matrix.data / lengths[rows], matrix.indices, matrix.indptr, matrix.shape), lengths.astype(
        np.float32
    )
