"""Open a thing by what it is, and whatever lies in it."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing

from academy.application.ports.sources import SourceUnreadable
from academy.domain.graph.source import Kind, Outcome, SourceDocument, Status
from academy.infrastructure.sources.archive import BROKEN_MEMBER, archive_things, opened_archive
from academy.infrastructure.sources.budget import Budget
from academy.infrastructure.sources.clean import plain
from academy.infrastructure.sources.decoding import decoded, encoding_of
from academy.infrastructure.sources.exports import read_export
from academy.infrastructure.sources.markdown import markdown_page
from academy.infrastructure.sources.notion import is_link_page, notion_pages, without_page_links
from academy.infrastructure.sources.office import check_office, is_protected
from academy.infrastructure.sources.refusals import (
    ATTACHMENT,
    EMPTY,
    SYSTEM_FILE,
    outcome_of,
    refused,
    skipped_thing,
)
from academy.infrastructure.sources.sniff import Form
from academy.infrastructure.sources.thing import Thing, read_whole, seekable
from academy.infrastructure.sources.webpage import page_text_of

__all__ = ["contents", "members"]

Found = Iterator[SourceDocument | Outcome]

_CHATS = re.compile(r"(?:^|/)conversations?[^/]*\.json$", re.IGNORECASE)
_SYSTEM = re.compile(r"(?:^|/)(?:__MACOSX/|\.[^/]+$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


def contents(thing: Thing, depth: int, budget: Budget) -> Found:
    """Yield what a thing holds; `depth`: archives around it. Raises SourceUnreadable, and BROKEN_MEMBER inside an archive."""
    form, head = thing.form()
    if form is Form.ARCHIVE:
        yield from _archive(thing, depth, budget)
    elif form is Form.JSON:
        with thing.open() as file:
            stream = io.TextIOWrapper(file, encoding_of(head), errors="surrogateescape")
            yield from read_export(stream, thing.id, budget.limits)
    elif form is Form.MEDIA and depth:
        yield skipped_thing(thing.id, ATTACHMENT)
    else:
        yield _document(thing, form, budget)


def _document(thing: Thing, form: Form, budget: Budget) -> SourceDocument:
    limits = budget.limits
    if form is Form.EMPTY:
        raise refused(EMPTY)
    if form is Form.BINARY:
        raise refused("not_text", "binary data")
    if form is Form.OLE:
        with thing.open() as file:
            raise refused("encrypted_input" if is_protected(file) else "unsupported_input")
    if form in {Form.MEDIA, Form.OTHER, Form.NO_READING}:
        why = "a program, style sheet or drawing, which is no reading" if form is Form.NO_READING else ""
        raise refused("unsupported_input", why, skipped=bool(why))
    if form is Form.NO_ARCHIVE:
        raise refused("broken_archive", "it is called one and holds text")
    if form is Form.PDF:
        from academy.infrastructure.sources.pages import pdf_document  # noqa: PLC0415 - who reads no PDF does without

        with seekable(thing, limits.document_bytes) as file:
            return pdf_document(file, thing.id, thing.title, limits)
    if form is Form.PAGE:
        title, text = page_text_of(read_whole(thing, limits.page_bytes))
        return SourceDocument(thing.id, Kind.DOCUMENT, title or thing.title, text)
    text = decoded(read_whole(thing, 2 * limits.text_bytes))
    if form is Form.MARKDOWN:
        return _markdown(thing, text)
    told = _table(text) if form is Form.TABLE else plain(text)
    return SourceDocument(thing.id, Kind.DOCUMENT, thing.title, told)


def _markdown(thing: Thing, text: str) -> SourceDocument:
    page = markdown_page(text)
    return SourceDocument(
        page.id or thing.id,
        Kind.NOTE,
        page.title or thing.title,
        without_page_links(page.text),
        created_at=page.created_at,
        updated_at=page.updated_at,
    )


def _table(text: str) -> str:
    try:
        rows = [
            " | ".join(" ".join(cell.split()) for cell in row) for row in csv.reader(io.StringIO(plain(text)))
        ]
    except csv.Error as error:
        raise refused("broken_document", str(error)) from error
    return "\n".join(row for row in rows if row.strip(" |"))


def _archive(thing: Thing, depth: int, budget: Budget) -> Found:
    limits = budget.limits
    if depth > limits.depth:
        raise refused("archive_bomb", f"more than {limits.depth} archives within one another")
    with seekable(thing, limits.unpacked_bytes) as file, closing(opened_archive(file, budget)) as archive:
        names = set(archive.namelist())
        if "[Content_Types].xml" in names:
            yield _office(thing, archive, names, budget)
        elif "mimetype" in names:
            raise refused("unsupported_input", "an EPUB, HWPX or OpenDocument file")
        else:
            yield from members(archive_things(archive, thing, budget), depth + 1, budget)


def _office(thing: Thing, archive: zipfile.ZipFile, names: set[str], budget: Budget) -> SourceDocument:
    limits = budget.limits
    if "word/document.xml" not in names and "ppt/presentation.xml" not in names:
        raise refused("unsupported_input", "an Office file without text or slides")
    check_office(archive, limits)
    with seekable(thing, limits.document_bytes) as file:
        if "word/document.xml" in names:
            from academy.infrastructure.sources.word import word_document  # noqa: PLC0415 - takes long to load

            return word_document(file, thing.id, thing.title)
        from academy.infrastructure.sources.slides import slides_document  # noqa: PLC0415

        return slides_document(file, thing.id, thing.title, limits)


def members(things: Sequence[Thing], depth: int, budget: Budget) -> Found:
    """Yield what the things of an archive or folder hold; of one that cannot be read, the outcome."""
    if not things:
        raise refused(EMPTY)
    chats = any(_CHATS.search(thing.name) for thing in things)
    pages, twice = notion_pages([thing for thing in things if not _SYSTEM.search(thing.name)])
    for thing in things:
        if _SYSTEM.search(thing.name):
            yield skipped_thing(thing.id, SYSTEM_FILE)
    for thing in twice:
        yield skipped_thing(thing.id, "same_page")
    known = sum(1 for thing in pages if "/" not in thing.id)
    for thing in pages:
        if is_link_page(thing, known) or (chats and thing.name.rpartition("/")[2].lower() == "chat.html"):
            yield skipped_thing(thing.id, SYSTEM_FILE)
            continue
        try:
            yield from contents(thing, depth, budget)
        except SourceUnreadable as problem:
            if budget.exhausted:
                raise
            yield _member_outcome(thing, problem, chats=chats)
        except BROKEN_MEMBER as error:
            yield outcome_of(thing.id, "broken_archive", str(error))


def _member_outcome(thing: Thing, problem: SourceUnreadable, *, chats: bool) -> Outcome:
    if chats and problem.code == "unsupported_input" and thing.name.lower().endswith(".json"):
        return skipped_thing(thing.id, SYSTEM_FILE)
    status = Status.SKIPPED if problem.skipped else Status.FAILED
    return Outcome(thing.id, status, problem.code, problem.message)
