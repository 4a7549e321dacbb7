"""Korean morphemes by kiwi, loaded with the first Korean text, once per process (a second, 350 MB)."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple, Protocol

__all__ = ["Morpheme", "holds_korean", "joined", "morphemes_of"]

_KOREAN = re.compile("[가-힣]")
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_PORTION = 256


class _Token(Protocol):
    form: str
    tag: str
    start: int
    len: int


class _Analyser(Protocol):
    def tokenize(self, text: Sequence[str]) -> Iterator[Sequence[_Token]]: ...

    def join(self, morphs: Sequence[tuple[str, str]]) -> str: ...


class Morpheme(NamedTuple):
    """A part of speech at `sentence[start:end]`; tags are those of the Sejong corpus (NNG, NNP, JKS, …)."""

    form: str
    tag: str
    start: int
    end: int


@cache
def _kiwi() -> _Analyser:
    # English texts need not pay for it.
    from kiwipiepy import Kiwi  # type: ignore[import-untyped]  # noqa: PLC0415

    analyser: _Analyser = Kiwi(num_workers=1, load_typo_dict=False, load_multi_dict=False)
    return analyser


def holds_korean(text: str) -> bool:
    """Whether a text has a Korean syllable."""
    return _KOREAN.search(text) is not None


def morphemes_of(sentences: Sequence[str]) -> Iterator[list[Morpheme]]:
    """Yield the morphemes of each sentence; none for one without a Korean syllable."""
    for at in range(0, len(sentences), _PORTION):
        portion = sentences[at : at + _PORTION]
        korean = list(dict.fromkeys(sentence for sentence in portion if holds_korean(sentence)))
        readable = [_UNREADABLE.sub(" ", sentence) for sentence in korean]
        tokens = _kiwi().tokenize(readable) if readable else ()
        known = {
            sentence: _plain(found, len(sentence)) for sentence, found in zip(korean, tokens, strict=True)
        }
        for sentence in portion:
            yield known.get(sentence, [])


def joined(morphemes: Sequence[Morpheme]) -> str:
    """Return one word of these parts, as it is written: 만들 and ᆫ as 만든."""
    return _kiwi().join([(part.form, part.tag) for part in morphemes])


def _plain(tokens: Sequence[_Token], length: int) -> list[Morpheme]:
    rows: list[Morpheme] = []
    for token in tokens:
        end = token.start + token.len
        if end <= length:
            rows.append(Morpheme(token.form, token.tag.partition("-")[0], token.start, end))
    return rows
