"""What of a text says what it is about: addresses, pictures, tags of markup, code and what only asks do not (GRA-3)."""

import re
from collections.abc import Iterator, Sequence

__all__ = ["asks", "front_matter_end", "prose_of"]

_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+")
_PICTURE = re.compile(r"!\[([^\]\n]{0,500})\]\([^)\n]{0,500}\)")
_TARGET = re.compile(r"\]\([^)\n]{0,500}\)")
_TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|center|code|dd|details|div|dl|dt|em|figure|font|h[1-6]|hr|i|iframe|img|kbd|li|ol|p|pre|s|section"
    r"|small|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul|video)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ENOUGH_PROSE = 200
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}")
_BID = re.compile(r"(?:(?<![가-힣])좀 )?[가-힣]{1,6} ?(?:줘요?|주세요|줄래요?)(?![가-힣])")
_TELL_ME = re.compile(
    r"\b(?:(?:can|could|would) you )?(?:please )?(?:tell me(?: about)?|explain to me|show me|give me|help me(?: with)?|let me know)\b",
    re.IGNORECASE,
)
_CAN_YOU = re.compile(
    r"\b(?:can|could|would) you (?:please )?(?:explain|describe|summari[sz]e)\b", re.IGNORECASE
)
_LEFT_OUT = (
    (("](",), _PICTURE, r" \1 "),
    (("](",), _TARGET, "] "),
    (("<",), _TAG, " "),
    (("://", "www."), _ADDRESS, " "),
    (("%",), _ENCODED, " "),
    (("줘", "주세요", "줄래"), _BID, " "),
    (("ell me", "xplain to me", "how me", "ive me", "elp me", "et me know"), _TELL_ME, " "),
    (("you explain", "you describe", "you summari", "you please"), _CAN_YOU, " "),
)
"""What each pattern cannot do without comes first: most texts have nothing of it, and looking for that costs a hundredth."""


_FRONT = re.compile(
    r"---[ \t]*\n(?:(?:[\w-][\w -]{0,39}:(?:[ \t][^\n]*)?|[ \t]*-[ \t][^\n]*|[ \t]+\S[^\n]*|#[^\n]*)?\n){1,60}?(?:---|\.\.\.)[ \t]*(?:\n|$)"
)
_ASKS_KOREAN = re.compile(
    r"(?:[가-힣] ?(?:줘요?|주세요|주실래요?|주시겠[가-힣]*|주십시오|줄래요?|줄까요?|줄 수 있[가-힣 ]*|주라|주렴|달라)"
    r"|시오|여라|싶어요?|싶습니다|궁금해요?|궁금합니다|부탁해요?|부탁합니다|부탁드립니다)[\s.!~…)\"'’”]*$"
)
_ASKS_ENGLISH = re.compile(
    r"(?:please|(?:can|could|would|will) you|(?:tell|show|give|teach|help|remind|send|quiz|ask) me|let me know|i (?:want|need|would like)"
    r"|i'd like|explain|describe|summari[sz]e|rewrite|calculate"
    r"|(?:list|compare|translate|solve|write|find|discuss)(?= (?:the|a|an|all|some|three|five|me|this|these|it|how|why|what)\b))\b"
    r"(?![-'’:]| (?:is|are|was|were|has|have|of)\b)",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？][\s.!?~)\"'’”]*$")
_BEFORE_WORDS = " \t\n\"'“‘([*_#>-•·0123456789.)"


def asks(sentence: str) -> bool:
    """Tell whether a sentence asks or bids ("… 알려 줘.", "Explain …") instead of saying something."""
    told = sentence.rstrip()
    if _QUESTION.search(told) or _ASKS_KOREAN.search(told):
        return True
    return _ASKS_ENGLISH.match(told.lstrip(_BEFORE_WORDS)) is not None


def front_matter_end(text: str) -> int:
    """Return where the front matter ends, 0 where there is none: fields between two rules at the very top."""
    found = _FRONT.match(text)
    return found.end() if found else 0


def prose_of(text: str) -> str:
    """Return the words of a text; the text of a link and what describes a picture stay.

    Blocks of code go where enough is said beside them: their names are those of every program.
    """
    text = text[front_matter_end(text) :]
    if "```" in text or "~~~" in text:
        told = "\n".join(_told_lines(text.split("\n")))
        text = told if len(told) >= _ENOUGH_PROSE else text
    for signs, what, instead in _LEFT_OUT:
        if any(sign in text for sign in signs):
            text = what.sub(instead, text)
    return text


def _told_lines(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines outside of fences; a fence that is never closed goes to the end (CommonMark 0.31, 4.5)."""
    open_with = ""
    for line in lines:
        fence = _FENCE.match(line)
        if open_with:
            closes = fence is not None and fence[1].startswith(open_with) and not line[fence.end() :].strip()
            open_with = "" if closes else open_with
        elif fence is not None and not ("`" in fence[1] and "`" in line[fence.end() :]):
            open_with = fence[1]
        else:
            yield line
