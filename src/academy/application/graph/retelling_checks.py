"""Which sentences of a language model may stand in a summary: those that nodes of their part bear out (GRA-4).

A citation of anything else is struck, and a sentence that cites nothing then is dropped. So is one with a number that stands neither in
the facts nor in what it cites, with an address, or in another language than the one that was asked for.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from academy.contracts.graph_retelling import ModelPart, ModelPartSentence, SummaryPart
from academy.contracts.graph_summary import Claim
from academy.domain.graph.language import language_of

__all__ = ["Held", "held"]

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LINK = re.compile(r"://|\bwww\.|\]\(|<[a-z/!]", re.IGNORECASE)
_HANGUL = re.compile("[가-힣]")
_LATIN = re.compile("[A-Za-z]")
_FEW_LETTERS = 4

UNCITED, UNFIT = "it cites no document of its part", "it is not borne out by what it cites: "


@dataclass(frozen=True, slots=True)
class Held:
    """What is left of a part.

    Attributes:
        claims: sentences that hold, by the model.
        dropped: why each of the others does not.
    """

    claims: tuple[Claim, ...]
    dropped: tuple[str, ...]


def held(
    said: ModelPart, part: SummaryPart, numbers: Mapping[int, str], language: Literal["ko", "en"]
) -> Held:
    """Return the sentences that hold; `numbers`: ids of the nodes by the numbers under which the model was given them."""
    claims, dropped = [], []
    for sentence in said.sentences:
        own = {node.id for node in part.nodes}
        cited = tuple(dict.fromkeys(numbers[each] for each in sentence.documents if numbers.get(each) in own))
        why = _why_not(sentence, part, cited, language) if cited else UNCITED
        if why:
            dropped.append(why)
        else:
            claims.append(Claim(text=" ".join(sentence.text.split()), node_ids=cited, by="model"))
    return Held(tuple(claims), tuple(dropped))


def _why_not(sentence: ModelPartSentence, part: SummaryPart, cited: tuple[str, ...], language: str) -> str:
    """Return what is wrong with a sentence that cites nodes of its part, "" for nothing."""
    text = sentence.text
    if not text.strip() or not text.replace("\n", " ").isprintable():
        return f"{UNFIT}it is no line of text"
    if _LINK.search(text):
        return f"{UNFIT}it holds an address or markup"
    if not _speaks(text, language):
        return f"{UNFIT}it is not in the language that was asked for"
    borne = [*part.facts, *(f"{node.title} {node.text}" for node in part.nodes if node.id in cited)]
    if set(_numbers(text)) - {number for fact in borne for number in _numbers(fact)}:
        return f"{UNFIT}it has a number that stands neither in the facts nor in what it cites"
    return ""


def _speaks(text: str, language: str) -> bool:
    """Return whether a sentence is in a language; names and terms of the other one may stand in it."""
    if language == "ko":
        return language_of(text) == "ko" or len(_LATIN.findall(text)) < _FEW_LETTERS
    return len(_LATIN.findall(text)) >= len(_HANGUL.findall(text))


def _numbers(text: str) -> Iterator[str]:
    """Yield the numbers of a text: 1,234 and 1234 are the same, and so are 3 and 03."""
    for found in _NUMBER.findall(text):
        yield found.replace(",", "").lstrip("0") or "0"
