"""The messages of a Claude export (`chat_messages`), and of chats as lists of role and content (`messages`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from academy.domain.graph.source import Turn
from academy.infrastructure.sources.clean import (
    fields_of,
    identifier,
    items_of,
    moment,
    plain,
    seconds,
    text_in,
)
from academy.infrastructure.sources.heard import Heard

__all__ = ["hear_message"]

_ROLES = {
    "human": "user",
    "user": "user",
    "assistant": "assistant",
    "model": "assistant",
    "system": "system",
    "developer": "system",
}
_UNSEEN = frozenset({"thinking", "redacted_thinking", "token_budget", "flag"})
_LANGUAGE_PREFIX = "application/vnd.ant."

_Fields = Mapping[str, Any]


def hear_message(heard: Heard, message: object) -> None:
    """Add an element of the list; whatever is not as it should be in it counts as missing."""
    fields = fields_of(message)
    blocks = fields.get("content")
    told = [blocks] if isinstance(blocks, str) else [_block(one) for one in items_of(blocks)]
    told = [one for one in told if one.strip()] or [text_in(fields, "text")]
    told += [_attached(one) for one in items_of(fields.get("attachments"))]
    told += [_named(one) for one in items_of(fields.get("files")) + items_of(fields.get("files_v2"))]
    text = plain("\n\n".join(one for one in told if one))
    made = next(
        (fields[key] for key in ("created_at", "create_time", "timestamp") if fields.get(key) is not None), ""
    )
    turn = Turn(
        next(filter(None, (identifier(fields.get(key)) for key in ("uuid", "id"))), ""),
        next(filter(None, (identifier(fields.get(key)) for key in ("parent_message_uuid", "parent_id"))), ""),
        _ROLES.get(text_in(fields, "sender", "role"), "tool"),
        text,
        at=moment(made),
    )
    heard.add(turn, seconds(made), hidden=not text)


def _block(block: object) -> str:
    """Return what a block of a message says; what is not text is named."""
    fields = fields_of(block)
    kind = text_in(fields, "type")
    if kind in _UNSEEN:
        return ""
    if kind == "tool_use":
        return _tool(fields)
    if kind == "tool_result":
        inner = fields.get("content")
        return inner if isinstance(inner, str) else _joined(items_of(inner))
    return text_in(fields, "text") or (f"[{kind.removesuffix('_url')}]" if kind not in {"", "text"} else "")


def _joined(blocks: Sequence[object]) -> str:
    return "\n".join(filter(None, (text_in(fields_of(one), "text", "title") for one in blocks)))


def _tool(fields: _Fields) -> str:
    """Return what a tool was given to write (an artifact), else its name."""
    given = fields_of(fields.get("input"))
    written = text_in(given, "content", "file_text", "code")
    if not written:
        return f"[tool: {text_in(fields, 'name') or 'unknown'}]"
    kind = text_in(given, "type")
    if kind == "text/markdown":
        return written
    language = text_in(given, "language") or ("" if kind.startswith(_LANGUAGE_PREFIX) else kind)
    return f"```{language}\n{written}\n```"


def _attached(attachment: object) -> str:
    fields = fields_of(attachment)
    return f"{_named(fields)}\n{text_in(fields, 'extracted_content')}".strip()


def _named(file: object) -> str:
    fields = fields_of(file)
    name = text_in(fields, "file_name")
    if text_in(fields, "file_kind") == "image":
        return "[image]"
    return f"[file: {name}]" if name else ""
