"""Text as XML 1.0 can hold it (https://www.w3.org/TR/xml/#charsets)."""

import math
import re
from collections.abc import Iterable

__all__ = ["Numbers", "attribute", "content", "number", "unique_names"]

_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_UNLIKE_ITSELF = re.compile(r"[^ !#-%'-;=?-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""What stands for itself neither between tags nor between quotes: most texts have none of it."""
_INSTEAD = "\N{REPLACEMENT CHARACTER}"
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_QUOTED = _MARKUP | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


def content(text: str) -> str:
    """Return text to stand between tags; a character that XML cannot hold becomes U+FFFD."""
    return _FORBIDDEN.sub(_INSTEAD, text).translate(_MARKUP) if _UNLIKE_ITSELF.search(text) else text


def attribute(text: str) -> str:
    """Return text to stand between double quotes; white space comes back as it was."""
    return _FORBIDDEN.sub(_INSTEAD, text).translate(_QUOTED) if _UNLIKE_ITSELF.search(text) else text


def number(value: float, digits: int = 6) -> str:
    """Return a finite number as short as it can be told; what is not finite is told as 0."""
    if not math.isfinite(value):
        return "0"
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


class Numbers(dict[float, str]):
    """Numbers as `number` tells them: among the edges of a graph the same ones come again and again."""

    def __missing__(self, value: float) -> str:
        """Tell a number that comes for the first time."""
        told = self[value] = number(value)
        return told


def unique_names(ids: Iterable[str]) -> dict[str, str]:
    """Return for each id a text that XML can hold: the id itself; two that become one for lack of a character get a number."""
    names: dict[str, str] = {}
    ids = list(ids)
    changed = [each for each in ids if _FORBIDDEN.search(each)]
    taken = set(ids).difference(changed)
    for each in changed:
        name = wanted = _FORBIDDEN.sub(_INSTEAD, each)
        count = 1
        while name in taken:
            count += 1
            name = f"{wanted}~{count}"
        taken.add(name)
        names[each] = name
    return {each: names.get(each, each) for each in ids}
