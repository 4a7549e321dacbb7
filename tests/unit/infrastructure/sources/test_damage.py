"""Inputs of every kind, damaged by chance: each gives documents and outcomes or one known error, and none takes too long."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.handed_in.archives import json_bytes, zipped
from tests.support.handed_in.chats import claude, long_chatgpt
from tests.support.handed_in.documents import docx_file, pdf_file, pptx_file
from tests.support.handed_in.reading import read_bytes
from tests.support.steps import LINEAR, steps

from academy.infrastructure.sources.markdown import markdown_page
from academy.infrastructure.sources.notion import without_page_links
from academy.infrastructure.sources.sniff import form_of

pytestmark = [pytest.mark.requirement("GRA-3"), pytest.mark.requirement("SEC-2")]

CODES = {
    *(
        "empty_input",
        "unsupported_input",
        "broken_archive",
        "archive_bomb",
        "encrypted_input",
        "input_too_large",
    ),
    *("not_text", "broken_export", "no_text", "broken_document", ""),
}
WHOLE = {
    "pdf": pdf_file(["Some text", "and more"]),
    "docx": docx_file(),
    "pptx": pptx_file(),
    "json": json_bytes([long_chatgpt("a", 6), claude("b", [("human", "hi"), ("assistant", "ho")])]),
    "zip": zipped(
        [
            ("a.md", "# one"),
            ("b.zip", zipped([("c.csv", "a,b")])),
            ("d.json", json_bytes([{"id": 1, "content": "x"}])),
        ]
    ),
    "html": b"<!doctype html><html><p>one<table><tr><td>two</table></html>",
    "md": "# \uc81c\ubaa9\n---\na: b\n---\ntext".encode(),
}


def damaged(data: bytes, chance: random.Random) -> bytes:
    raw = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(raw))
        kind = chance.randrange(3)
        if kind == 0:
            raw[at] = chance.randrange(256)
        elif kind == 1:
            del raw[at : at + chance.randint(1, 40)]
            raw = raw or bytearray(b" ")
        else:
            raw[at:at] = raw[chance.randrange(len(raw)) :][: chance.randint(1, 40)]
    return bytes(raw)


@pytest.mark.parametrize("kind", WHOLE)
def test_a_damaged_input_gives_documents_or_a_known_error(tmp_path: Path, kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(60):
        came = read_bytes(tmp_path, damaged(WHOLE[kind], chance), f"input.{kind}")
        assert came.refused in CODES
        assert came.refused or came.documents or came.outcomes
        for one in came.documents:
            (one.id + one.title + one.text).encode()


@pytest.mark.parametrize(
    "piece", ["[](", "[a](b", "# a ", "    ", "a: b ", "data:a;base64,", "---\n", "=", "```\n", "- "]
)
def test_markdown_that_was_made_to_hang_a_reader_is_read_to_its_end(piece: str) -> None:
    def read(pieces: int) -> list[str]:
        begins = ("", "# a", "---\nk: v")
        return [without_page_links(markdown_page(begin + piece * pieces + "x").text) for begin in begins]

    assert all(text.endswith(("x", "[image]")) for text in read(200_000))
    assert steps(lambda: read(8_000)) <= LINEAR * steps(lambda: read(2_000))


@pytest.mark.parametrize("piece", [b" ", b"<!---->", b"<?xml >", b"[", b"[ ", b"{ ", b"<!doctype ", b"%PDF-"])
def test_what_an_input_is_is_told_however_often_its_beginning_comes(piece: bytes) -> None:
    assert form_of(piece * 700_000, "a.txt") is form_of(piece * 7, "a.txt")


def test_reading_needs_no_library_until_a_file_does() -> None:
    program = (
        "import sys; from academy.infrastructure.sources.reading import HandedInSources;"
        "print([name for name in ('django', 'cv2', 'numpy', 'pypdfium2', 'docx', 'pptx', 'lxml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
