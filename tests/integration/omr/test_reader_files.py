"""Files of pages: every way in which a PDF holds a scan, TIFFs, and what is refused before it is decoded."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image
from tests.integration.omr.drawn import ANSWERS, SPEC, Picture, noisy, page, save

from academy.application.ports.sheets import OverlayMark, ScanInvalid
from academy.domain.omr.reading import PageReading
from academy.infrastructure.opencv.reader import OpenCvSheetReader
from academy.infrastructure.pdf.limits import ScanLimits
from academy.infrastructure.pdf.scan import open_scan

PAGE = page(SPEC, ANSWERS)
MANY = 60


def jpeg(picture: Picture) -> bytes:
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])


def as_jpeg(pdf: Pdf, picture: Picture) -> pikepdf.Stream:
    return pdf.make_stream(jpeg(picture), Filter=Name.DCTDecode, BitsPerComponent=8)


def as_flate(pdf: Pdf, picture: Picture) -> pikepdf.Stream:
    return pdf.make_stream(zlib.compress(picture.tobytes()), Filter=Name.FlateDecode, BitsPerComponent=8)


def as_png_rows(pdf: Pdf, picture: Picture) -> pikepdf.Stream:
    """Each row as its difference from the one above."""
    rows = np.diff(picture, axis=0, prepend=np.zeros((1, picture.shape[1]), np.uint8))
    data = zlib.compress(np.insert(rows, 0, 2, axis=1).tobytes())
    parameters = Dictionary(Predictor=15, Colors=1, BitsPerComponent=8, Columns=picture.shape[1])
    return pdf.make_stream(data, Filter=Name.FlateDecode, DecodeParms=parameters, BitsPerComponent=8)


def as_bits(pdf: Pdf, picture: Picture) -> pikepdf.Stream:
    data = zlib.compress(np.packbits(picture > 128, axis=1).tobytes())
    return pdf.make_stream(data, Filter=Name.FlateDecode, BitsPerComponent=1)


def fax_data(picture: Picture) -> bytes:
    held = io.BytesIO()
    Image.fromarray(picture <= 128).save(held, "TIFF", compression="group4", strip_size=1 << 30)
    with Image.open(held) as tiff:
        tags = tiff.tag_v2  # type: ignore[attr-defined]
        ((at,), (size,)) = tags[273], tags[279]
    return held.getvalue()[at : at + size]


def as_fax(pdf: Pdf, picture: Picture) -> pikepdf.Stream:
    parameters = Dictionary(K=-1, Columns=picture.shape[1], Rows=picture.shape[0])
    return pdf.make_stream(
        fax_data(picture), Filter=Name.CCITTFaxDecode, DecodeParms=parameters, BitsPerComponent=1
    )


def as_inverted_fax(pdf: Pdf, picture: Picture) -> pikepdf.Stream:
    found = as_fax(pdf, np.asarray(255 - picture, np.uint8))
    found.DecodeParms.BlackIs1 = True
    return found


Stored = Callable[[Pdf, Picture], pikepdf.Stream]


def add(
    pdf: Pdf, picture: Picture, stored: Stored = as_jpeg, content: bytes = b"q 595.4 0 0 842 0 0 cm /P Do Q"
) -> pikepdf.Page:
    stream = stored(pdf, picture)
    height, width = picture.shape
    stream.update(
        Dictionary(
            Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, ColorSpace=Name.DeviceGray
        )
    )
    pdf.add_blank_page(page_size=(595.4, 842))
    added = pdf.pages[-1]
    added.obj.Resources = Dictionary(XObject=Dictionary(P=stream))
    added.obj.Contents = pdf.make_stream(content)
    return added


def answers(found: PageReading) -> dict[str, str]:
    assert found.problem is None, found.problem
    return {name: "".join(one.marked) for name, one in found.fields.items() if one.marked}


def is_rendered(path: Path) -> bool:
    with open_scan(path, ScanLimits()) as scan:
        return scan.picture(1).pixels is not None


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize("stored", [as_jpeg, as_flate, as_png_rows, as_bits, as_fax, as_inverted_fax])
def test_the_embedded_scan_is_read_without_rendering(tmp_path: Path, stored: Stored) -> None:
    target = tmp_path / "scan.pdf"
    with Pdf.new() as pdf:
        add(pdf, PAGE, stored)
        pdf.save(target)
    assert not is_rendered(target)
    (found,) = OpenCvSheetReader().read(SPEC, target)
    assert answers(found) == ANSWERS


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize(
    "content",
    [
        b"q 595.4 0 0 842 0 0 cm /P Do Q 0 0 10 10 re f",
        b"q 560 0 0 790 20 20 cm /P Do Q",
        b"q 0 842 -595.4 0 595.4 0 cm /P Do Q",
    ],
    ids=["something painted", "margins", "turned by its matrix"],
)
def test_a_page_that_is_more_than_its_scan_is_rendered(tmp_path: Path, content: bytes) -> None:
    target = tmp_path / "scan.pdf"
    with Pdf.new() as pdf:
        add(pdf, PAGE, content=content)
        pdf.save(target)
    assert is_rendered(target)
    (found,) = OpenCvSheetReader().read(SPEC, target)
    assert found.problem is None or b"-595" in content
    if b"-595" not in content:
        assert answers(found) == ANSWERS


@pytest.mark.requirement("OMR-2")
def test_turn_and_crop_of_a_pdf_page_are_as_a_viewer_shows_them(tmp_path: Path) -> None:
    target = tmp_path / "scan.pdf"
    with Pdf.new() as pdf:
        margin = np.pad(PAGE, 200, constant_values=30)
        one = add(pdf, margin)
        one.obj.Rotate = 90
        share_x, share_y = 200 / margin.shape[1], 200 / margin.shape[0]
        one.obj.CropBox = Array([595.4 * share_x, 842 * share_y, 595.4 * (1 - share_x), 842 * (1 - share_y)])
        pdf.save(target)
    assert not is_rendered(target)
    (found,) = OpenCvSheetReader().read(SPEC, target)
    assert answers(found) == ANSWERS
    assert found.rotation == 1
    assert found.size[0] > found.size[1]
    assert np.abs(np.array(found.corners[0]) - (found.size[0], 0)).max() < 4


@pytest.mark.requirement("OMR-2")
def test_a_tiff_of_many_pages_gives_them_in_order(tmp_path: Path) -> None:
    target = tmp_path / "scan.tiff"
    pages = [Image.fromarray(page(SPEC, ANSWERS | {"1": choice})) for choice in "12345"]
    pages[0].save(target, save_all=True, append_images=pages[1:], compression="tiff_lzw")
    found = list(OpenCvSheetReader().read(SPEC, target))
    assert [one.number for one in found] == [1, 2, 3, 4, 5]
    assert [one.fields["1"].marked for one in found] == [("1",), ("2",), ("3",), ("4",), ("5",)]


@pytest.mark.requirement("OMR-2")
def test_one_bad_page_ends_nothing(tmp_path: Path) -> None:
    target = tmp_path / "scan.pdf"
    with Pdf.new() as pdf:
        for at in range(5):
            added = add(pdf, PAGE if at != 1 else np.full((2339, 1654), 250, np.uint8))
            if at == 2:
                added.obj.Resources.XObject.P.write(b"\xff\xd8\xff\xe0 not a picture", filter=Name.DCTDecode)
            if at == 3:
                added.obj.Resources.XObject.P.Width = 1_000_000
        pdf.save(target)
    found = list(OpenCvSheetReader().read(SPEC, target))
    assert [one.number for one in found] == [1, 2, 3, 4, 5]
    assert [one.problem.code if one.problem else "" for one in found][:2] == ["", "not_a_sheet"]
    assert found[2].problem is not None
    assert found[3].problem is not None
    assert found[3].problem.code == "page_too_large"
    assert answers(found[4]) == ANSWERS


def png_of(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.requirement("OMR-2")
def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    target = tmp_path / "scan.png"
    target.write_bytes(png_of(30_000, 30_000))
    (found,) = OpenCvSheetReader().read(SPEC, target)
    assert found.problem is not None
    assert found.problem.code == "page_too_large"


def encrypted(target: Path) -> None:
    with Pdf.new() as pdf:
        add(pdf, PAGE)
        pdf.save(target, encryption=pikepdf.Encryption(user="secret", owner="secret"))


def many_pages(target: Path) -> None:
    with Pdf.new() as pdf:
        for _ in range(11):
            pdf.add_blank_page()
        pdf.save(target)


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (encrypted, "scan_encrypted"),
        (many_pages, "scan_too_large"),
        (lambda path: path.write_bytes(b"%PDF-1.7\nnothing"), "scan_broken"),
        (lambda path: path.write_bytes(b""), "scan_broken"),
        (lambda path: path.write_bytes(b"II*\x00" + bytes(8)), "scan_broken"),
        (lambda path: path.write_bytes(b"\xff\xd8\xff\xe0"), "scan_broken"),
        (lambda path: path.write_bytes(b"PK\x03\x04 a workbook"), "scan_unknown"),
        (lambda path: path.write_bytes(bytes(3_000_000)), "scan_too_large"),
    ],
)
def test_a_file_without_pages_is_refused(tmp_path: Path, make: Callable[[Path], object], code: str) -> None:
    target = tmp_path / "scan"
    make(target)
    reader = OpenCvSheetReader(ScanLimits(pages=10, file_bytes=2_000_000))
    with pytest.raises(ScanInvalid) as refused:
        next(iter(reader.read(SPEC, target)))
    assert refused.value.failure.code == code
    assert refused.value.failure.message_ko


@pytest.mark.requirement("OMR-4")
def test_the_overlay_shows_the_page_upright(tmp_path: Path) -> None:
    scan, target = tmp_path / "scan.jpg", tmp_path / "overlay.jpg"
    save(np.ascontiguousarray(np.rot90(noisy(PAGE))), scan)
    reader = OpenCvSheetReader()
    (found,) = reader.read(SPEC, scan)
    marks = [OverlayMark("1", ("3",), doubtful=False), OverlayMark("2", ("5",), doubtful=True)]
    reader.overlay(SPEC, scan, found, marks, target)
    drawn = cv2.imread(str(target))
    assert drawn is not None
    assert drawn.shape[0] == 1600
    assert abs(drawn.shape[1] / drawn.shape[0] - 210 / 297) < 0.01
    per_mm = drawn.shape[0] / 297
    around = drawn[round(121 * per_mm) : round(129 * per_mm), round(54 * per_mm) : round(62 * per_mm)].astype(
        int
    )
    assert ((around[:, :, 1] - around[:, :, 2]) > 80).sum() > 50  # green around choice 3 of question 1
    beside = drawn[round(130 * per_mm) : round(137 * per_mm), round(35 * per_mm) : round(40 * per_mm)].astype(
        int
    )
    assert ((beside[:, :, 2] - beside[:, :, 0]) > 120).sum() > 20  # orange around question 2


@pytest.mark.requirement("OMR-4")
def test_the_overlay_of_a_page_that_could_not_be_read_is_the_page(tmp_path: Path) -> None:
    scan, target = tmp_path / "scan.jpg", tmp_path / "overlay.jpg"
    save(np.full((900, 600), 250, np.uint8), scan)
    reader = OpenCvSheetReader()
    (found,) = reader.read(SPEC, scan)
    reader.overlay(SPEC, scan, found, [], target)
    drawn = cv2.imread(str(target))
    assert drawn is not None
    assert drawn.shape[:2] == (900, 600)


def cut_file(picture: Picture, kind: str, share: float) -> bytes:
    held = io.BytesIO()
    Image.fromarray(picture).save(held, kind)
    return held.getvalue()[: round(share * len(held.getvalue()))]


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_picture_that_is_cut_off_is_a_broken_page_and_no_blank_one(
    tmp_path: Path, kind: str, share: float
) -> None:
    scan = tmp_path / "scan"
    scan.write_bytes(cut_file(noisy(PAGE), kind, share))
    reader = OpenCvSheetReader()
    (found,) = reader.read(SPEC, scan)
    assert found.problem is not None
    assert found.problem.code == "page_broken"
    with pytest.raises(ScanInvalid) as refused:
        reader.overlay(SPEC, scan, found, [], tmp_path / "overlay.jpg")
    assert refused.value.failure.code == "page_broken"


@pytest.mark.requirement("OMR-2")
def test_a_picture_that_no_decoder_takes_does_not_keep_its_file_open(tmp_path: Path) -> None:
    scan = tmp_path / "scan.png"
    scan.write_bytes(png_of(1654, 2339) + b"IEND")
    with pytest.raises(ScanInvalid) as refused:
        OpenCvSheetReader().overlay(SPEC, scan, PageReading(1), [], tmp_path / "overlay.jpg")
    assert refused.value.failure.code == "page_broken"


@pytest.mark.requirement("OMR-2")
def test_the_good_pages_of_a_tiff_that_is_cut_off_are_read(tmp_path: Path) -> None:
    scan = tmp_path / "scan.tif"
    pages = [Image.fromarray(noisy(PAGE)) for _ in range(4)]
    pages[0].save(scan, save_all=True, append_images=pages[1:], compression="tiff_deflate")
    scan.write_bytes(scan.read_bytes()[:-60_000])
    found = list(OpenCvSheetReader().read(SPEC, scan))
    assert [answers(one) for one in found[:3]] == [ANSWERS] * 3
    assert [one.problem.code for one in found[3:] if one.problem] == ["page_broken"]


def fax_of(picture: Picture) -> Picture:
    """Return the page as a fax of standard resolution: 204 pixels for an inch across, 98 down."""
    small = cv2.resize(picture, (1728, 1145), interpolation=cv2.INTER_AREA)
    return np.where(small > 128, 255, 0).astype(np.uint8)


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize("turn", [0, 2])
def test_a_fax_whose_pixels_are_not_square_is_read(tmp_path: Path, turn: int) -> None:
    scan, target = tmp_path / "scan.tif", tmp_path / "overlay.jpg"
    picture = np.ascontiguousarray(np.rot90(fax_of(PAGE), turn))
    Image.fromarray(picture > 128).save(scan, compression="group4", dpi=(204, 98))
    reader = OpenCvSheetReader()
    (found,) = reader.read(SPEC, scan)
    assert answers(found) == ANSWERS
    reader.overlay(SPEC, scan, found, [], target)
    drawn = cv2.imread(str(target))
    assert drawn is not None
    assert abs(drawn.shape[1] / drawn.shape[0] - 210 / 297) < 0.02


@pytest.mark.requirement("OMR-2")
def test_a_fax_in_a_pdf_is_read(tmp_path: Path) -> None:
    target = tmp_path / "scan.pdf"
    with Pdf.new() as pdf:
        add(pdf, fax_of(PAGE), as_fax)
        pdf.save(target)
    assert not is_rendered(target)
    (found,) = OpenCvSheetReader().read(SPEC, target)
    assert answers(found) == ANSWERS


@pytest.mark.requirement("OMR-3")
@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing", cut_file(PAGE, "PNG", 0.5), b"\xff\xd8\xff\xe0"])
def test_an_empty_sheet_that_is_damaged_is_named_and_not_the_scan(tmp_path: Path, data: bytes) -> None:
    scan, blank = tmp_path / "scan.jpg", tmp_path / "blank"
    save(noisy(PAGE), scan)
    blank.write_bytes(data)
    with pytest.raises(ScanInvalid) as refused:
        next(iter(OpenCvSheetReader().read(SPEC, scan, blank)))
    assert refused.value.failure.code == "blank_broken"
    assert "빈 답안지" in refused.value.failure.message_ko


def bomb(pdf: Pdf, filters: int) -> pikepdf.Stream:
    """Return a stream that draws 200 MB of nothing, deflated so often."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b"0 0 m " * 1_000_000) for _ in range(34)) + packer.flush()
    for _ in range(filters - 1):
        data = zlib.compress(data)
    made = pdf.make_stream(data)
    made.write(data, filter=Array([Name.FlateDecode] * filters))
    return made


@pytest.mark.requirement("OMR-2")
@pytest.mark.parametrize("filters", [1, 2])
@pytest.mark.parametrize("place", ["content", "form", "font"])
def test_a_page_that_unfolds_without_end_is_refused_and_the_others_are_read(
    tmp_path: Path, place: str, filters: int
) -> None:
    target = tmp_path / "scan.pdf"
    with Pdf.new() as pdf:
        for at in range(3):
            added = add(pdf, PAGE, content=b"q 560 0 0 790 20 20 cm /P Do Q")
            if at != 1:
                continue
            heavy = bomb(pdf, filters)
            if place == "content":
                added.obj.Contents = Array([added.obj.Contents, heavy])
            elif place == "form":
                heavy.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9])))
                added.obj.Resources.XObject.F = heavy
            else:
                descriptor = Dictionary(Type=Name.FontDescriptor, FontFile2=heavy)
                added.obj.Resources.Font = Dictionary(F=Dictionary(Type=Name.Font, FontDescriptor=descriptor))
        pdf.save(target)
    found = list(OpenCvSheetReader().read(SPEC, target))
    assert [one.problem.code if one.problem else "" for one in found] == ["", "page_too_complex", ""]
    assert answers(found[2]) == ANSWERS
