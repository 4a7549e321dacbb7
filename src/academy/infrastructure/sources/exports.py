"""JSON that holds chats or notes: which of them it is, the fields say, not the file's name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

from academy.domain.graph.conversation import spoken
from academy.domain.graph.source import Kind, Outcome, SourceDocument, Turn
from academy.infrastructure.sources.chatgpt import hear_node
from academy.infrastructure.sources.claude import hear_message
from academy.infrastructure.sources.clean import identifier, moment, plain, text_in, titled
from academy.infrastructure.sources.heard import Heard
from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.pull import Pull
from academy.infrastructure.sources.refusals import EMPTY, outcome_of, refused, skipped_thing

__all__ = ["read_export"]

_MOST_UNKNOWN = 100  # things without a known field before a file counts as no export
_LISTS = frozenset({"conversations", "chats", "notes"})
_MESSAGES = frozenset({"chat_messages", "messages"})
_IDS = ("id", "conversation_id", "uuid")
_TITLES = ("title", "name", "filename")
_TEXTS = ("content", "text", "body", "markdown")
_CREATED = ("create_time", "created_at", "createdAt", "created")
_UPDATED = ("update_time", "updated_at", "updatedAt", "updated")
_CURRENT = ("current_node", "current_leaf_message_uuid")
_KEPT = frozenset({*_IDS, *_TITLES, *_TEXTS, *_CREATED, *_UPDATED, *_CURRENT, "docs"})

Found = SourceDocument | Outcome


@dataclass(slots=True)
class _Thing:
    """What was read of one object: its small fields, and its messages when it is a chat."""

    fields: dict[str, Any] = field(default_factory=dict)
    heard: Heard | None = None
    tree: bool = False


def read_export(stream: TextIO, name: str, limits: SourceLimits) -> Iterator[Found]:
    """Yield the documents of a JSON text, or of one with an object on each line. Raises SourceUnreadable (see Pull).

    `stream`: decoded with errors="surrogateescape". A thing without an id of its own is NAME#NUMBER, the only one is NAME.
    """
    pull = Pull(stream, limits.value_characters)
    unknown: list[Outcome] = []
    known = False
    number = 0
    for thing, alone in _things(pull, limits):
        number += 1
        documents = _read(thing, name if alone else f"{name}#{number}", limits) if thing else None
        if documents is not None:
            yield from unknown
            unknown, known = [], True
            yield from documents
            continue
        given = _own_id(thing) if thing else ""
        nothing = outcome_of(given or f"{name}#{number}", "unknown_thing")
        if known:
            yield nothing
        elif len(unknown) >= _MOST_UNKNOWN:
            raise refused("unsupported_input", "JSON without chats or notes")
        else:
            unknown.append(nothing)
    if not known:
        raise refused("unsupported_input", "JSON without chats or notes") if number else refused(EMPTY)


def _things(pull: Pull, limits: SourceLimits) -> Iterator[tuple[_Thing | None, bool]]:
    """Walk through the objects of a file; with each, whether it stands alone. None for what is no object."""
    lines = 0
    while pull.peek():
        lines += 1
        if pull.peek() == "[":
            for _ in pull.elements():
                yield _object(pull, limits), False
        elif pull.peek() == "{":
            thing = _Thing()
            listed = False
            for key in pull.fields():
                if key in _LISTS and pull.peek() == "[":
                    listed = True
                    for _ in pull.elements():
                        yield _object(pull, limits), False
                else:
                    _take(pull, thing, key, limits)
            if not listed:
                yield thing, lines == 1 and not pull.peek()
        else:
            pull.value()
            yield None, False


def _object(pull: Pull, limits: SourceLimits) -> _Thing | None:
    if pull.peek() != "{":
        pull.value()
        return None
    thing = _Thing()
    for key in pull.fields():
        _take(pull, thing, key, limits)
    return thing


def _take(pull: Pull, thing: _Thing, key: str, limits: SourceLimits) -> None:
    """Take one field: messages one by one, what is used as a whole; the rest is passed over."""
    if key == "mapping" and pull.peek() == "{":
        thing.heard, thing.tree = Heard(limits), True
        for node in pull.fields():
            hear_node(thing.heard, node, pull.value())
    elif key in _MESSAGES and pull.peek() == "[" and thing.heard is None:
        thing.heard = Heard(limits)
        for _ in pull.elements():
            hear_message(thing.heard, pull.value())
    elif key in _KEPT:
        thing.fields[key] = pull.value()
    else:
        pull.value()


def _read(thing: _Thing, name: str, limits: SourceLimits) -> list[Found] | None:
    """Return what an object gives; None when it has none of the fields of a chat, a note or a project."""
    fields = thing.fields
    if thing.heard is not None:
        return [_chat(thing, name)]
    docs = fields.get("docs")
    if isinstance(docs, list):
        project = _own_id(thing) or name
        made = [
            _read(_Thing(one), f"{project}/{at + 1}", limits)
            for at, one in enumerate(docs)
            if isinstance(one, dict)
        ]
        return [one for found in made for one in found or ()] or [skipped_thing(project, "empty_text")]
    named = _own_id(thing) or text_in(fields, *_TITLES)
    if named and "conversation_id" not in fields and any(isinstance(fields.get(key), str) for key in _TEXTS):
        text = plain(text_in(fields, *_TEXTS))
        return [_document(thing, name, Kind.DOCUMENT if "filename" in fields else Kind.NOTE, text)]
    return None


def _chat(thing: _Thing, name: str) -> Found:
    heard = thing.heard
    if heard is None or heard.too_large:
        return outcome_of(_own_id(thing) or name, "input_too_large")
    current = identifier(next((thing.fields[key] for key in _CURRENT if key in thing.fields), ""))
    turns = heard.tree(current) if thing.tree else heard.line(current)
    return _document(thing, name, Kind.CHAT, spoken(turns), turns)


def _document(
    thing: _Thing, name: str, kind: Kind, text: str, turns: tuple[Turn, ...] = ()
) -> SourceDocument:
    fields = thing.fields
    return SourceDocument(
        _own_id(thing) or name,
        kind,
        titled(text_in(fields, *_TITLES)),
        text,
        turns,
        created_at=_when(fields, _CREATED),
        updated_at=_when(fields, _UPDATED),
    )


def _own_id(thing: _Thing) -> str:
    return next(filter(None, (identifier(thing.fields.get(key)) for key in _IDS)), "")


def _when(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    return next(filter(None, (moment(fields.get(key)) for key in names)), "")
