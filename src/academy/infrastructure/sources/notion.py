"""Names in a Notion export: `Title 0123…cdef.md`, a page's id as 32 hexadecimal digits behind its title."""

import re
from collections.abc import Sequence
from dataclasses import replace

from academy.infrastructure.sources.clean import titled
from academy.infrastructure.sources.thing import Thing

__all__ = ["is_link_page", "notion_pages", "without_page_links"]

_NAMED = re.compile(
    r"(?P<title>.*?)[ _-]?(?P<id>[0-9a-f]{32})(?P<all>_all)?\.(?P<kind>md|markdown|html|htm|csv)", re.DOTALL
)
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\([^()\n]{0,2000}?[0-9a-f]{32}[^()\n]{0,300}\)")


def notion_pages(things: Sequence[Thing]) -> tuple[list[Thing], list[Thing]]:
    """Return the things with ids and titles as Notion gives them, and those whose page stands there in a fuller form.

    A database is a table of all its rows (`_all`), a table of some, and sometimes a page.
    """
    pages: list[Thing] = []
    best: dict[str, int] = {}
    for thing in things:
        named = _named(thing)
        if named is not None:
            thing = replace(thing, id=named["id"], title=titled(named["title"]))  # noqa: PLW2901
            best[thing.id] = max(best.get(thing.id, 0), _fullness(named))
        pages.append(thing)
    fuller = [named is None or _fullness(named) == best[named["id"]] for named in map(_named, things)]
    read = [page for page, kept in zip(pages, fuller, strict=True) if kept]
    return read, [thing for thing, kept in zip(things, fuller, strict=True) if not kept]


def _named(thing: Thing) -> re.Match[str] | None:
    return _NAMED.fullmatch(thing.name.rpartition("/")[2])


def _fullness(named: re.Match[str]) -> int:
    return (2 if named["all"] else 1) if named["kind"] == "csv" else 0


def is_link_page(thing: Thing, pages: int) -> bool:
    """Return whether this is the list of links that an export as HTML begins with."""
    return pages > 0 and thing.name.rpartition("/")[2].lower() == "index.html"


def without_page_links(text: str) -> str:
    """Return Markdown whose links to other pages of the export are words only: ids in them are no text."""
    return _LINK.sub(r"\1", text)
