"""Markdown: title and front matter; the text itself stays as it is."""

import re
from dataclasses import dataclass

from academy.infrastructure.sources.clean import moment, plain, titled

__all__ = ["MarkdownPage", "markdown_page"]

_FENCE = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_LINE = re.compile(r"^([A-Za-z_][\w-]{0,40})[ \t]*:[ \t]*(\S[^\n]*)$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S.*?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_CODE = re.compile(r"^ {0,3}(```|~~~)")
_PICTURE_DATA = re.compile(r"data:[\w/+.-]{1,100};base64,[A-Za-z0-9+/=]+")
_MOST_FRONT, _MOST_LINE = 20_000, 1_000


@dataclass(frozen=True, slots=True)
class MarkdownPage:
    """What stands in a file; "" where something is missing.

    Attributes:
        id: of the front matter.
        title: of the front matter, else the first heading.
        text: without front matter, pictures written into it named [image].
        created_at, updated_at: RFC 3339.
    """

    id: str
    title: str
    text: str
    created_at: str
    updated_at: str


def markdown_page(text: str) -> MarkdownPage:
    """Read a file's text."""
    text = plain(text)
    front = _FENCE.match(text[:_MOST_FRONT])
    fields: dict[str, str] = {}
    if front:
        for key, value in _LINE.findall(front[1]):
            fields.setdefault(key.lower(), _unquoted(value.rstrip()))
        text = text[front.end() :].strip()
    if "base64," in text:
        text = _PICTURE_DATA.sub("[image]", text)
    return MarkdownPage(
        id=fields.get("id", ""),
        title=titled(fields.get("title", "")) or _heading(text),
        text=text,
        created_at=_first(fields, "created", "created_at", "date"),
        updated_at=_first(fields, "updated", "updated_at", "modified", "lastmod"),
    )


def _heading(text: str) -> str:
    """Return the first heading outside of code, "" without one."""
    fenced, before = "", ""
    for line in text.split("\n"):
        code = _CODE.match(line)
        if code:
            fenced = "" if code[1] == fenced else fenced or code[1]
        elif not fenced:
            heading = _HEADING.match(line[:_MOST_LINE])
            if heading:
                return titled(heading[1])
            if before.strip() and _UNDERLINE.match(line) and not before.startswith(("|", "-", "*", ">", "#")):
                return titled(before)
            before = line
    return ""


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _first(fields: dict[str, str], *names: str) -> str:
    return next(filter(None, (moment(fields.get(name)) for name in names)), "")
