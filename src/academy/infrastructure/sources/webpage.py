"""HTML into text: what a reader would see, in order. Linear in its length, whatever it holds.

The standard library's parser takes minutes for 100 kB of tags that are never closed.
"""

import html
import re
from collections.abc import Iterator

from academy.infrastructure.sources.clean import plain, titled
from academy.infrastructure.sources.decoding import decoded
from academy.infrastructure.sources.refusals import refused

__all__ = ["page_text", "page_text_of"]

_MARK = re.compile(
    r"<!--(?:.*?-->|.*)"
    r"|<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]*+)"
    r"""(?:(?P<rest>(?>[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)|[^<>]*+)>"""
    r"|<[!?][^<>]*+>",
    re.DOTALL,
)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_BLANKS = re.compile(r"\n{3,}")
_CHARSET = re.compile(rb"""<meta[^<>]{0,300}?charset\s*=\s*["']?\s*([\w-]{1,40})""", re.IGNORECASE)
_KOREAN = frozenset({"euc-kr", "ks_c_5601-1987", "ksc5601", "cp949", "ms949", "windows-949"})
_LATIN = frozenset({"iso-8859-1", "windows-1252", "us-ascii"})
_UNSEEN = frozenset(
    {"script", "style", "noscript", "template", "svg", "iframe", "object", "textarea", "select"}
)
_RAW = frozenset({"script", "style", "textarea"})  # without an end, nothing after it is shown either
_FLOW = (
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "div",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
)
_LISTS = ("dd", "details", "dl", "dt", "li", "ol", "summary", "ul")
_TABLES = ("table", "tbody", "tfoot", "thead", "tr")
_BLOCKS = frozenset(
    (*_FLOW, *_LISTS, *_TABLES, "h1", "h2", "h3", "h4", "h5", "h6", "main", "nav", "p", "pre", "section")
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}


def page_text_of(data: bytes) -> tuple[str, str]:
    """Return title and text of a page by the encoding that it declares. Raises SourceUnreadable not_text."""
    named = _CHARSET.search(data[:4096])
    charset = named[1].decode("ascii").lower() if named else ""
    try:
        if charset in _KOREAN:
            return page_text(data.decode("cp949"))
        if charset in _LATIN:
            return page_text(data.decode("cp1252" if charset != "us-ascii" else "ascii"))
    except UnicodeDecodeError as error:
        try:
            return page_text(data.decode("utf-8"))
        except UnicodeDecodeError:
            raise refused("not_text", f"it is not what it declares to be, {charset}") from error
    return page_text(decoded(data))


def page_text(page: str) -> tuple[str, str]:
    """Return title and text of a page."""
    title: list[str] = []
    parts: list[str] = []
    sink = parts
    kept = 0  # depth of elements that keep their spaces
    for text, name, closing in _pieces(page):
        if text:
            told = html.unescape(text)
            told = told if kept else _SPACE.sub(" ", told)
            sink.append(told.lstrip() if not kept and sink and sink[-1].endswith("\n") else told)
        if name in {"title", "head"}:
            sink = parts if closing or name == "head" else title
        elif name == "pre":
            kept = max(0, kept + (-1 if closing else 1))
        parts.append(_stands_for(name, closing=closing))
    lines = (
        line.rstrip(" |") if line.endswith(" | ") else line.rstrip() for line in "".join(parts).split("\n")
    )
    text = plain(_BLANKS.sub("\n\n", "\n".join(lines)))
    headed = next((line[2:] for line in text.split("\n") if line.startswith("# ")), "")
    return titled("".join(title)) or titled(headed), text


def _pieces(page: str) -> Iterator[tuple[str, str, bool]]:
    """Cut a page at its tags: text, name of the tag after it ("" for none), whether it closes."""
    at = 0
    never_closed: set[str] = set()
    while True:
        mark = _MARK.search(page, at)
        if mark is None:
            yield page[at:], "", False
            return
        name = (mark["name"] or "").lower()
        yield page[at : mark.start()], name, bool(mark["close"])
        at = mark.end()
        if name in _UNSEEN - never_closed and not mark["close"] and not mark[0].endswith("/>"):
            end = re.compile(rf"</{name}\b[^>]*+>?", re.IGNORECASE).search(page, at)
            if end:
                at = end.end()
            elif name in _RAW:
                return
            else:
                never_closed.add(name)


def _stands_for(name: str, *, closing: bool) -> str:
    if name == "br":
        return "\n"
    if name in {"td", "th"}:
        return " | " if closing else ""
    if name == "img":
        return "[image]"
    if name not in _BLOCKS:
        return ""
    if closing or name in {"hr", "tr"}:
        return "\n"
    return "\n" + ("- " if name == "li" else _HEADINGS.get(name, ""))
