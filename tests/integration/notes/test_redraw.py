"""Pictures of strangers are drawn anew: no byte of theirs goes on, and what is too much is refused (DOC-3, SEC-4)."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from academy.application.ports.notes import PictureRefused
from academy.infrastructure.opencv.redraw import OpenCvNotePictures

pytestmark = pytest.mark.requirement("DOC-3")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, extra: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )  # fmt: skip


def encoded(kind: str, pixels: np.ndarray) -> bytes:
    done, data = cv2.imencode(kind, pixels)
    assert done
    return data.tobytes()


def redrawn(data: bytes, folder: Path) -> tuple[Path, np.ndarray]:
    source = folder / "document-1"
    source.write_bytes(data)
    (folder / "drawn").mkdir()
    made = OpenCvNotePictures().redraw(source, folder / "drawn")
    pixels = cv2.imread(str(made.file), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    assert (made.width, made.height) == (pixels.shape[1], pixels.shape[0])
    return made.file, pixels


def refused(data: bytes, folder: Path) -> str:
    source = folder / "document-1"
    source.write_bytes(data)
    (folder / "drawn").mkdir()
    with pytest.raises(PictureRefused) as why:
        OpenCvNotePictures().redraw(source, folder / "drawn")
    assert not list((folder / "drawn").iterdir())
    return why.value.code


def test_what_is_hidden_in_a_png_is_gone(tmp_path: Path) -> None:
    given = png(2, 2, b"\x00\x00\xff\x00\xff\x00", chunk(b"tEXt", b"Comment\x00secret")) + b"<script>secret"
    file, pixels = redrawn(given, tmp_path)
    assert file.suffix == ".png"
    assert b"secret" not in file.read_bytes()
    assert pixels.tolist() == [[0, 255], [255, 0]]


def test_what_is_hidden_in_a_jpeg_is_gone(tmp_path: Path) -> None:
    plain = encoded(".jpg", np.full((20, 30, 3), (0, 0, 200), dtype=np.uint8))
    exif = b"\xff\xe1" + struct.pack(">H", 2 + 6 + 6) + b"Exif\x00\x00" + b"secret"
    file, pixels = redrawn(plain[:2] + exif + plain[2:] + b"secret", tmp_path)
    assert file.suffix == ".jpg"
    assert b"secret" not in file.read_bytes()
    assert abs(int(pixels[5, 5, 2]) - 200) < 8


def test_a_large_picture_is_made_smaller(tmp_path: Path) -> None:
    _, pixels = redrawn(encoded(".png", np.zeros((1000, 4000), dtype=np.uint8)), tmp_path)
    assert pixels.shape == (400, 1600)


def test_clear_parts_become_white_paper(tmp_path: Path) -> None:
    given = np.zeros((4, 4, 4), dtype=np.uint8)
    given[:2] = (0, 0, 255, 255)
    _, pixels = redrawn(encoded(".png", given), tmp_path)
    assert pixels[0, 0].tolist() == [0, 0, 255]
    assert pixels[3, 3].tolist() == [255, 255, 255]


def test_fine_grey_is_kept_as_grey(tmp_path: Path) -> None:
    _, pixels = redrawn(encoded(".png", np.full((4, 4), 65535, dtype=np.uint16)), tmp_path)
    assert pixels.dtype == np.uint8
    assert pixels.min() == 255


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    given = encoded(".jpg", np.tile(np.arange(200, dtype=np.uint8), (100, 1)))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = redrawn(given, tmp_path / "a")[0], redrawn(given, tmp_path / "b")[0]
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>", "not_a_picture"),
        (b"GIF89a" + bytes(40), "not_a_picture"),
        (b"%PDF-1.7", "not_a_picture"),
        (png(60_000, 60_000, b"\x00"), "picture_too_large"),
        (png(0, 5, b""), "picture_broken"),
        (b"\x89PNG\r\n\x1a\n", "picture_broken"),
        (b"\xff\xd8\xff", "picture_broken"),
        (b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + bytes(20), "picture_too_large"),
        (b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x10\x03" + bytes(20), "picture_broken"),
    ],
)
def test_what_is_no_picture_is_refused(given: bytes, code: str, tmp_path: Path) -> None:
    assert refused(given, tmp_path) == code
