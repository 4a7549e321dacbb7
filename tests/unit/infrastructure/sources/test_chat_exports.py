"""Chat exports and notes as JSON: told apart by their fields, ids unchanged."""

import json
from pathlib import Path

import pytest
from tests.support.handed_in.archives import json_bytes, zipped
from tests.support.handed_in.chats import chatgpt, chatgpt_message, claude
from tests.support.handed_in.reading import read_bytes

from academy.domain.graph.source import Kind

pytestmark = pytest.mark.requirement("GRA-3")


def branched() -> dict[str, object]:
    return chatgpt(
        "chat/한글 1",
        [
            ("root", "", None),
            (
                "sys",
                "root",
                chatgpt_message("system", "", metadata={"is_visually_hidden_from_conversation": True}),
            ),
            ("q1", "sys", chatgpt_message("user", "What is a heap?", time=1714557601.5)),
            ("a1", "q1", chatgpt_message("assistant", "A tree.", time=1714557602)),
            ("a2", "q1", chatgpt_message("assistant", "An ordered tree.", time=1714557603)),
        ],
        title="힙\n이란",
    )


def test_of_a_chatgpt_chat_the_tree_is_kept_and_the_active_path_is_the_text(tmp_path: Path) -> None:
    came = read_bytes(tmp_path, json_bytes([branched()]), "whatever.bin")
    (chat,) = came.documents
    assert (chat.id, chat.kind, chat.title) == ("chat/한글 1", Kind.CHAT, "힙 이란")
    assert chat.text == "What is a heap?\n\nAn ordered tree."
    assert [(turn.id, turn.parent, turn.role, turn.active) for turn in chat.turns] == [
        ("q1", "", "user", True),
        ("a1", "q1", "assistant", False),
        ("a2", "q1", "assistant", True),
    ]
    assert chat.turns[0].at == "2024-05-01T10:00:01.500000Z"
    assert (chat.created_at, chat.updated_at) == ("2024-05-01T10:00:00.250000Z", "2024-05-01T11:00:00Z")


def test_what_is_not_text_in_a_chatgpt_message_is_named(tmp_path: Path) -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    spoken = {"content_type": "audio_transcription", "text": "spoken words"}
    code = {"content_type": "code", "language": "python", "text": "print(1)"}
    output = {"content_type": "execution_output", "text": "1"}
    files = {
        "attachments": [
            {"name": "a.pdf", "mime_type": "application/pdf"},
            {"name": "b.png", "mime_type": "image/png"},
        ]
    }
    chat = chatgpt(
        "c",
        [
            (
                "1",
                "",
                chatgpt_message("user", "Look", picture, spoken, {"content_type": "strange"}, metadata=files),
            ),
            ("2", "1", chatgpt_message("assistant", content=code)),
            ("3", "2", chatgpt_message("tool", content=output)),
            (
                "4",
                "3",
                chatgpt_message(
                    "assistant", content={"content_type": "thoughts", "thoughts": [{"content": "hm"}]}
                ),
            ),
            ("5", "4", chatgpt_message("assistant", "One\ue200cite\ue202turn0search1\ue201.")),
        ],
    )
    (read,) = read_bytes(tmp_path, json_bytes([chat]), "c.json").documents
    assert [turn.text for turn in read.turns] == [
        "Look\n[image]\nspoken words\n[strange]\n[file: a.pdf]",
        "```python\nprint(1)\n```",
        "```\n1\n```",
        "One.",
    ]
    assert [turn.role for turn in read.turns] == ["user", "assistant", "tool", "assistant"]


def test_a_claude_chat_is_told_by_its_fields_and_its_attachments_are_read(tmp_path: Path) -> None:
    chat = claude("5f", [("human", "요약해 줘"), ("assistant", "네."), ("human", "")], title="요약")
    chat["chat_messages"][0]["attachments"] = [{"file_name": "note.txt", "extracted_content": "세포는 작다"}]
    chat["chat_messages"][1]["content"] = [
        {"type": "thinking", "thinking": "secret"},
        {"type": "text", "text": "네."},
        {"type": "tool_use", "name": "web_search", "input": {"query": "x"}},
        {
            "type": "tool_use",
            "name": "artifacts",
            "input": {"type": "application/vnd.ant.code", "language": "c", "content": "int x;"},
        },
        {"type": "image"},
    ]
    (read,) = read_bytes(tmp_path, json_bytes([chat]), "conversations.json").documents
    assert (read.id, read.title, read.created_at, read.updated_at) == (
        "5f",
        "요약",
        "2024-05-01T10:00:00.123456Z",
        "2024-05-01T10:00:00Z",
    )
    assert [(turn.role, turn.parent) for turn in read.turns] == [("user", ""), ("assistant", "5f-0")]
    assert read.turns[0].text == "요약해 줘\n\n[file: note.txt]\n세포는 작다"
    assert read.turns[1].text == "네.\n\n[tool: web_search]\n\n```c\nint x;\n```\n\n[image]"
    assert "secret" not in read.text


def test_branches_of_a_claude_chat_are_seen_where_messages_name_their_parents(tmp_path: Path) -> None:
    chat = claude("c", [("human", "q"), ("assistant", "left"), ("assistant", "kept")])
    for message, parent in zip(
        chat["chat_messages"], ("00000000-0000-4000-8000-000000000000", "c-0", "c-0"), strict=True
    ):
        message["parent_message_uuid"] = parent
    (read,) = read_bytes(tmp_path, json_bytes([chat]), "x").documents
    assert [(turn.text, turn.active) for turn in read.turns] == [("q", True), ("left", False), ("kept", True)]


def test_an_export_in_its_zip_is_read_and_the_account_is_left_out(tmp_path: Path) -> None:
    project = {
        "uuid": "p",
        "name": "Biology",
        "docs": [{"uuid": "d", "filename": "cells.md", "content": "Cells."}],
    }
    data = zipped(
        [
            ("data/conversations.json", json_bytes([claude("a", [("human", "hi")]), claude("b", [])])),
            ("data/projects.json", json_bytes([project])),
            (
                "data/users.json",
                json_bytes([{"uuid": "u", "full_name": "Kim", "email_address": "k@example.org"}]),
            ),
        ]
    )
    came = read_bytes(tmp_path, data, "export.zip")
    assert came.ids == ["a", "d"]
    assert came.documents[1].title == "cells.md"
    assert came.codes == {"b": "skipped/empty_text", "export.zip/data/users.json": "skipped/system_file"}


def test_a_chatgpt_export_split_into_several_files_is_one_and_its_page_is_no_second_copy(
    tmp_path: Path,
) -> None:
    feedback = [{"id": "f", "conversation_id": "c1", "rating": "thumbs_up", "content": "{}"}]
    parts = [
        (
            f"conversations-00{at}.json",
            json_bytes([chatgpt(f"c{at}", [("m", "", chatgpt_message("user", f"no {at}"))])]),
        )
        for at in (1, 0)
    ]
    others = [
        ("chat.html", "<html><body>no 0 no 1</body></html>"),
        ("message_feedback.json", json_bytes(feedback)),
        ("user.json", json_bytes({"id": "user-1", "email": "k@example.org"})),
        ("file-1.png", b"\x89PNG\r\n\x1a\n"),
    ]
    came = read_bytes(tmp_path, zipped([*parts, *others]), "e.zip")
    assert came.ids == ["c0", "c1"]
    assert came.codes == {
        "e.zip/chat.html": "skipped/system_file",
        "e.zip/message_feedback.json": "skipped/system_file",
        "e.zip/user.json": "skipped/system_file",
        "e.zip/file-1.png": "skipped/attachment",
    }


def test_notes_keep_their_ids_and_one_without_gets_the_name_of_the_file_and_a_number(tmp_path: Path) -> None:
    notes = [
        {"id": "폴더/노트 1", "title": "하나", "content": "첫째", "createdAt": 1714557600123},
        {"id": 17, "title": "둘", "content": "둘째"},
        {"title": "셋", "content": "셋째"},
        {"id": "leer", "title": "넷", "content": " "},
        {"foo": 1},
        3,
    ]
    came = read_bytes(tmp_path, json_bytes(notes), "n.json")
    assert came.texts == {"폴더/노트 1": "첫째", "17": "둘째", "n.json#3": "셋째"}
    assert {one.kind for one in came.documents} == {Kind.NOTE}
    assert came.documents[0].created_at == "2024-05-01T10:00:00.123000Z"
    assert came.codes == {
        "leer": "skipped/empty_text",
        "n.json#5": "failed/unknown_thing",
        "n.json#6": "failed/unknown_thing",
    }


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_single_chat_and_one_object_a_line_are_read_too(tmp_path: Path, wrapped: bool) -> None:
    chats = [chatgpt(name, [("m", "", chatgpt_message("user", f"text {name}"))]) for name in ("a", "b")]
    data = (
        json_bytes({"account": {}, "conversations": chats}) if wrapped else b"\n".join(map(json_bytes, chats))
    )
    assert read_bytes(tmp_path, data, "x").ids == ["a", "b"]
    del chats[0]["id"], chats[0]["conversation_id"]
    assert read_bytes(tmp_path, json_bytes(chats[0]), "in/box/한 글.json").ids == ["in/box/한 글.json"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_json_is_read_in_every_encoding_that_text_may_have(tmp_path: Path, encoding: str) -> None:
    text = json.dumps(
        [{"id": "노트", "content": "오늘은 비가 온다. 그래서 나는 집에 있다. " * 3}], ensure_ascii=False
    )
    came = read_bytes(tmp_path, text.encode(encoding), "n.json")
    assert came.ids == ["노트"]
    assert came.texts["노트"].startswith("오늘은 비가")
