"""Questions that a relation answers, in the language of its document (GRA-6)."""

__all__ = ["question_about"]

_KOREAN = {
    "is_a": "{source}{은} 무엇인가요?",
    "part_of": "{source}{은} 무엇의 일부인가요?",
    "located_in": "{source}{은} 어디에 있나요?",
    "founded": "{target}{을} 만든 것은 누구인가요?",
    "made": "{target}{을} 만든 것은 누구인가요?",
    "born_in": "{source}{은} 어디에서 태어났나요?",
    "causes": "{source}{은} 무엇을 일으키나요?",
    "uses": "{source}{은} 무엇을 사용하나요?",
    "same_as": "{source}{을} 달리 무엇이라고 부르나요?",
}
_ENGLISH = {
    "is_a": "What is {source}?",
    "part_of": "What is {source} a part of?",
    "located_in": "Where is {source}?",
    "founded": "Who founded {target}?",
    "made": "Who made {target}?",
    "born_in": "Where was {source} born?",
    "causes": "What does {source} cause?",
    "uses": "What does {source} use?",
    "same_as": "What else is {source} called?",
}


def question_about(kind: str, source: str, target: str, language: str) -> str:
    """Return a question whose answer is the sentence that bears a relation out, "" for a kind that answers none."""
    if language != "ko":
        return _ENGLISH.get(kind, "").format(source=source, target=target)
    pattern = _KOREAN.get(kind, "")
    subject = target if "{target}" in pattern else source
    return pattern.format(
        source=source, target=target, 은=_particle(subject, "은", "는"), 을=_particle(subject, "을", "를")
    )


def _particle(word: str, after_consonant: str, after_vowel: str) -> str:
    """Return the particle that fits the last letter of a word; of a letter that is not Hangul both are written."""
    last = word[-1:]
    if not "가" <= last <= "힣":
        return f"{after_consonant}({after_vowel})"
    return after_consonant if (ord(last) - ord("가")) % 28 else after_vowel
