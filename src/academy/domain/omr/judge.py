"""A mark counts as filled when… (OMR-2, OMR-4).

Every page is judged by itself: one hand filled it with one pen, so a mark is what is about as dark as the other marks of the page, and an
empty bubble what is about as light as the rest. Between the two lie rubbed out marks (lighter), ticks and dots (smaller), and what a
person has to look at. Whatever the marks of a page are like, no field is blank in which a bubble is darker than empty ones are: light marks
beside dark ones, and dots among filled bubbles, are for a person, too.

The constants were fitted on drawn sheets that were filled in and degraded in twenty ways (45,000 fields of 900 pages): the two limits lie where
rubbed out marks end and half filled bubbles begin, and the slope is so steep that what is claimed is never more than what is right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp
from statistics import median

from academy.domain.omr.reading import FieldReading, MarkState
from academy.domain.omr.sheet import Block

__all__ = ["SEEN", "Ink", "Scale", "judge", "scale_of", "strength"]

# Strength of one bubble
_PEAK_SHARE = 0.55  # what the darkest part of a bubble counts: a tick covers little of it, but that is dark
# The page's scale
_USUAL_MARK = 0.55  # strength of a mark before anything is known of this page's
_USUAL_WEIGHT = 2.0  # marks that this knowledge is worth
_LEAST_MARK = 0.13  # no mark is fainter above the page's empty bubbles
_LEAST_SPREAD = 0.008
_SPREADS = 6.0  # above the empty bubbles' spread
# Shares of the way from an empty bubble (0) to a mark (1)
_EMPTY_BELOW = 0.28
_MARK_FROM = 0.45
_MIDDLE = (_EMPTY_BELOW + _MARK_FROM) / 2
# Strengths above an empty bubble, whatever the page's marks are like: what a rubber leaves stays below (0.072 of 460 seen)
_EMPTY_ALONE = 0.075  # in a field without a mark: above, a person looks
_DOT, _DOT_SPREADS = 0.045, 5.5  # the same for a small light dot on a page so clean that it stands out…
_POINTED = 2.3  # …whose darkest part is so many times darker than the whole; what a rubber leaves is even
_EMPTY_BESIDE = 0.1  # beside a mark: above, that is worth less
_RINGED = 0.12  # a closed line around a bubble that is itself empty
SEEN = 0.5
"""Share of a bubble that has to be seen."""
_MOST_TINT = 0.12  # strength
# Confidence: logistic of the smallest distance from the middle, in the same shares
_SLOPE = 20.0
_FAINT_MARK = 0.3  # height of the scale below which a distance is worth less
_FAINT_PAGE = 0.45  # height of the scale of marks that the edge of a shadow can look like, or that get lost where print is
_SEVERAL_ARE_RARE = 2.5  # what MULTIPLE loses in the logistic: one field in a hundred is meant so
_BESIDE = 0.8  # the most that a mark is worth beside a bubble that is not clearly empty
_DOUBT = 0.5  # the most that an AMBIGUOUS reading is worth


@dataclass(frozen=True, slots=True)
class Ink:
    """What was measured in one bubble; darkness is 0 for paper and 1 for the page's print.

    Attributes:
        mean: of what was added to the print.
        peak: of its darkest part.
        halo: of a closed line around the bubble.
        seen: the share of the bubble that could be looked at, 0 to 1.
    """

    mean: float
    peak: float = 0.0
    halo: float = 0.0
    seen: float = 1.0


@dataclass(frozen=True, slots=True)
class Scale:
    """What strength an empty bubble of a page has, how much that varies, and what strength a mark has."""

    empty: float
    spread: float
    mark: float

    @property
    def height(self) -> float:
        """Return how much stronger a mark is than an empty bubble."""
        return self.mark - self.empty

    def share(self, strength: float) -> float:
        """Return how far a strength is on the way from an empty bubble (0) to a mark (1)."""
        return (strength - self.empty) / self.height


def strength(ink: Ink) -> float:
    """Return how much a bubble looks marked: how dark it is all over, or how dark its darkest part is."""
    return max(ink.mean, _PEAK_SHARE * ink.peak)


def scale_of(fields: Iterable[Sequence[float]]) -> Scale:
    """Return the scale of a page from the strengths of all its fields."""
    tops: list[float] = []
    rest: list[float] = []
    for field in fields:
        ordered = sorted(field)
        tops.append(ordered[-1])
        rest += ordered[:-1]
    rest = rest or [0.0]
    empty = median(rest)
    spread = max(_LEAST_SPREAD, 1.4826 * median(abs(one - empty) for one in rest))
    floor = empty + max(_LEAST_MARK, _SPREADS * spread)
    marks = [one for one in tops if one > floor]
    usual = max(_USUAL_MARK, floor)
    mark = (
        (median(marks) * len(marks) + usual * _USUAL_WEIGHT) / (len(marks) + _USUAL_WEIGHT)
        if marks
        else usual
    )
    return Scale(empty, spread, max(mark, floor))


def judge(
    blocks: Sequence[Block], inks: Sequence[Sequence[Sequence[Ink]]], *, print_seen: bool = True
) -> dict[str, FieldReading]:
    """Return the readings of all fields of a page, by name; `inks` by block, field and choice.

    Without `print_seen` the outlines of the bubbles cannot be seen on the page; then faint marks cannot either, and only a field with
    exactly one mark is believed, where marks are dark.
    """
    # Where thin print is lost the page is black and white, and every speck as dark as can be: then only areas count.
    measured = strength if print_seen else _mean
    strengths = [[[measured(ink) for ink in field] for field in block] for block in inks]
    scale = scale_of(field for block in strengths for field in block)
    return {
        name: _field(name, block.choices, inks[at][place], strengths[at][place], scale, print_seen=print_seen)
        for at, block in enumerate(blocks)
        for place, name in enumerate(block.fields)
    }


def _mean(ink: Ink) -> float:
    return ink.mean


def _tint(strengths: Sequence[float], scale: Scale) -> float:
    """Return by how much all bubbles of a field are darker than the page's: its column is printed on grey, or lies in a smear."""
    ordered = sorted(strengths)
    return min(_MOST_TINT, max(0.0, ordered[(len(ordered) - 1) // 3] - scale.empty))


def _is_dot(ink: Ink, above: float, scale: Scale) -> bool:
    """Return whether a bubble that is `above` an empty one has a small dot in it, however light, and not what a rubber left."""
    return above > max(_DOT, _DOT_SPREADS * scale.spread) and ink.peak >= _POINTED * ink.mean


def _field(
    name: str,
    choices: Sequence[str],
    inks: Sequence[Ink],
    strengths: Sequence[float],
    scale: Scale,
    *,
    print_seen: bool,
) -> FieldReading:
    tint = _tint(strengths, scale)
    shares = [scale.share(one - tint) for one in strengths]
    marked = tuple(choice for choice, share in zip(choices, shares, strict=True) if share >= _MARK_FROM)
    empty_below = _EMPTY_BELOW if marked else min(_EMPTY_BELOW, _EMPTY_ALONE / scale.height)
    darkness = tuple(round(min(1.0, max(0.0, ink.mean)), 3) for ink in inks)
    margin = min(abs(share - _MIDDLE) for share in shares)
    logit = _SLOPE * margin * min(1.0, scale.height / _FAINT_MARK) - (
        _SEVERAL_ARE_RARE if len(marked) > 1 else 0
    )
    confidence = 1 / (1 + exp(-logit))
    alone = not marked and print_seen
    odd = [
        (not marked and ink.halo >= _RINGED) or (alone and _is_dot(ink, share * scale.height, scale))
        for share, ink in zip(shares, inks, strict=True)
    ]
    unseen = any(ink.seen < SEEN for ink in inks)
    if unseen or any(odd) or any(empty_below < share < _MARK_FROM for share in shares):
        likely = tuple(
            choice
            for choice, share, strange in zip(choices, shares, odd, strict=True)
            if share > empty_below or strange
        )
        return FieldReading(name, MarkState.AMBIGUOUS, likely, round(min(confidence, _DOUBT), 4), darkness)
    faint = scale.height < _FAINT_PAGE
    if (faint and len(marked) > 1) or (not print_seen and (faint or len(marked) != 1)):
        confidence = min(confidence, _DOUBT)
    if marked and any(_EMPTY_BESIDE / scale.height < share < _MARK_FROM for share in shares):
        confidence = min(confidence, _BESIDE)
    state = (MarkState.BLANK, MarkState.SINGLE)[len(marked)] if len(marked) < 2 else MarkState.MULTIPLE
    return FieldReading(name, state, marked, round(confidence, 4), darkness)
