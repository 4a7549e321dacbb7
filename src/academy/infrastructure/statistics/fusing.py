"""Weights, directions and, where there is one, a neural embedder's vector, as one likeness.

A neural vector adds its share and replaces nothing: rare names and numbers are found by the words alone.
"""

from collections.abc import Sequence

import numpy as np

from academy.application.ports.graph_maths import TextItem
from academy.infrastructure.statistics.arrays import Csr, Floats, csr, unit_rows, unit_sparse
from academy.infrastructure.statistics.nearest import Space
from academy.infrastructure.statistics.vectors import DIMENSION, sharpest

__all__ = ["centred", "neural_of", "shown_vectors", "space_of"]

_SHARPEST = 64
"""Terms of a text that it is compared by: the others hardly move its neighbours, and cost most."""
_PLAIN_SHARES = (0.5, 0.5, 0.0)
_NEURAL_SHARES = (0.3, 0.3, 0.4)


def neural_of(items: Sequence[TextItem]) -> Floats:
    """Return the given vectors as unit rows, zeros where one is missing: (texts, numbers).

    Raises:
        ValueError: they are of several lengths, or hold what is no number.
    """
    sizes = {len(item.vector) for item in items if item.vector is not None}
    if len(sizes) > 1:
        raise ValueError("vectors of one length")
    found = np.zeros((len(items), next(iter(sizes), 0)), np.float32)
    for row, item in enumerate(items):
        if item.vector is not None:
            found[row] = item.vector
    if not np.isfinite(found).all():
        raise ValueError("vectors of finite numbers")
    return unit_rows(found)


def centred(neural: Floats, mean: Floats) -> Floats:
    """Less what all have in common, unit rows; a missing one stays zero."""
    there = np.abs(neural).max(axis=1, initial=0) > 0
    return unit_rows(np.where(there[:, None], neural - mean, 0))


def space_of(weights: Csr, places: Floats, neural: Floats) -> Space:
    """Where texts lie for their neighbours."""
    words, along, meant = _NEURAL_SHARES if neural.shape[1] else _PLAIN_SHARES
    unit, _ = unit_sparse(sharpest(weights, _SHARPEST))
    scaled = csr(unit.data * np.sqrt(words), unit.indices, unit.indptr, unit.shape)
    parts = [places * np.sqrt(along)] + ([neural * np.sqrt(meant)] if neural.shape[1] else [])
    return Space(scaled, np.concatenate(parts, axis=1).astype(np.float32))


def shown_vectors(places: Floats, neural: Floats) -> Floats:
    """Vectors for an index: places beside neural ones, unit rows; never zero."""
    filled = places.copy()
    filled[np.abs(places).max(axis=1, initial=0) == 0, DIMENSION - 1] = 1
    return unit_rows(np.concatenate((filled, neural), axis=1))
