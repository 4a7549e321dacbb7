"""Print is read as it stands: columns, words, formulas as pictures, and nothing that is not there (DOC-1)."""

import struct
import zlib
from pathlib import Path
from random import Random

import pikepdf
import pytest
from PIL import Image
from tests.integration.ocr.read import read, saved
from tests.support.degrade.kinds import degraded
from tests.support.papers.judging import judged
from tests.support.papers.layout import Look, exam, prose
from tests.support.papers.making import Paper, made, rendered

from academy.application.ports.ocr import OcrFailed
from academy.application.ports.sheets import ScanInvalid

pytestmark = [pytest.mark.requirement("DOC-1"), pytest.mark.slow]
SCANNED = ("skew", "gauss", "jpeg")


def scanned(paper: Paper, kinds: tuple[str, ...] = SCANNED, dpi: int = 200) -> list[Image.Image]:
    return [degraded(page, kinds, Random(at), 0.3) for at, page in enumerate(rendered(paper, dpi))]


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    paper = made(exam(Look(), Random(1), 6))
    (tmp_path / "paper.pdf").write_bytes(paper.pdf)
    found = read(tmp_path / "paper.pdf", tmp_path / "out")
    told = judged(paper.words, found.words)
    assert told.error <= 3
    assert told.recall >= 92
    assert len(found.pages[0].columns) == 3
    assert {"①", "②", "③", "④", "⑤"} <= set(found.words)


def test_a_scan_is_straightened_and_read(tmp_path: Path) -> None:
    paper = made(prose(Look(columns=1), Random(2), 8))
    found = read(saved(scanned(paper), tmp_path / "scan.tif"), tmp_path / "out")
    told = judged(paper.words, found.words)
    assert told.error <= 3
    assert told.recall >= 92
    assert found.pages[0].skew != 0
    assert 0.7 < found.answer.confidence <= 1


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_that_lies_on_its_side_or_head_is_turned(tmp_path: Path, turns: int) -> None:
    paper = made(exam(Look(columns=1), Random(3), 2))
    turned = rendered(paper)[0].rotate(90 * turns, expand=True)
    found = read(saved([turned], tmp_path / "scan.tif"), tmp_path / "out")
    assert found.pages[0].turns == turns
    assert judged(paper.words, found.words).recall >= 92


def test_formulas_and_drawings_are_kept_as_pictures(tmp_path: Path) -> None:
    paper = made(exam(Look(columns=1), Random(4), 3, formulas=True))
    found = read(saved(rendered(paper), tmp_path / "scan.tif"), tmp_path / "out")
    assert sorted(crop.kind for crop in found.answer.crops) == ["formula", "picture"]
    for crop in found.answer.crops:
        with Image.open(tmp_path / "out" / crop.file) as picture:
            assert picture.size == (crop.box.right - crop.box.left, crop.box.bottom - crop.box.top)
            ink = picture.point([255] * 128 + [0] * 128).getbbox()
        assert ink is not None
        assert ink[0] > 0, "the crop cuts its formula"
        assert ink[2] < picture.width, "the crop cuts its formula"
    assert not [word for word in found.words if set(word) & set("=+√∫∑xyk")]
    assert judged(paper.words, found.words).recall >= 92


@pytest.mark.parametrize("grey", [255, 235, 0])
def test_a_page_without_print_says_nothing(tmp_path: Path, grey: int) -> None:
    found = read(saved([Image.new("L", (1654, 2339), grey)], tmp_path / "scan.tif"), tmp_path / "out")
    assert found.words == []
    assert (found.answer.pages, found.answer.unreadable, found.answer.confidence) == (1, 0, 0.0)


def test_noise_says_nothing(tmp_path: Path) -> None:
    blank = Image.new("L", (1654, 2339), 250)
    noisy = degraded(blank, ("gauss", "salt"), Random(1), 1.0)
    found = read(saved([noisy], tmp_path / "scan.tif"), tmp_path / "out")
    assert found.words == []


def test_encrypted_and_damaged_files_are_refused(tmp_path: Path) -> None:
    plain = made(prose(Look(columns=1), Random(5), 1)).pdf
    (tmp_path / "plain.pdf").write_bytes(plain)
    with pikepdf.open(tmp_path / "plain.pdf") as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"x" * 500)
    (tmp_path / "text.txt").write_text("1. 다음 중 옳은 것은?")
    codes = {}
    for name in ("locked.pdf", "broken.pdf", "text.txt"):
        with pytest.raises(ScanInvalid) as refused:
            read(tmp_path / name, tmp_path / "out")
        codes[name] = refused.value.failure.code
    assert codes == {
        "locked.pdf": "scan_encrypted",
        "broken.pdf": "scan_broken",
        "text.txt": "scan_unknown",
    }


def test_a_picture_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
    bomb = b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(bomb)
    with pytest.raises(ScanInvalid) as refused:
        read(tmp_path / "bomb.png", tmp_path / "out")
    assert refused.value.failure.code == "page_too_large"


def test_a3_at_600_dpi_is_read(tmp_path: Path) -> None:
    paper = made(exam(Look(columns=1), Random(6), 1))
    large = Image.new("L", (7016, 9921), 255)
    large.paste(rendered(paper, 600)[0].crop((0, 0, 4960, 4000)), (300, 300))
    large.save(tmp_path / "a3.jpg", quality=80)
    found = read(tmp_path / "a3.jpg", tmp_path / "out")
    assert judged(paper.words, found.words).recall >= 92


@pytest.mark.parametrize("program", ["/nonexistent/tesseract", "tesseract-that-is-not-there", "/bin/true"])
def test_without_the_engine_the_failure_says_what_to_install(tmp_path: Path, program: str) -> None:
    source = saved([Image.new("L", (800, 800), 255)], tmp_path / "scan.tif")
    with pytest.raises(OcrFailed) as failed:
        read(source, tmp_path / "out", program)
    assert failed.value.failure.code == "ocr_unavailable"
    assert "tesseract-ocr-script-hang" in failed.value.failure.message
