"""What a file is, told by its first bytes (SEC-2)."""

import pytest

from academy.domain.document.document import MADE, DocumentPurpose
from academy.domain.document.kinds import KINDS, FileKind, kind_named, sniff_kind

pytestmark = pytest.mark.requirement("SEC-2")
P = DocumentPurpose
ODS = b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.4", FileKind.PDF),
        (b"\n" * 900 + b"%PDF-1.4", FileKind.PDF),
        (b"\xff\xd8\xff\xe0", FileKind.JPEG),
        (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
        (b"II*\0", FileKind.TIFF),
        (b"MM\0*", FileKind.TIFF),
        (b"\0\0\0\x20ftypisom", FileKind.MP4),
        (b"\0\0\0\x14ftypqt  ", FileKind.MOV),
        (b"\0\0\0\x08wide", FileKind.MOV),
    ],
)
def test_homework_may_be_paper_or_film(head: bytes, kind: FileKind) -> None:
    assert sniff_kind(head, KINDS[P.HOMEWORK]) is kind
    film = kind in {FileKind.MP4, FileKind.MOV}
    assert sniff_kind(head, KINDS[P.SCAN]) is (None if film else kind)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04\x14\0", FileKind.XLSX),
        (ODS, FileKind.ODS),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind.XLS),
        ("이름,전화".encode(), FileKind.CSV),
        ("이름,전화".encode("cp949"), FileKind.CSV),
        ("name\tphone".encode("utf-16"), FileKind.CSV),
        (b"\xfe\xff" + "name\tphone".encode("utf-16-be"), FileKind.CSV),
    ],
)
def test_a_roster_is_a_spreadsheet_or_text(head: bytes, kind: FileKind) -> None:
    assert sniff_kind(head, KINDS[P.ROSTER]) is kind
    assert sniff_kind(head, KINDS[P.SCAN]) is None


@pytest.mark.parametrize(
    "head", [b"", b"a\0b", b"%PDF-1.4", b"\0\0\0\x18ftypheic", b"\x7fELF\x02\x01\0", b"\xff\xd8\xff"]
)
def test_nothing_else_is_a_roster(head: bytes) -> None:
    assert sniff_kind(head, KINDS[P.ROSTER]) is None


def test_a_name_counts_before_what_the_browser_says() -> None:
    assert kind_named("명단.CSV", "application/vnd.ms-excel", KINDS[P.ROSTER]) is FileKind.CSV
    assert kind_named("blob", "image/jpeg; q=1", KINDS[P.SCAN]) is FileKind.JPEG
    assert kind_named("명단.xlsx", "", KINDS[P.SCAN]) is None


def test_every_purpose_is_either_uploaded_or_made() -> None:
    assert set(KINDS) | MADE == set(DocumentPurpose)
    assert not set(KINDS) & MADE
