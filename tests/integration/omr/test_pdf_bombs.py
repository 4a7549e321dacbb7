"""A PDF of some kilobytes that unfolds to gigabytes costs itself, before any of it is unfolded (OMR-2, SEC-2, DOC-4)."""

import base64
import binascii
import subprocess
import sys
import zlib
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf
from tests.integration.omr.drawn import SPEC
from tests.support.steps import LINEAR, bytes_read

from academy.application.ports.sheets import ScanInvalid
from academy.infrastructure.opencv.reader import OpenCvSheetReader
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.tables import unfolds_too_far
from academy.infrastructure.pdf.text import text_of

pytestmark = [pytest.mark.requirement("OMR-2"), pytest.mark.timeout(60)]
GIB = 1 << 30


def endless(piece: bytes, size: int) -> bytes:
    """Return deflated data that unfolds to `size` bytes, at least, of a piece over and over."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    times = (4 << 20) // len(piece)
    block = packer.compress(piece * times) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (size // (times * len(piece)) + 1)


def table_bomb(kind: bytes) -> bytes:
    """Return a PDF whose objects lie in a stream of two gigabytes."""
    packed = endless(b" " * 64, 2 * GIB)
    objects = b"%%PDF-1.5\n4 0 obj\n<</Type/%s/N 3/First 20/Filter/FlateDecode/Length %d>>\nstream\n" % (
        kind,
        len(packed),
    )
    table_at = len(objects) + len(packed) + len(b"\nendstream\nendobj\n")
    rows = [(0, 0, 65535), *((2, 4, at) for at in range(3)), (1, 9, 0), (1, table_at, 0)]
    entries = b"".join(
        bytes([row[0]]) + row[1].to_bytes(4, "big") + row[2].to_bytes(2, "big") for row in rows
    )
    table = (
        b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n"
        % (len(entries), entries)
    )
    return objects + packed + b"\nendstream\nendobj\n" + table + b"startxref\n%d\n%%%%EOF\n" % table_at


@pytest.mark.parametrize("kind", [b"ObjStm", b"Obj#53tm"])
def test_objects_that_unfold_without_end_are_not_unfolded(tmp_path: Path, kind: bytes) -> None:
    target = tmp_path / "bomb.pdf"
    target.write_bytes(table_bomb(kind))
    assert target.stat().st_size < 4 << 20
    for read in (lambda: list(OpenCvSheetReader().read(SPEC, target)), lambda: text_of(target, 100)):
        with pytest.raises(ScanInvalid) as refused:
            read()
        assert refused.value.failure.code == "scan_too_complex"
        assert not refused.value.failure.retryable


PACKED = endless(b" " * 64, GIB // 4)
USUAL = b"/Type/ObjStm/N 3/First 20/Filter/FlateDecode"


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize(
    ("entries", "keyword", "packed"),
    [
        pytest.param(b"/Type/ObjStm/N 3/First 20/Filter/Fl#61teDecode", b"stream\n", PACKED, id="spelled"),
        pytest.param(b"/Type/ObjStm/N 3/First 20/Filter 7 0 R", b"stream\n", PACKED, id="filter-elsewhere"),
        pytest.param(b"/X/FlateDecode" + USUAL, b"stream\n", PACKED, id="filter-named-twice"),
        pytest.param(b"/A(stream )" + USUAL, b"stream\n", PACKED, id="string-before"),
        pytest.param(b"/Type/ObjStm/A(stream )/First 20", b"stream\n", PACKED, id="string-after"),
        pytest.param(b"/Type/ObjStm%stream \n/First 20", b"stream\n", PACKED, id="comment"),
        pytest.param(b"/Filter/FlateDecode/A(0 obj)/Type/ObjStm", b"stream\n", PACKED, id="object-in-string"),
        pytest.param(b"/N 3/First 20/Filter/FlateDecode", b"stream\n", PACKED, id="no-type"),
        pytest.param(b"/N 3/F#69rst 20/Type 7 0 R/endobj 1", b"stream\n", PACKED, id="type-elsewhere"),
        pytest.param(USUAL, b"stream  \r\n", PACKED, id="blanks"),
        pytest.param(
            b"/DecodeParms<</Predictor 12/Col#75mns 1999999999>>" + USUAL, b"stream\n", b"", id="wide"
        ),
        pytest.param(b"/First 20/A(" + b"x" * 8000 + b")", b"stream\n", PACKED, id="far"),
        pytest.param(USUAL, b"stream\n", PACKED.hex().encode() + b">", id="base-16"),
        pytest.param(USUAL, b"stream\n", base64.a85encode(PACKED) + b"~>", id="base-85"),
    ],
)
def test_tables_are_found_however_they_are_dressed(
    tmp_path: Path, entries: bytes, keyword: bytes, packed: bytes
) -> None:
    target = tmp_path / "dressed.pdf"
    target.write_bytes(b"%PDF-1.5\n4 0 obj\n<<" + entries + b"/Length 9>>\n" + keyword + packed)
    assert unfolds_too_far(target, ScanLimits())


def test_a_large_file_with_many_small_tables_and_an_outline_is_looked_through_once(tmp_path: Path) -> None:
    def read(times: int) -> int:
        target, table = tmp_path / f"{times}.pdf", zlib.compress(b"1 0 " * 200)
        with target.open("wb") as file:
            for at in range(times):
                file.write(b"%d 0 obj\n<</Title(a)/First 5 0 R/Last 6 0 R>>\nendobj\n" % at)
                file.write(b"%d 0 obj\n<<%s/Length %d>>\nstream\n" % (at, USUAL, len(table)))
                file.write(table + b"\nendstream\nendobj\n<</Width 1/Filter/FlateDecode>>\nstream\n")
                file.write(PACKED[: 1 << 18])  # a picture may be as large as it likes
        before = bytes_read()
        assert not unfolds_too_far(target, ScanLimits())
        return bytes_read() - before

    assert read(400) <= LINEAR * read(100)


def test_objects_in_streams_of_ordinary_size_are_read(tmp_path: Path) -> None:
    target, words = tmp_path / "text.pdf", "a problem of a paper"
    with Pdf.new() as pdf:
        added = pdf.add_blank_page(page_size=(595, 842))
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        added.obj.Resources = Dictionary(Font=Dictionary(F=font))
        added.obj.Contents = pdf.make_stream(f"BT /F 12 Tf 50 700 Td ({words}) Tj ET".encode())
        pdf.save(target, object_stream_mode=ObjectStreamMode.generate)
    assert b"/ObjStm" in target.read_bytes()
    assert text_of(target, 100) == (words, False)
    (found,) = OpenCvSheetReader().read(SPEC, target)
    assert found.problem is not None
    assert found.problem.code != "scan_too_complex"


@pytest.mark.parametrize(
    "piece",
    [b"/ObjStm ", b"/ObjStm stream ", b"<</Type/XRef/Filter/FlateDecode>>stream\nx", b"/First endobj "],
)
def test_a_file_full_of_the_names_of_tables_is_refused_at_once(tmp_path: Path, piece: bytes) -> None:
    target = tmp_path / "names.pdf"
    target.write_bytes(b"%PDF-1.5\n" + piece * 4_000_000)
    with pytest.raises(ScanInvalid) as refused:
        list(OpenCvSheetReader().read(SPEC, target))
    assert refused.value.failure.code == "scan_too_complex"


def test_looking_for_tables_holds_no_more_than_a_piece_of_the_file(tmp_path: Path) -> None:
    target = tmp_path / "large.pdf"
    with target.open("wb") as file:
        for _ in range(200):
            file.write(b"%PDF-1.5\n" + bytes(1 << 20))
    program = (
        "import sys; from pathlib import Path;"
        "from academy.infrastructure.pdf.limits import ScanLimits;"
        "from academy.infrastructure.pdf.tables import unfolds_too_far;"
        "peak = lambda: next(int(one.split()[1]) for one in open('/proc/self/status') if one.startswith('VmHWM'));"
        "before = peak();"
        "print(unfolds_too_far(Path(sys.argv[1]), ScanLimits()), peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(target)], capture_output=True, text=True, check=True
    )
    told, kibibytes = done.stdout.split()
    assert told == "False"
    assert int(kibibytes) < 16 << 10


@pytest.mark.requirement("DOC-4")
@pytest.mark.parametrize(
    "filters", [["Flate"], ["Flate", "Flate"], ["ASCII85", "Flate"], ["ASCIIHex", "Flate"]], ids="-".join
)
def test_text_that_unfolds_without_end_is_not_taken(tmp_path: Path, filters: list[str]) -> None:
    target = tmp_path / "text.pdf"
    data = endless(b"(aaaa) Tj ", GIB)
    pack = {"Flate": zlib.compress, "ASCII85": base64.a85encode, "ASCIIHex": binascii.hexlify}
    for name in reversed(filters[:-1]):
        data = pack[name](data)
    with Pdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        added = pdf.add_blank_page(page_size=(595, 842))
        heavy = pdf.make_stream(b"")
        heavy.write(data, filter=Array([Name(f"/{each}Decode") for each in filters]))
        added.obj.Contents = heavy
        pdf.save(target, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    with pytest.raises(ScanInvalid) as refused:
        text_of(target, 100)
    assert refused.value.failure.code == "page_too_complex"
    assert refused.value.failure.detail.startswith("page 2")
