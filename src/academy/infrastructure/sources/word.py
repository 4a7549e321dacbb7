"""DOCX into text: headings, paragraphs, lists and tables in their order."""

from collections.abc import Iterator, Mapping
from typing import IO, Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn

from academy.domain.graph.source import Kind, SourceDocument
from academy.infrastructure.sources.clean import plain, titled
from academy.infrastructure.sources.office import BROKEN, properties_of
from academy.infrastructure.sources.refusals import refused

__all__ = ["word_document"]

_P, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_WRAPPERS = frozenset({qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins"), qn("w:smartTag")})
_WORDS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_TEXT, _STYLE, _LISTED, _VALUE = qn("w:t"), qn("w:pStyle"), qn("w:numPr"), qn("w:val")
_PROPERTIES, _OUTLINE = qn("w:pPr"), qn("w:outlineLvl")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOST_LEVEL = 6

_Element = Any  # an lxml element, of which the library makes its own classes


def word_document(file: IO[bytes], name: str, title: str) -> SourceDocument:
    """Read a file that `check_office` let pass. Raises SourceUnreadable broken_document."""
    try:
        document = docx.Document(file)
        body = document.element.body
        for twice in list(body.iter(_FALLBACK)):
            twice.getparent().remove(twice)
        levels = {style.style_id: _level(style.name or "") for style in document.styles}
        text = plain("\n\n".join(_blocks(body, levels)))
        told, *times = properties_of(document.part.package)
    except (*BROKEN, OpcError) as error:
        raise refused("broken_document", type(error).__name__) from error
    return SourceDocument(name, Kind.DOCUMENT, told or _first_heading(text) or title, text, (), *times)


def _level(style: str) -> int:
    """Return the level of a heading's style, 0 of any other."""
    lower = style.lower()
    if lower == "title":
        return 1
    head, _, level = lower.partition(" ")
    return min(int(level), _MOST_LEVEL) if head == "heading" and level.isdecimal() and int(level) else 0


def _blocks(parent: _Element, levels: Mapping[str, int]) -> Iterator[str]:
    for child in parent.iterchildren():
        if child.tag == _P:
            block = _paragraph(child, levels)
        elif child.tag == _TABLE:
            block = _table(child)
        else:
            if child.tag in _WRAPPERS:
                yield from _blocks(child, levels)
            continue
        if block.strip():
            yield block


def _paragraph(paragraph: _Element, levels: Mapping[str, int]) -> str:
    text = _words(paragraph)
    if not text:
        return ""
    properties = paragraph.find(_PROPERTIES)
    if properties is None:
        return text
    style, outline = properties.find(_STYLE), properties.find(_OUTLINE)
    level = levels.get(style.get(_VALUE) or "", 0) if style is not None else 0
    if not level and outline is not None and (outline.get(_VALUE) or "").isdecimal():
        level = int(outline.get(_VALUE)) + 1 if int(outline.get(_VALUE)) < _MOST_LEVEL else 0
    if level:
        return "#" * level + " " + " ".join(text.split())
    listed = properties.find(_LISTED) is not None or "List" in (
        style.get(_VALUE) or "" if style is not None else ""
    )
    return f"- {text}" if listed else text


def _words(element: _Element) -> str:
    """Return the text of an element, that of boxes in it on lines of their own; deleted text is no text."""
    parts: list[str] = []
    for one in element.iter(_TEXT, _P, *_WORDS):
        if one.tag == _TEXT:
            parts.append(one.text or "")
        elif one.tag == _P:
            parts.append("\n" if one is not element else "")
        elif one.getparent().tag != qn("w:tabs"):
            parts.append(_WORDS[one.tag])
    return "".join(parts).strip()


def _table(table: _Element) -> str:
    rows = (row for row in table.iter(_ROW) if next(row.iterancestors(_TABLE)) is table)
    told = []
    for row in rows:
        cells = (cell for cell in row.iter(_CELL) if next(cell.iterancestors(_ROW)) is row)
        told.append(" | ".join(" ".join(_words(cell).split()) for cell in cells))
    return "\n".join(line for line in told if line.strip(" |"))


def _first_heading(text: str) -> str:
    return titled(next((line[2:] for line in text.split("\n") if line.startswith("# ")), ""))
