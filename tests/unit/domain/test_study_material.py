"""Study material: where its object lies, and which files it may be (SEC-2, GRA-3)."""

import pytest

from academy.domain.document.document import DocumentPurpose, study_key
from academy.domain.document.kinds import KINDS, FileKind, content_type_of, kind_named, sniff_kind
from academy.domain.object_key import checked_key

pytestmark = [pytest.mark.requirement("SEC-2"), pytest.mark.requirement("GRA-3")]
STUDY = KINDS[DocumentPurpose.STUDY]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("가상 메모리.md", "가상-메모리.md"),
        ("a..b.md", "a-b.md"),
        (".hidden", "hidden"),
        ("...", "study"),
        ("100%=#&+.txt", "100-.txt"),
        ("no ending", "no-ending"),
        ("가" * 120 + ".pdf", "가" * 58 + ".pdf"),
        ("x" * 300 + "." + "y" * 40, "x" * 180),
    ],
)
def test_a_key_keeps_the_name_as_far_as_a_key_may(name: str, part: str) -> None:
    key = study_key("t1", "d1", name)

    assert key == f"tenants/t1/documents/d1/{part}"
    assert checked_key(key)
    assert len(part.encode()) <= 180


@pytest.mark.parametrize(
    ("name", "kind", "stored"),
    [
        ("chats.ZIP", FileKind.ZIP, "application/zip"),
        ("conversations.json", FileKind.JSON, "application/json"),
        ("a.md", FileKind.MARKDOWN, "text/markdown"),
        ("a.txt", FileKind.TEXT, "text/plain"),
        ("a.pdf", FileKind.PDF, "application/pdf"),
        ("a.csv", FileKind.CSV, "text/csv"),
        ("a.html", FileKind.HTML, "text/plain"),
    ],
)
def test_every_kind_has_its_name_and_a_page_is_stored_as_text(name: str, kind: FileKind, stored: str) -> None:
    assert kind_named(name, "application/octet-stream", STUDY) is kind
    assert content_type_of(kind) == stored


def test_office_files_are_taken_and_films_pictures_and_programs_are_not() -> None:
    for name, kind in (("a.docx", FileKind.DOCX), ("a.pptx", FileKind.PPTX)):
        assert kind_named(name, "", STUDY) is kind
    for head in (
        b"PK\x03\x04\x14\0",
        "메모".encode(),
        "메모".encode("utf-16"),
        "메모".encode("cp949"),
        b"%PDF-1.7",
    ):
        assert sniff_kind(head, STUDY) is not None
    for head in (b"", b"\0\0\0\x18ftypisom", b"\xff\xd8\xff\xe0", b"\x7fELF\0", b"\x89PNG\r\n\x1a\n"):
        assert sniff_kind(head, STUDY) is None
    assert kind_named("a.exe", "application/x-msdownload", STUDY) is None
