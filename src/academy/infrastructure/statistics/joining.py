"""New or changed texts beside those that are there.

They are weighed by the same rarities and laid along the same directions; nothing else moves.
"""

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from academy.application.ports.graph_maths import Joined, TextItem
from academy.infrastructure.statistics.analysis import KEPT_TERMS, TEXT_KEYWORDS, as_text
from academy.infrastructure.statistics.arrays import Csr, Floats, Ints, Truths, csr, halved, unit_sparse
from academy.infrastructure.statistics.features import Features
from academy.infrastructure.statistics.fusing import centred, neural_of, shown_vectors
from academy.infrastructure.statistics.keywords import Lexicon, keyed
from academy.infrastructure.statistics.nearest import LEAST, Space, likeness_between, top_of
from academy.infrastructure.statistics.phrases import text_keywords
from academy.infrastructure.statistics.settling import Member, Tie, settled
from academy.infrastructure.statistics.vectors import Weights, dense, sharpest, weighted
from academy.infrastructure.statistics.words import Counted, count, mapped, terms_of

__all__ = ["joined", "together"]

_BLOCK = 128
_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Stretches (whether of the new, from, to) and where the rows end."""

    stretches: list[tuple[bool, int, int]]
    ends: Ints

    def take(self, old: NDArray[_Number], new: NDArray[_Number]) -> NDArray[_Number]:
        return np.concatenate([(new if fresh else old)[start:end] for fresh, start, end in self.stretches])


@dataclass(frozen=True, slots=True)
class _Alike:
    """Rows that a new text is near to, the nearest first, and rows that it is near enough to be one of theirs; how alike they are."""

    near: Ints
    likeness: Floats
    back: Ints
    back_likeness: Floats


def joined(
    before: Features, items: Sequence[TextItem], members: Mapping[str, Member]
) -> tuple[Joined, Features, Ints]:
    """Return the answer, the features that hold all, and the rows of `items` in them; `items` are sorted by id."""
    counted = count(as_text(item) for item in items)
    new = _new(before, items, counted)
    after, rows = together(before, new)
    there = np.array([one in members for one in after.ids], bool)
    there[rows] = True
    ties, reach = _ties(after, rows, there)
    after.reach[rows] = halved(reach)
    where = settled(after.ids, rows, ties, members)
    vectors = shown_vectors(after.places[rows], after.neural[rows])
    answer = Joined(
        ids=tuple(item.id for item in items),
        neighbours=tuple(
            (item.id, after.ids[tie.row], tie.weight, tie.likeness)
            for item, some in zip(items, ties, strict=True)
            for tie in some
        ),
        clusters=where.clusters,
        groups=where.groups,
        keywords=_keywords(before, items, counted),
        places=where.places,
        vectors=[array("f", row.tobytes()) for row in vectors],
    )
    return answer, after, rows


def _new(before: Features, items: Sequence[TextItem], counted: Counted) -> Features:
    """Features of the new texts alone; terms that nobody had are added at the end, as rare as they are."""
    counts, names = mapped(counted.counts, counted.surfaces, terms_of)
    number_of, known = before.number_of_term, len(before.terms)
    fresh = [name for name in names if name not in number_of]
    columns = np.array([number_of.get(name, -1) for name in names], np.int64)
    columns[columns < 0] = known + np.arange(len(fresh))
    many = int(before.about["texts"])
    seen = np.bincount(counts.indices, minlength=len(names))[
        [at for at, one in enumerate(columns) if one >= known]
    ]
    rarity = np.concatenate((before.rarity, np.log1p(np.maximum(many - seen + 0.5, 0.5) / (seen + 0.5))))
    wide = csr(counts.data, columns[counts.indices], counts.indptr, (len(items), known + len(fresh)))
    wide.sort_indices()
    weighing = Weights(rarity.astype(np.float32), before.weighing.mean_length)
    unit, lengths = unit_sparse(weighted(wide, weighing))
    neural = halved(_neural(before, items))
    kept = sharpest(unit, KEPT_TERMS)
    return Features(**{
        **{name: getattr(before, name) for name in Features.__dataclass_fields__},
        "ids": [item.id for item in items], "terms": fresh, "rarity": weighing.rarity, "neural": neural,
        "weights": csr(halved(kept.data), kept.indices, kept.indptr, kept.shape), "lengths": lengths,
        "places": halved(dense(unit, before.columns, before.components)),
    })  # fmt: skip


def _neural(before: Features, items: Sequence[TextItem]) -> Floats:
    given = neural_of(items)
    expected = before.neural.shape[1]
    if given.shape[1] not in {0, expected}:
        raise ValueError(f"vectors of {expected} numbers, as the graph's are")
    if not given.shape[1]:
        return np.zeros((len(items), expected), np.float32)
    return centred(given, before.neural_mean)


def together(before: Features, new: Features) -> tuple[Features, Ints]:
    """Return changed texts in the rows they had, new ones at the end; and the rows of `new`."""
    many = len(before.ids)
    rows = np.array([before.row_of.get(one, -1) for one in new.ids], np.int64)
    added = rows < 0
    rows[added] = many + np.arange(int(added.sum()))
    changed = np.flatnonzero(~added)
    plan = _plan(before.weights, new.weights, rows, changed, added)
    k = before.reach.shape[1]
    values = {name: getattr(before, name) for name in Features.__dataclass_fields__}
    values |= {
        "ids": [*before.ids, *(one for one, is_new in zip(new.ids, added, strict=True) if is_new)],
        "terms": [*before.terms, *new.terms],
        "rarity": new.rarity,
        "weights": _spliced(plan, before.weights, new.weights),
        "reach": np.concatenate((before.reach, np.zeros((int(added.sum()), k), np.float32))),
    }
    for name in ("lengths", "places", "neural"):
        whole = np.concatenate((getattr(before, name), getattr(new, name)[added]))
        whole[rows[changed]] = getattr(new, name)[changed]
        values[name] = whole
    after = Features(**values)
    _carry_over(before, after, new)
    flat = np.concatenate((before.space.dense, new.space.dense[added]))
    flat[rows[changed]] = new.space.dense[changed]
    plan_of_words = _plan(before.space.sparse, new.space.sparse, rows, changed, added)
    words = _spliced(plan_of_words, before.space.sparse, new.space.sparse)
    after.__dict__["space"] = Space(words, flat)
    return after, rows


def _carry_over(before: Features, after: Features, new: Features) -> None:
    """Keep at hand what was looked up once."""
    known, many = len(before.terms), len(before.ids)
    numbers, rows = before.number_of_term, before.row_of
    if new.terms:
        numbers = {**numbers, **{term: known + at for at, term in enumerate(new.terms)}}
    if len(after.ids) > many:
        rows = {**rows, **{one: many + at for at, one in enumerate(after.ids[many:])}}
    after.__dict__.update({"number_of_term": numbers, "row_of": rows})
    for name in ("seen_of_key", "stem_set", "half_components"):
        after.__dict__[name] = getattr(before, name)


def _plan(old: Csr, new: Csr, rows: Ints, changed: Ints, added: Truths) -> _Plan:
    """Which stretches of both make the rows of `old`, changed ones replaced, added ones after them."""
    stretches: list[tuple[bool, int, int]] = []
    sizes = np.diff(old.indptr)
    start = 0
    for at in changed[np.argsort(rows[changed])].tolist():
        row = int(rows[at])
        stretches += [(False, start, old.indptr[row]), (True, new.indptr[at], new.indptr[at + 1])]
        sizes[row] = new.indptr[at + 1] - new.indptr[at]
        start = old.indptr[row + 1]
    stretches.append((False, start, len(old.data)))
    stretches += [(True, new.indptr[at], new.indptr[at + 1]) for at in np.flatnonzero(added)]
    ends = np.concatenate(([0], np.cumsum(np.concatenate((sizes, np.diff(new.indptr)[added])))))
    return _Plan(stretches, ends)


def _spliced(plan: _Plan, old: Csr, new: Csr) -> Csr:
    data, indices = plan.take(old.data, new.data), plan.take(old.indices, new.indices)
    return csr(data, indices, plan.ends, (len(plan.ends) - 1, new.shape[1]))


def _ties(after: Features, rows: Ints, there: Truths) -> tuple[list[list[Tie]], Floats]:
    """Neighbours of each new text by rank on both sides, and the likeness of its own nearest."""
    k = after.reach.shape[1]
    old = there.copy()
    old[rows] = False
    found: list[_Alike] = []
    reach = np.zeros((len(rows), k), np.float32)
    for start in range(0, len(rows) if k else 0, _BLOCK):
        some = rows[start : start + _BLOCK]
        alike = likeness_between(after.space, some)
        alike[:, ~there] = -1
        alike[np.arange(len(some)), some] = -1
        for at, row in enumerate(alike):
            near = top_of(row, k)
            reach[start + at, : len(near)] = row[near]
            back = np.flatnonzero((row > after.reach[:, -1]) & (row >= LEAST) & old)
            found.append(_Alike(near, row[near], back, row[back]))
    ranks = after.reach.copy()
    ranks[rows] = reach
    if len(rows) > 1 and k:
        found = _with_new(after.space, rows, found, reach)
    return [_ties_of(each, ranks) for each in found] or [[] for _ in rows], reach


def _with_new(space: Space, rows: Ints, found: Sequence[_Alike], reach: Floats) -> list[_Alike]:
    """Add those of the new texts that would count each other among theirs, which is known only when all have their own."""
    among = Space(space.sparse[rows], space.dense[rows])
    more: list[_Alike] = []
    for start in range(0, len(rows), _BLOCK):
        some = np.arange(start, min(len(rows), start + _BLOCK))
        alike = likeness_between(among, some)
        alike[np.arange(len(some)), some] = -1
        for each, row in zip(found[start : start + len(some)], alike, strict=True):
            back = np.flatnonzero((row >= reach[:, -1]) & (row >= LEAST))
            all_back, likeness = (
                np.concatenate((each.back, rows[back])),
                np.concatenate((each.back_likeness, row[back])),
            )
            more.append(_Alike(each.near, each.likeness, all_back, likeness))
    return more


def _ties_of(found: _Alike, reach: Floats) -> list[Tie]:
    """Its own nearest, and those that would count it among theirs (at most as many again)."""
    k = reach.shape[1]
    best = np.lexsort((found.back, -found.back_likeness))[: 2 * k]
    back, back_likeness = found.back[best], found.back_likeness[best]
    likeness = dict(zip(found.near.tolist(), found.likeness.tolist(), strict=True))
    weight = defaultdict(float, {row: 0.5 / (1 + place) for place, row in enumerate(likeness)})
    for row, alike in zip(back.tolist(), back_likeness.tolist(), strict=True):
        weight[row] += 0.5 / (1 + int((reach[row] > np.float32(alike)).sum()))
        likeness.setdefault(row, alike)
    return [Tie(row, round(weight[row], 6), round(min(1.0, likeness[row]), 4)) for row in sorted(weight)]


def _keywords(before: Features, items: Sequence[TextItem], counted: Counted) -> tuple[tuple[str, ...], ...]:
    words = Lexicon(before.stem_set, before.shown)
    found = keyed(counted, words)
    seen = np.array([before.seen_of_key.get(name, 1) for name in found.names], np.float32)
    rarity = np.log1p(int(before.about["texts"]) / np.maximum(seen, 1))
    return tuple(text_keywords(items, counted, found, words, rarity, TEXT_KEYWORDS))
