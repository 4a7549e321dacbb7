"""What of a text says what it is about: addresses, pictures, tags of markup and code do not (GRA-3)."""

import re

__all__ = ["prose_of"]

_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+")
_PICTURE = re.compile(r"!\[([^\]\n]{0,500})\]\([^)\n]{0,500}\)")
_TARGET = re.compile(r"\]\([^)\n]{0,500}\)")
_TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|center|code|dd|details|div|dl|dt|em|figure|font|h[1-6]|hr|i|iframe|img|kbd|li|ol|p|pre|s|section"
    r"|small|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul|video)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_CODE = re.compile(r"^ {0,3}(```+|~~~+)[^\n]*\n.*?(?:^ {0,3}\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_ENOUGH_PROSE = 200
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}")


def prose_of(text: str) -> str:
    """Return the words of a text; the text of a link and what describes a picture stay.

    Blocks of code go where enough is said beside them: their names are those of every program.
    """
    told = _CODE.sub(" ", text)
    text = told if len(told) >= _ENOUGH_PROSE else text
    text = _PICTURE.sub(r" \1 ", text)
    text = _TARGET.sub("] ", text)
    for what in (_TAG, _ADDRESS, _ENCODED):
        text = what.sub(" ", text)
    return text
