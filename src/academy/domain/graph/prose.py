"""What of a text says what it is about: addresses, pictures, tags of markup and code do not (GRA-3)."""

import re
from collections.abc import Iterator, Sequence

__all__ = ["prose_of"]

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
_LEFT_OUT = (
    (("](",), _PICTURE, r" \1 "),
    (("](",), _TARGET, "] "),
    (("<",), _TAG, " "),
    (("://", "www."), _ADDRESS, " "),
    (("%",), _ENCODED, " "),
)
"""What each pattern cannot do without comes first: most texts have nothing of it, and looking for that costs a hundredth."""


def prose_of(text: str) -> str:
    """Return the words of a text; the text of a link and what describes a picture stay.

    Blocks of code go where enough is said beside them: their names are those of every program.
    """
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
