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
from academy.infrastructure.statistics.keywords import Lexicon, keyed, text_keywords
from academy.infrastructure.statistics.nearest import LEAST, Space, likeness_between, top_of
from academy.infrastructure.statistics.settling import Member, Tie, settled
from academy.infrastructure.statistics.vectors import Weights, dense, sharpest, weighted
from academy.infrastructure.statistics.words import Counted, count, mapped, terms_of

__all__ = ["joined"]

_BLOCK = 128
_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Stretches (whether of the new, from, to) and where the rows end."""

    stretches: list[tuple[bool, int, int]]
    ends: Ints

    def take(self, old: NDArray[_Number], new: NDArray[_Number]) -> NDArray[_Number]:
        return np.concatenate([(new if fresh else old)[start:end] for fresh, start, end in self.stretches])


def joined(
    before: Features, items: Sequence[TextItem], members: Mapping[str, Member]
) -> tuple[Joined, Features]:
    """Return the answer and the features that hold all; `items` are sorted by id."""
    counted = count(as_text(item) for item in items)
    new = _new(before, items, counted)
    after, rows = _together(before, new)
    there = np.array([one in members for one in after.ids], bool)
    there[rows] = True
    ties, reach = _ties(after, rows, there)
    after.reach[rows] = halved(reach)
    clusters, places = settled(after.ids, rows, ties, members)
    vectors = shown_vectors(after.places[rows], after.neural[rows])
    answer = Joined(
        ids=tuple(item.id for item in items),
        neighbours=tuple(
            (item.id, after.ids[tie.row], tie.weight, tie.likeness)
            for item, some in zip(items, ties, strict=True)
            for tie in some
        ),
        clusters=clusters,
        keywords=_keywords(before, counted),
        places=places,
        vectors=[array("f", row.tobytes()) for row in vectors],
    )
    return answer, after


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


def _together(before: Features, new: Features) -> tuple[Features, Ints]:
    """Return changed texts in the rows they had, new ones at the end; and the rows of `new`."""
    row_of = {one: row for row, one in enumerate(before.ids)}
    many = len(before.ids)
    rows = np.array([row_of.get(one, -1) for one in new.ids], np.int64)
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
    after.__dict__["half_weights"] = plan.take(before.half_weights, new.half_weights)
    flat = np.concatenate((before.space.dense, new.space.dense[added]))
    flat[rows[changed]] = new.space.dense[changed]
    plan_of_words = _plan(before.space.sparse, new.space.sparse, rows, changed, added)
    words = _spliced(plan_of_words, before.space.sparse, new.space.sparse)
    after.__dict__["space"] = Space(words, flat)
    return after, rows


def _carry_over(before: Features, after: Features, new: Features) -> None:
    """Keep at hand what was looked up once."""
    known = len(before.terms)
    numbers = before.number_of_term
    if new.terms:
        numbers = {**numbers, **{term: known + at for at, term in enumerate(new.terms)}}
    after.__dict__["number_of_term"] = numbers
    for name in ("seen_of_key", "stem_set", "half_components"):
        after.__dict__[name] = getattr(before, name)
    terms = b"\n".join(part for part in (before.lines["terms"], "\n".join(new.terms).encode()) if part)
    after.__dict__["lines"] = {**before.lines, "terms": terms}


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
    space = after.space
    found: list[list[Tie]] = []
    reach = np.zeros((len(rows), k), np.float32)
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        alike = likeness_between(space, some)
        alike[:, ~there] = -1
        alike[np.arange(len(some)), some] = -1
        for at, row in enumerate(alike):
            near = top_of(row, k)
            reach[start + at, : len(near)] = row[near]
            found.append(_ties_of(row, near, after.reach))
    return found, reach


def _ties_of(alike: Floats, near: Ints, reach: Floats) -> list[Tie]:
    """Its own nearest, and those that would count it among theirs (at most as many again)."""
    k = reach.shape[1]
    if not k:
        return []
    back = np.flatnonzero((alike > reach[:, -1]) & (alike >= LEAST))
    back = back[np.argsort(-alike[back], kind="stable")[: 2 * k]]
    weight = defaultdict(float, {int(row): 0.5 / (1 + place) for place, row in enumerate(near)})
    for row in back.tolist():
        weight[row] += 0.5 / (1 + int((reach[row] > alike[row]).sum()))
    return [Tie(row, round(weight[row], 6), round(min(1.0, float(alike[row])), 4)) for row in sorted(weight)]


def _keywords(before: Features, counted: Counted) -> tuple[tuple[str, ...], ...]:
    words = Lexicon(before.stem_set, before.shown)
    matrix, names = keyed(counted, words)
    seen = np.array([before.seen_of_key.get(name, 1) for name in names], np.float32)
    rarity = np.log1p(int(before.about["texts"]) / np.maximum(seen, 1)).astype(np.float32)
    best = text_keywords(matrix, rarity, TEXT_KEYWORDS)
    return tuple(tuple(words.surface(names[column]) for column in columns) for columns in best)
