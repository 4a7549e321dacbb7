"""Names of one document: overlaps are settled, what is spelled alike is one entity, aliases lie above."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from academy.contracts.microscope import Entity, Mention
from academy.domain.graph.aliases import alias_signs, layered
from academy.infrastructure.morphology.spots import Kind, Spot

__all__ = ["Line", "Names", "known_names", "settled", "with_aliases"]

_LONGEST = 200
_SIGN_RANK = 10
_DOUBTFUL = 1
_SMALL_WORD = re.compile(r"\b[a-z]{3,}\b")


@dataclass(slots=True)
class Line:
    """A sentence at `start` of the text with breaks as spaces, its passage, its names (offsets within it)."""

    passage: str
    start: int
    text: str
    spots: list[Spot] = field(default_factory=list)
    signs: list[tuple[str, str, str]] = field(default_factory=list)
    """(key of the alias, key of the name, the words that say so)"""


def key_of(surface: str) -> str:
    """Return what spellings of one name have in common: no case, no spaces, one form of each letter."""
    return "".join(unicodedata.normalize("NFKC", surface).casefold().split()) or surface


def settled(spots: Iterable[Spot]) -> list[Spot]:
    """Return the spots that stay, in order, none overlapping: higher rank, then longer, then first."""
    kept: list[Spot] = []
    taken: set[int] = set()
    for spot in sorted(spots, key=lambda spot: (-spot.rank, spot.start - spot.end, spot.start, spot.kind)):
        places = range(spot.start, spot.end)
        if spot.end - spot.start <= _LONGEST and taken.isdisjoint(places):
            taken.update(places)
            kept.append(spot)
    return sorted(kept)


def known_names(lines: Sequence[Line]) -> dict[str, Kind]:
    """Return the surfaces that are certainly names, with the kind most often seen."""
    votes: dict[str, dict[Kind, float]] = defaultdict(lambda: defaultdict(float))
    for line in lines:
        for spot in line.spots:
            if spot.rank in {3, 5, 6} and spot.end - spot.start > 1:
                votes[line.text[spot.start : spot.end]][spot.kind] += spot.confidence
    return {surface: max(sorted(kinds), key=lambda kind: kinds[kind]) for surface, kinds in votes.items()}


def with_aliases(line: Line) -> None:
    """Find the signs of aliases in a sentence; the names that they speak of become spots."""
    if not any(mark in line.text for mark in "(（") and not any(
        word in line.text for word in ("known", "called", "aka", "일명")
    ):
        return
    names = [(spot.start, spot.end) for spot in line.spots if spot.kind not in {"time", "quantity"}]
    kinds: dict[tuple[int, int], Kind] = {(spot.start, spot.end): spot.kind for spot in line.spots}
    added = []
    for sign in alias_signs(line.text, names):
        kind = kinds.get(sign.name, kinds.get(sign.other, "term"))
        if kind in {"time", "quantity"}:
            continue
        added += [Spot(*sign.name, kind, 0.8, _SIGN_RANK), Spot(*sign.other, kind, 0.75, _SIGN_RANK)]
        words = [line.text[slice(*span)] for span in (sign.other, sign.name, sign.sign)]
        line.signs.append((key_of(words[0]), key_of(words[1]), words[2][:_LONGEST]))
    if added:
        line.spots = settled([*line.spots, *added])


class Names:
    """Entities of a document out of the settled spots of its sentences."""

    def __init__(self, text: str, lines: Sequence[Line]) -> None:
        self._text = text
        self._small = frozenset(_SMALL_WORD.findall(text))
        self._places: dict[str, list[Mention]] = {}
        self._spots: dict[str, list[Spot]] = {}
        sure = {key for line in lines for key, spot in _keyed(line) if spot.rank > _DOUBTFUL}
        for line in lines:
            line.spots = [spot for key, spot in _keyed(line) if key in sure]
            for key, spot in _keyed(line):
                self._add(key, line, spot)
        self.ids = {key: f"e{number}" for number, key in enumerate(self._places, 1)}
        layer = layered(
            sign for line in lines for sign in line.signs if sign[0] in self.ids and sign[1] in self.ids
        )
        self.entities = tuple(self._entity(key, layer) for key in self._places)

    def id_of(self, line: Line, spot: Spot) -> str:
        """Return the id of the entity that a spot is a mention of."""
        return self.ids[key_of(line.text[spot.start : spot.end])]

    def _add(self, key: str, line: Line, spot: Spot) -> None:
        start, end = line.start + spot.start, line.start + spot.end
        surface = self._text[start:end]
        self._places.setdefault(key, []).append(
            Mention(passage=line.passage, start=start, end=end, surface=surface)
        )
        self._spots.setdefault(key, []).append(spot)

    def _entity(self, key: str, layer: Mapping[str, tuple[str, str]]) -> Entity:
        mentions, spots = self._places[key], self._spots[key]
        counts: dict[str, int] = defaultdict(int)
        for mention in mentions:
            counts[mention.surface] += 1
        name, sign = layer.get(key, ("", ""))
        best = max(spot.confidence for spot in spots)
        return Entity(
            id=self.ids[key],
            name=max(counts, key=lambda surface: ("\n" not in surface, counts[surface])),
            kind=self._kind(name if name in self._places else key),
            mentions=tuple(mentions),
            alias_of=self.ids.get(name, ""),
            alias_sign=sign,
            confidence=round(min(0.95, best + 0.02 * (len(mentions) - 1)), 3),
        )

    def _kind(self, key: str) -> Kind:
        """Return what most spots say; words that the text writes in small letters too are no person's."""
        surface, kind = self._places[key][0].surface, _voted(self._spots[key])
        parts = surface.lower().split() if surface.isascii() else []
        small = sum(part in self._small for part in parts)
        if (kind == "person" and small) or (kind == "other" and len(parts) > 1 and small == len(parts)):
            return "term"
        return kind


def _keyed(line: Line) -> list[tuple[str, Spot]]:
    return [(key_of(line.text[spot.start : spot.end]), spot) for spot in line.spots]


def _voted(spots: Sequence[Spot]) -> Kind:
    votes: dict[Kind, float] = defaultdict(float)
    for spot in spots:
        votes[spot.kind] += spot.confidence * (0.2 if spot.kind in {"other", "term"} else 1.0)
    return max(sorted(votes), key=lambda kind: votes[kind])
