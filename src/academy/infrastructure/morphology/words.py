"""Words as they are looked for: Korean bare and in pairs of letters, English by stem, none that only asks."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from academy.infrastructure.morphology.korean_verbs import forms_of, near_forms, stem_of_verb
from academy.infrastructure.morphology.word_lists import STOP_WORDS

__all__ = ["Sought", "bare", "plain_words", "sought_words", "stem"]

_WORD = re.compile(r"[가-힣]+|[^\W_가-힣]+(?:[.,'’-][^\W_가-힣]+)*[+#]*")
_PARTICLE = re.compile(
    r"(?:으로부터|에서부터|에게서는|이라고는|으로서의|으로써의|에서의|에서는|에서도|에게는|에게도|으로는|으로도|으로서|으로써|이라는|이라고|이라도|이라면|까지는|까지도|"
    r"부터는|에게서|한테서|에서|에게|한테|께서|으로|로는|로서|로써|라는|라고|라도|이란|이나|이며|이고|이자|인가|입니까|입니다|이야|이냐|인지|까지|부터|보다|처럼|"
    r"마다|조차|마저|밖에|만큼|대로|같이|하고|와의|과의|와는|과는|에는|에도|에의|만이|만을|은|는|이|가|을|를|의|에|로|와|과|도|만|란|나|랑|야)$"
)
_ASKING = re.compile(
    r"^(?:언제|어디|누구|누가|무엇|무슨|무어|어느|어떤|어떻게|어떠|얼마|몇|왜|뭐|뭘|뭔|무언|알려|설명해|말해|궁금|대해|대한|관해|관한|있는가|있나|있는|인가|하는가|했는가|"
    r"되는가|된|되는|되었|한가|하는|했던|한|할|위한|위해|통해|따르면|따라|그리고|또는|및|등|것은|것|중|때|수|곳은|곳|사람은|사람|이름은|이름)$|^(?:무엇|어디|언제|"
    r"누구|어떻|얼마|어느|어떤)"
)
_SUFFIXES = (
    "ization",
    "ational",
    "fulness",
    "iveness",
    "ations",
    "ation",
    "ments",
    "ment",
    "ness",
    "ings",
    "ing",
    "ies",
    "ied",
    "ers",
    "ed",
    "es",
    "er",
    "ly",
    "s",
)


class Sought(NamedTuple):
    """Something to look for: `letters`, at the beginning of a word when `starts`; `word` numbers its word.

    `others`: letters that say the same and count as well.
    """

    letters: str
    starts: bool
    whole: bool
    word: int
    others: tuple[str, ...] = ()

    def stands_in(self, text: str) -> bool:
        """Whether a text in lower case has it, wherever it stands."""
        return self.letters in text or any(other in text for other in self.others)


def bare(word: str) -> str:
    """Return a Korean word without its particle, where two letters stay."""
    cut = _PARTICLE.sub("", word)
    return cut if len(cut) > 1 else word


def stem(word: str) -> str:
    """Return an English word without its ending, where four letters stay."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) > 3:
            return word[: -len(suffix)]
    return word


def plain_words(text: str) -> Iterator[str]:
    """Yield the words of a text as features: Korean bare, English stems, nothing that says nothing."""
    for found in _WORD.finditer(text.lower()):
        word = found.group()
        if word[0] >= "가" and word[0] <= "힣":
            if len(word) > 1:
                yield bare(word)
        elif word not in STOP_WORDS:
            yield stem(word)


def sought_words(question: str) -> list[Sought]:
    """Return what to look for: of a Korean word its pairs of letters and itself, of another word its stem."""
    sought: list[Sought] = []
    words = list(dict.fromkeys(found.group() for found in _WORD.finditer(question.lower())))
    for number, word in enumerate(words):
        if "가" <= word[0] <= "힣":
            if number == len(words) - 1 and not _ASKING.match(word) and stem_of_verb(word):
                sought += _predicate(word, number)
                continue
            cut = bare(word)
            if _ASKING.match(word) or _ASKING.match(cut) or len(cut) < 2:
                continue
            sought.append(Sought(cut, starts=False, whole=True, word=number))
            sought += [Sought(cut[at : at + 2], False, False, number) for at in range(len(cut) - 1)]
        elif word not in STOP_WORDS:
            root = stem(word)
            sought.append(Sought(root, starts=True, whole=True, word=number))
            if root.isdigit() or len(root) < 2:
                sought[-1] = Sought(root, starts=True, whole=True, word=number)
    return list(dict.fromkeys(sought))


def _predicate(word: str, number: int) -> list[Sought]:
    """Return what to look for of the verb that ends a question, nothing where it only asks."""
    root = stem_of_verb(word)
    near = near_forms(root)
    if near:
        return [Sought(near[0], starts=False, whole=False, word=number, others=near[1:])]
    if _ASKING.match(root) or len(root) < 2:
        return []
    forms = forms_of(root)
    whole = Sought(forms[0], starts=False, whole=True, word=number, others=forms[1:])
    return [whole, *(Sought(root[at : at + 2], False, False, number) for at in range(len(root) - 1))]
