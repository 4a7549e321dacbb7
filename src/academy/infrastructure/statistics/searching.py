"""Questions to texts: BM25 of the words, a little of the directions, and a neural vector's share."""

from array import array
from collections.abc import Sequence

import numpy as np

from academy.application.ports.graph_search import Found
from academy.infrastructure.statistics.arrays import Csr, Floats, csr, unit_rows, unit_sparse
from academy.infrastructure.statistics.features import Features
from academy.infrastructure.statistics.vectors import dense
from academy.infrastructure.statistics.words import count, mapped, terms_of

__all__ = ["found_for"]

_ALONG = 0.05
_MEANT = 0.4
_TWICE = 2
_BLOCK = 256


def found_for(
    features: Features, texts: Sequence[str], most: int, vectors: "Sequence[array[float]] | None"
) -> tuple[tuple[Found, ...], ...]:
    """See `StatisticalGraphMaths.search`."""
    asked = _weights(features, texts)
    rare = csr(asked.data * features.rarity[asked.indices], asked.indices, asked.indptr, asked.shape)
    unit, _ = unit_sparse(rare)
    along = dense(unit, features.columns, features.components)
    share = _MEANT if vectors is not None and features.neural.shape[1] else 0.0
    meant = unit_rows(np.array(vectors, np.float32)) if share else np.zeros((len(texts), 0), np.float32)
    rows = np.repeat(np.arange(len(features.ids)), np.diff(features.weights.indptr))
    data = features.weights.data * features.lengths[rows]
    turned = csr(data, features.weights.indices, features.weights.indptr, features.weights.shape).T.tocsr()
    best: list[tuple[Found, ...]] = []
    for start in range(0, len(texts), _BLOCK):
        part = slice(start, start + _BLOCK)
        score = _scaled((asked[part] @ turned).toarray()) * (1 - share)
        score += _ALONG * np.maximum(along[part] @ features.places.T, 0)
        if share:
            score += share * np.maximum(meant[part] @ features.neural.T, 0)
        best += [_best(features.ids, row, most) for row in np.round(score, 6)]
    return tuple(best)


def _weights(features: Features, texts: Sequence[str]) -> Csr:
    """How often each known term stands in the questions, at most twice."""
    counted = count(texts)
    counts, terms = mapped(counted.counts, counted.surfaces, terms_of)
    number_of = features.number_of_term
    columns = np.array([number_of.get(term, -1) for term in terms], np.int64)
    known = columns[counts.indices] >= 0
    ends = np.concatenate(([0], np.cumsum(known)))[counts.indptr]
    indices = columns[counts.indices[known]]
    shape = (len(texts), len(features.terms))
    found = csr(np.minimum(counts.data[known], _TWICE), indices, ends, shape)
    found.sort_indices()
    return found


def _scaled(score: Floats) -> Floats:
    greatest = np.maximum(score.max(axis=1, initial=0), 1e-9)[:, None]
    scaled: Floats = (score / greatest).astype(np.float32)
    return scaled


def _best(ids: Sequence[str], score: Floats, most: int) -> tuple[Found, ...]:
    order = np.argsort(-score, kind="stable")[:most]
    return tuple(Found(ids[at], float(score[at])) for at in order.tolist() if score[at] > 0)
