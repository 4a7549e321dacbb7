"""Counts of terms to vectors: BM25 weights, and the directions they have in common (LSA).

Weights: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009. Directions:
a randomised singular value decomposition (Halko, Martinsson, Tropp, 2011); a text's place along them is
scaled by the singular values, as its weights are laid onto the directions. Unscaled, the weak directions
would count as much as the strong ones.
"""

from dataclasses import dataclass

import numpy as np

from academy.infrastructure.statistics.arrays import Csr, Floats, Ints, csr, unit_rows

__all__ = ["DIMENSION", "Weights", "dense", "directions", "sharpest", "weigh_up", "weighted"]

DIMENSION = 96
"""Numbers of a dense vector. The last is 1 where a text has no word that another has, and 0 elsewhere."""

_SATURATION = 1.2
_LENGTH = 0.75
_SAMPLE = 5000
_ROUNDS, _ROUNDS_OF_FEW, _FEW = 3, 8, 1000
_SPARE = 10
_WIDEST = 20_000


@dataclass(frozen=True, slots=True)
class Weights:
    """What weighs a term: `rarity` of each (its idf) and the mean length of a text in terms."""

    rarity: Floats
    mean_length: float


def weigh_up(counts: Csr) -> Weights:
    """Weights by these texts."""
    texts = counts.shape[0]
    seen = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log1p((texts - seen + 0.5) / (seen + 0.5))
    return Weights(rarity.astype(np.float32), float(counts.data.sum() / max(1, texts)) or 1.0)


def weighted(counts: Csr, weights: Weights) -> Csr:
    """BM25 of every term in every text."""
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.bincount(rows, counts.data, counts.shape[0])
    damping = _SATURATION * (1 - _LENGTH + _LENGTH * lengths / weights.mean_length)
    data = counts.data * (_SATURATION + 1) / (counts.data + damping[rows]) * weights.rarity[counts.indices]
    return csr(data, counts.indices, counts.indptr, counts.shape)


def sharpest(matrix: Csr, most: int) -> Csr:
    """Every row with its `most` greatest weights alone; of equal ones the first."""
    sizes = np.diff(matrix.indptr)
    if not len(sizes) or sizes.max() <= most:
        return matrix
    keep = np.ones(len(matrix.data), bool)
    for row in np.flatnonzero(sizes > most):
        start, end = matrix.indptr[row], matrix.indptr[row + 1]
        order = np.argsort(-matrix.data[start:end], kind="stable")
        keep[start + order[most:]] = False
    ends = np.concatenate(([0], np.cumsum(np.minimum(sizes, most))))
    return csr(matrix.data[keep], matrix.indices[keep], ends, matrix.shape)


def directions(matrix: Csr, seed: int) -> tuple[Ints, Floats]:
    """Return the weightiest columns of several texts, and directions: (columns, at most DIMENSION - 1)."""
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
    mass = np.bincount(matrix.indices, matrix.data.astype(np.float64) ** 2, matrix.shape[1])
    columns = np.flatnonzero(seen >= 2)
    if len(columns) > _WIDEST:
        columns = np.sort(columns[np.argsort(-mass[columns], kind="stable")[:_WIDEST]])
    rng = np.random.default_rng(seed)
    part = matrix
    if matrix.shape[0] > _SAMPLE:
        part = matrix[np.sort(rng.permutation(matrix.shape[0])[:_SAMPLE])]
    part = part[:, columns].tocsr()
    rank = min(DIMENSION - 1, max(2, part.shape[0] // 3), *part.shape)
    if rank < 1:
        return columns, np.zeros((len(columns), 0), np.float32)
    return columns, _decomposed(part, rank, rng)


def _decomposed(part: Csr, rank: int, rng: np.random.Generator) -> Floats:
    width = min(rank + _SPARE, *part.shape)
    turned = part.T.tocsr()
    basis = rng.standard_normal((part.shape[1], width), dtype=np.float32)
    for _ in range(_ROUNDS_OF_FEW if part.shape[0] <= _FEW else _ROUNDS):
        rows, _ = np.linalg.qr(part @ basis)
        basis = turned @ rows
    left, _, _ = np.linalg.svd(basis, full_matrices=False)
    found = left[:, :rank]
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(rank)])
    return np.ascontiguousarray(found * np.where(signs == 0, 1, signs), np.float32)


def dense(matrix: Csr, columns: Ints, components: Floats) -> Floats:
    """Places along the directions, length 1: (texts, DIMENSION); zeros for a text without the columns."""
    places = np.zeros((matrix.shape[0], DIMENSION), np.float32)
    if components.shape[1]:
        places[:, : components.shape[1]] = matrix[:, columns] @ components
    places[np.abs(places).max(axis=1, initial=0) < 1e-6] = 0
    return unit_rows(places)
