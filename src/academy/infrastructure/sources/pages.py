"""The text layer of a PDF. Nothing is recognised."""

import re
import threading
from typing import IO

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from academy.domain.graph.source import Kind, SourceDocument
from academy.infrastructure.sources.clean import bytes_of, moment, plain, titled
from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.refusals import refused

__all__ = ["pdf_document"]

_ONE_AT_A_TIME = threading.Lock()  # pdfium is not made for threads
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?")
_HYPHENS = re.compile(
    "[\ufffe\x02]\r?\n?"
)  # where pdfium puts a word together that was cut at the end of a line
_MADE_BY_WORD = "Microsoft Word - "
_NO_TITLES = frozenset(
    {"untitled", "unspecified", "untitled document", "제목 없음"}
)  # what programs write for none


def pdf_document(file: IO[bytes], name: str, title: str, limits: SourceLimits) -> SourceDocument:
    """Read a PDF from a stream that can be read from any place.

    Raises SourceUnreadable encrypted_input, broken_document, input_too_large, and no_text where there are only pictures.
    """
    with _ONE_AT_A_TIME:
        try:
            document = pdfium.PdfDocument(file)
        except pdfium.PdfiumError as error:
            locked = "password" in str(error).lower() or "security" in str(error).lower()
            raise refused("encrypted_input" if locked else "broken_document") from error
        try:
            text = _layer(document, limits)
            meta = document.get_metadata_dict(skip_empty=True)
        except pdfium.PdfiumError as error:
            raise refused("broken_document", str(error)) from error
        finally:
            document.close()
    if not text:
        raise refused("no_text")
    named = titled(meta.get("Title", "").removeprefix(_MADE_BY_WORD))
    return SourceDocument(
        name,
        Kind.DOCUMENT,
        title if not named or named.lower() in _NO_TITLES else named,
        text,
        created_at=_when(meta.get("CreationDate", "")),
        updated_at=_when(meta.get("ModDate", "")),
    )


def _layer(document: pdfium.PdfDocument, limits: SourceLimits) -> str:
    if len(document) > limits.pages:
        raise refused("input_too_large", f"{len(document):,} pages, at most {limits.pages:,}")
    parts: list[str] = []
    size = 0
    for number in range(len(document)):
        page = document[number]
        try:
            layer = page.get_textpage()
            try:
                part = plain(_HYPHENS.sub("", layer.get_text_bounded()))
            finally:
                layer.close()
        finally:
            page.close()
        size += bytes_of(part)
        if size > limits.text_bytes:
            raise refused("input_too_large", f"more than {limits.text_bytes:,} bytes of text")
        parts.append(part)
    return "\n\n".join(filter(None, parts))


def _when(told: str) -> str:
    found = _DATE.fullmatch(told.strip())
    if found is None:
        return ""
    year, month, day, hour, minute, second, _, sign, hours, minutes = found.groups()
    zone = f"{sign}{hours}:{minutes or '00'}" if sign else "+00:00"
    clock = f"{hour or '00'}:{minute or '00'}:{second or '00'}"
    return moment(f"{year}-{month or '01'}-{day or '01'}T{clock}{zone}")
