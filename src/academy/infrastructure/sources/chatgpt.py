"""The messages of a ChatGPT export: `mapping` holds the tree of a chat, a node for each message."""

import re
from collections.abc import Mapping
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

__all__ = ["hear_node"]

_ROLES = {"user": "user", "assistant": "assistant", "system": "system"}
_UNSEEN = frozenset({"user_editable_context", "model_editable_context", "thoughts", "reasoning_recap"})
_CITED = re.compile("\ue200[^\ue200\ue201]*\ue201")  # marks of sources that the page draws as links
_NAMED_PARTS = {
    "image_asset_pointer": "[image]",
    "audio_asset_pointer": "[audio]",
    "video_container_asset_pointer": "[video]",
    "real_time_user_audio_video_asset_pointer": "[audio]",
}

_Fields = Mapping[str, Any]


def hear_node(heard: Heard, key: str, node: object) -> None:
    """Add a node of `mapping`; whatever is not as it should be in it counts as missing."""
    fields = fields_of(node)
    name = identifier(key)
    for child in items_of(fields.get("children")):
        if identifier(child):
            heard.lists(name, identifier(child))
    message = fields_of(fields.get("message"))
    meta = fields_of(message.get("metadata"))
    content = fields_of(message.get("content"))
    role = _ROLES.get(text_in(fields_of(message.get("author")), "role"), "tool")
    hidden = (
        bool(meta.get("is_visually_hidden_from_conversation")) or text_in(content, "content_type") in _UNSEEN
    )
    text = "" if hidden else plain(_CITED.sub("", "\n".join(_said(content) + _attached(meta))))
    made = message.get("create_time")
    turn = Turn(name, identifier(fields.get("parent")), role, text, at=moment(made))
    heard.add(turn, seconds(made), hidden=not text)


def _said(content: _Fields) -> list[str]:
    kind = text_in(content, "content_type")
    if kind == "code":
        language = text_in(content, "language")
        return [_fenced(text_in(content, "text"), "" if language == "unknown" else language)]
    if kind == "execution_output":
        return [_fenced(text_in(content, "text"), "")]
    if "parts" in content:
        return [_part(part) for part in items_of(content["parts"])]
    told = [text_in(content, name) for name in ("title", "text", "result", "url", "name")]
    told = [one for one in told if one]
    return told or ([f"[{kind}]"] if kind else [])


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    fields = fields_of(part)
    kind = text_in(fields, "content_type")
    if kind in _NAMED_PARTS:
        return _NAMED_PARTS[kind]
    return text_in(fields, "text") or (f"[{kind}]" if kind else "")


def _attached(meta: _Fields) -> list[str]:
    found = [fields_of(one) for one in items_of(meta.get("attachments"))]
    return [
        f"[file: {text_in(one, 'name')}]"
        for one in found
        if text_in(one, "name") and not text_in(one, "mime_type", "mimeType").startswith("image/")
    ]


def _fenced(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```" if text.strip() else ""
