"""A whole collection: from texts to what the port answers, and the features that joining goes on from."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from academy.application.ports.graph_maths import Analysed, Community, Neighbour, Placed, TextItem
from academy.infrastructure.statistics.arrays import Csr, Floats, Ints, Truths, unit_sparse
from academy.infrastructure.statistics.features import Features
from academy.infrastructure.statistics.fusing import centred, neural_of, shown_vectors
from academy.infrastructure.statistics.groups import (
    clusters_of,
    largest_first,
    modularity,
    nearest_middle_first,
    parts_of,
)
from academy.infrastructure.statistics.keywords import Keyed, Lexicon, group_keywords, keyed, lexicon
from academy.infrastructure.statistics.layout import laid_out
from academy.infrastructure.statistics.nearest import Edges, as_matrix, edges_of, nearest, neighbours_for
from academy.infrastructure.statistics.phrases import text_keywords
from academy.infrastructure.statistics.twins import Twins, twins_of
from academy.infrastructure.statistics.vectors import dense, directions, sharpest, weigh_up, weighted
from academy.infrastructure.statistics.words import Counted, count, mapped, terms_of

__all__ = ["KEPT_TERMS", "TEXT_KEYWORDS", "analysed", "as_text"]

KEPT_TERMS = 256
"""Terms of a text that are kept for searching."""
TEXT_KEYWORDS = 8
_GROUP_KEYWORDS = 10
_KEY_KEPT_FROM = 3


@dataclass(frozen=True, slots=True)
class _Keys:
    words: Lexicon
    keyed: Keyed
    seen: Ints
    best: list[tuple[str, ...]]

    def shown(self, columns: Ints) -> tuple[str, ...]:
        return tuple(self.words.surface(self.keyed.names[column]) for column in columns)


@dataclass(frozen=True, slots=True)
class _Groups:
    clusters: Ints
    parts: Ints
    vectors: Floats


def as_text(item: TextItem) -> str:
    """Return what is counted of a document: its title says twice as much as its text."""
    return f"{item.title}\n{item.title}\n{item.text}" if item.title else item.text


def analysed(items: Sequence[TextItem], seed: int, path: Path) -> tuple[Analysed, Features]:
    """Return the answer and the features; `items` are sorted by id, `path` is where the features will lie."""
    counted, twins = count(as_text(item) for item in items), twins_of(items)
    features, wordless = _vectors(items, counted, twins, seed)
    usual = neighbours_for(len(items))
    near = nearest(twins.alone(features.space), neighbours_for(len(twins.first)))
    apart = edges_of(near)
    groups = _groups(as_matrix(apart, len(twins.first)), features, wordless, twins, seed)
    edges = twins.spread(apart, usual)
    matrix = as_matrix(edges, len(items))
    keys = _keys(items, counted)
    communities, placed = _laid_out(matrix, groups, keys)
    answer = Analysed(
        ids=tuple(features.ids),
        neighbours=_neighbours(edges),
        modularity=modularity(matrix, groups.clusters),
        vectors=[array("f", row.tobytes()) for row in groups.vectors],
        dimension=groups.vectors.shape[1],
        recipe=dict(features.about["recipe"]),
        features=path,
        communities=communities,
        placed=placed,
    )
    kept = np.flatnonzero(keys.seen >= _KEY_KEPT_FROM)
    return answer, _finished(features, keys, kept, twins.reach(near.likeness, usual))


def _groups(matrix: Csr, features: Features, wordless: Truths, twins: Twins, seed: int) -> _Groups:
    """Clusters and parts; `matrix`: between groups of equal texts."""
    labels = clusters_of(matrix, np.flatnonzero(wordless[twins.first]), seed)
    parts = parts_of(matrix, labels, seed)
    vectors = shown_vectors(features.places, features.neural)
    return _Groups(largest_first(labels[twins.group]), parts[twins.group], vectors)


def _vectors(items: Sequence[TextItem], counted: Counted, twins: Twins, seed: int) -> tuple[Features, Truths]:
    """Features without keywords and neighbours, and whether nothing can be said of a text."""
    counts, terms = mapped(counted.counts, counted.surfaces, terms_of)
    weighing = weigh_up(twins.once(counts))
    unit, lengths = unit_sparse(weighted(counts, weighing))
    columns, components = directions(twins.once(unit), seed)
    given = neural_of(items)
    mean = given.mean(axis=0) if len(items) > 2 else np.zeros(given.shape[1], np.float32)
    neural = centred(given, mean)
    wordless = (np.diff(counts.indptr) == 0) & (np.abs(neural).max(axis=1, initial=0) == 0)
    about = {
        "recipe": _recipe(neural.shape[1], seed),
        "texts": len(twins.first),
        "mean_length": weighing.mean_length,
    }
    features = Features(
        about=about, ids=[item.id for item in items], terms=terms, keys=[], stems=[], shown={},
        rarity=weighing.rarity, columns=columns, components=components, weights=sharpest(unit, KEPT_TERMS),
        lengths=lengths, places=dense(unit, columns, components), neural=neural, neural_mean=mean,
        reach=np.zeros((len(items), 0), np.float32), key_seen=np.zeros(0, np.int64),
    )  # fmt: skip
    return features, wordless


def _recipe(neural: int, seed: int) -> dict[str, str]:
    return {
        "vectors": "bm25+lsa+neural/1" if neural else "bm25+lsa/1",
        "communities": "ranks+leiden/1",
        "keywords": "c-tf-idf+phrases/2",
        "seed": str(seed),
    }


def _keys(items: Sequence[TextItem], counted: Counted) -> _Keys:
    words = lexicon(counted)
    found = keyed(counted, words)
    seen = np.bincount(found.matrix.indices, minlength=len(found.names))
    rarity = np.log1p(len(items) / np.maximum(seen, 1))
    return _Keys(words, found, seen, text_keywords(items, counted, found, words, rarity, TEXT_KEYWORDS))


def _finished(features: Features, keys: _Keys, kept: Ints, reach: Floats) -> Features:
    names = [keys.keyed.names[at] for at in kept]
    shown = {name: keys.words.shown[name] for name in names if name in keys.words.shown}
    stems = sorted(keys.words.stems.intersection(names))
    values = {
        **{name: getattr(features, name) for name in Features.__dataclass_fields__},
        "keys": names,
        "stems": stems,
        "shown": shown,
        "reach": reach,
    }
    return Features(**{**values, "key_seen": keys.seen[kept]})


def _neighbours(edges: Edges) -> tuple[Neighbour, ...]:
    ends = zip(edges.source.tolist(), edges.target.tolist(), strict=True)
    weight = np.round(edges.weight.astype(np.float64), 6).tolist()
    likeness = np.clip(np.round(edges.likeness.astype(np.float64), 4), -1, 1).tolist()
    return tuple(
        Neighbour(*pair, one, other) for pair, one, other in zip(ends, weight, likeness, strict=True)
    )


def _laid_out(matrix: Csr, groups: _Groups, keys: _Keys) -> tuple[tuple[Community, ...], tuple[Placed, ...]]:
    """Communities, the clusters first, and where each text stands."""
    clusters, parts = groups.clusters, groups.parts
    many, inside = int(clusters.max(initial=-1)) + 1, int(parts.max(initial=-1)) + 1
    places, centres = laid_out(matrix, groups.vectors, clusters)
    cluster_words, part_words = group_keywords(keys.keyed.matrix, clusters, parts, _GROUP_KEYWORDS)
    communities = [
        _community(members, keys.shown(words), -1, centre)
        for members, words, centre in zip(
            nearest_middle_first(groups.vectors, clusters, many), cluster_words, centres, strict=True
        )
    ]
    for members, words in zip(nearest_middle_first(groups.vectors, parts, inside), part_words, strict=True):
        middle = places[members].mean(axis=0)
        communities.append(_community(members, keys.shown(words), int(clusters[members[0]]), middle))
    placed = tuple(
        Placed(cluster, many + part if part >= 0 else -1, words, _short(x), _short(y))
        for cluster, part, words, (x, y) in zip(
            clusters.tolist(), parts.tolist(), keys.best, places.tolist(), strict=True
        )
    )
    return tuple(communities), placed


def _community(members: Ints, words: tuple[str, ...], parent: int, middle: Floats) -> Community:
    x, y = middle.tolist()
    return Community(tuple(members.tolist()), words, parent, _short(x), _short(y))


def _short(number: float) -> float:
    return round(number, 4) + 0.0
