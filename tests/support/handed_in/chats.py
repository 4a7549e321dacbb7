"""Chat exports as the two services write them."""

from collections.abc import Sequence
from typing import Any

__all__ = ["chatgpt", "chatgpt_message", "claude", "long_chatgpt"]


def chatgpt_message(role: str, *parts: Any, time: float | None = None, **more: Any) -> dict[str, Any]:
    content = {"content_type": "text", "parts": list(parts)}
    return {
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": time,
        "update_time": None,
        "content": content,
        "status": "finished_successfully",
        "end_turn": True,
        "weight": 1.0,
        "metadata": {},
        "recipient": "all",
        **more,
    }


def chatgpt(
    name: str,
    messages: Sequence[tuple[str, str, dict[str, Any] | None]],
    *,
    title: str = "A chat",
    current: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a chat of messages (id, id of the parent, message or None)."""
    mapping = {
        key: {
            "id": key,
            "message": message and {"id": key, **message},
            "parent": parent or None,
            "children": [child for child, above, _ in messages if above == key]
            if len(messages) < 100
            else [],
        }
        for key, parent, message in messages
    }
    return {
        "title": title,
        "create_time": 1_714_557_600.25,
        "update_time": 1_714_561_200.0,
        "mapping": mapping,
        "moderation_results": [],
        "current_node": messages[-1][0] if current is None else current,
        "conversation_id": name,
        "id": name,
        **more,
    }


def long_chatgpt(name: str, turns: int, words: str = "말과 words") -> dict[str, Any]:
    """Return a chat in one line."""
    told = [
        (
            f"{name}-{number:08}",
            f"{name}-{number - 1:08}" if number else "",
            chatgpt_message("assistant" if number % 2 else "user", f"{words} {number}", time=1.7e9 + number),
        )
        for number in range(turns)
    ]
    return chatgpt(name, told, title=f"Chat {name}")


def claude(
    name: str, texts: Sequence[tuple[str, str]], *, title: str = "A chat", **more: Any
) -> dict[str, Any]:
    """Return a chat of (sender, text)."""
    return {
        "uuid": name,
        "name": title,
        "created_at": "2024-05-01T10:00:00.123456Z",
        "updated_at": "2024-05-01T19:00:00+09:00",
        "account": {"uuid": "account"},
        "chat_messages": [
            {
                "uuid": f"{name}-{number}",
                "text": text,
                "content": [{"type": "text", "text": text}],
                "sender": sender,
                "created_at": "2024-05-01T10:00:01Z",
                "attachments": [],
                "files": [],
            }
            for number, (sender, text) in enumerate(texts)
        ],
        **more,
    }
