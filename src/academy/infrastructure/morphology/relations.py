"""How the entities of one sentence stand to each other: by its words, or by standing side by side."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from academy.contracts.microscope import Evidence, Relation
from academy.infrastructure.morphology.names import Line, Names
from academy.infrastructure.morphology.predicates import AFTER_AGENT, BETWEEN, KOREAN, ROLE, Rule
from academy.infrastructure.morphology.spots import Spot

__all__ = ["relations_of"]

_NEAR = 60
_PAIRS = 4
_TOGETHER_PER_ENTITY = 2
_MOST_TOGETHER = 2000
_PREDICATE = 200
_ASIDE = frozenset({"time", "quantity"})
_ASIDE_WORDS = re.compile(r"^ ?\([^()]*\)(?= )")
_TO_TIMES = frozenset({"born_in"})


@dataclass(slots=True)
class _Said:
    source: Spot
    target: Spot
    kind: str
    predicate: str
    confidence: float
    by: str


def relations_of(lines: Sequence[Line], names: Names) -> tuple[Relation, ...]:
    """Return the relations of a document, each once with its clearest sentence, in the order of the text."""
    best: dict[tuple[str, str, str], Relation] = {}
    for line in lines:
        for said in _said(line):
            source, target = names.id_of(line, said.source), names.id_of(line, said.target)
            key = (source, target, said.kind)
            if source != target and (key not in best or best[key].confidence < said.confidence):
                best[key] = _relation(line, source, target, said)
    told = {frozenset((source, target)) for source, target, _ in best}
    return (*best.values(), *_together(lines, names, told))


def _relation(line: Line, source: str, target: str, said: _Said) -> Relation:
    return Relation(
        source=source,
        target=target,
        kind=said.kind,
        predicate=said.predicate.strip()[:_PREDICATE],
        evidence=_evidence(line),
        confidence=said.confidence,
        by="morphology" if said.by == "morphology" else "pattern",
    )


def _evidence(line: Line) -> Evidence:
    return Evidence(passage=line.passage, start=line.start, end=line.start + len(line.text))


def _said(line: Line) -> Iterator[_Said]:
    spots = line.spots
    if len(spots) < 2:
        return
    yield from _followed(line.text, spots)
    for at, spot in enumerate(spots):
        for other in spots[at + 1 : at + 4]:
            gap = line.text[spot.end : other.start]
            if len(gap) > _NEAR:
                break
            gap = _ASIDE_WORDS.sub("", gap)
            yield from _between(spot, other, gap)


def _between(spot: Spot, other: Spot, gap: str) -> Iterator[_Said]:
    for rules, by in ((BETWEEN, "pattern"), (AFTER_AGENT, "morphology")):
        for rule in rules:
            if _fits(rule, spot, other) and rule.words.fullmatch(gap):
                yield _directed(rule, spot, other, gap, by)
                return


def _followed(text: str, spots: Sequence[Spot]) -> Iterator[_Said]:
    """Yield what a Korean sentence says of its topic or subject: the words stand after the second name."""
    agent: Spot | None = None
    for spot in spots:
        if agent is not None:
            for rule in KOREAN:
                found = rule.words.match(text, spot.end, min(len(text), spot.end + _NEAR))
                if found and found.end() > spot.end and _fits(rule, agent, spot):
                    yield _directed(rule, agent, spot, found.group(), "morphology")
                    break
        role = ROLE.match(text, spot.end)
        if role and role.end() > spot.end and (role["topic"] or role["subject"]) and spot.kind not in _ASIDE:
            agent = spot


def _fits(rule: Rule, spot: Spot, other: Spot) -> bool:
    if spot.kind in _ASIDE:
        return False
    return other.kind not in _ASIDE or rule.kind in _TO_TIMES


def _directed(rule: Rule, first: Spot, second: Spot, words: str, by: str) -> _Said:
    source, target = (second, first) if rule.reverse else (first, second)
    return _Said(source, target, rule.kind, words, rule.confidence, by)


def _together(lines: Sequence[Line], names: Names, told: set[frozenset[str]]) -> Iterator[Relation]:
    """Yield pairs that stand side by side and of which no words say more; the most frequent, bounded."""
    counts: dict[tuple[str, str], int] = {}
    where: dict[tuple[str, str], Line] = {}
    for line in lines:
        ids = list(dict.fromkeys(names.id_of(line, spot) for spot in line.spots if spot.kind not in _ASIDE))
        for first, second in islice(pairwise(ids), _PAIRS):
            pair = (first, second) if (second, first) not in counts else (second, first)
            if frozenset(pair) not in told:
                counts[pair] = counts.get(pair, 0) + 1
                where.setdefault(pair, line)
    most = min(_MOST_TOGETHER, _TOGETHER_PER_ENTITY * len(names.entities))
    for pair in sorted(counts, key=lambda pair: -counts[pair])[:most]:
        yield Relation(
            source=pair[0],
            target=pair[1],
            kind="related_to",
            evidence=_evidence(where[pair]),
            confidence=round(min(0.4, 0.15 + 0.05 * counts[pair]), 3),
            by="statistics",
        )
