"""Sentences taken from texts, letter by letter, that say what a cluster is about."""

import re
from collections.abc import Iterator, Sequence

from academy.domain.graph.prose import asks, front_matter_end

__all__ = ["telling_sentence"]

_SHORTEST, _LONGEST, _LOOKED_AT = 20, 300, 20_000
_END = re.compile(r"(?<=[.!?。…])[\"'”’)\]]*\s+|\n+|(?<=다\.)(?=\S)")
_LEAD = re.compile(r"(?:[ \t\-*+>|`~_=•·.)]|\d{1,3}[.)](?=\s))+")
"""Signs of lists and quotations; a number that the sentence itself begins with is no sign."""
_NO_PROSE = re.compile(r"https?://|[{}<>;|\\]|```|\$\$|==|::|\(\)|!\[")


def telling_sentence(text: str, keywords: Sequence[str]) -> str:
    """Return the sentence of a text that holds the most of the keywords, the first ones above all; "" when none holds any.

    It stands in the text just so; what is code, a link or a table is no sentence.
    """
    wanted = [(word.lower(), 1.0 / (1 + at) ** 0.5) for at, word in enumerate(keywords) if word]
    best, chosen = 0.0, ""
    for at, sentence in enumerate(_sentences(text[front_matter_end(text) : _LOOKED_AT])):
        low = sentence.lower()
        score = sum(weight for word, weight in wanted if word in low) * (1.0 + 0.5 / (1 + at))
        if sentence[-1] in ".!?。":
            score *= 1.25
        if score > best:
            best, chosen = score, sentence
    return chosen


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        line = text[start:end].strip()
        lead = _LEAD.match(line)
        sentence = line[lead.end() if lead else 0 :].rstrip(" \t*_`|")
        start = end
        if line.startswith("#"):
            continue  # a heading is the document's title again
        if _SHORTEST <= len(sentence) <= _LONGEST and _is_prose(sentence) and not asks(sentence):
            yield sentence


def _is_prose(sentence: str) -> bool:
    letters = sum(letter.isalpha() or letter == " " for letter in sentence)
    return letters >= 0.75 * len(sentence) and " " in sentence and not _NO_PROSE.search(sentence)
