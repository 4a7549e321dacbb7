"""The damage done to pages: from a seed, of every kind, into every file."""

import io
from pathlib import Path
from random import Random

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image, ImageDraw, ImageStat
from tests.support.degrade.files import jpeg_bytes, save, save_pdf
from tests.support.degrade.kinds import KINDS, OF_THE_HAND, ONE_BIT, degraded, mixture


def _page() -> Image.Image:
    page = Image.new("RGB", (420, 594), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((40, 60, 120, 110), fill="black")
    pen.ellipse((260, 400, 330, 450), fill=(120, 120, 125))
    for x in range(200):
        pen.line((180 + x, 200, 180 + x, 240), fill=(55 + x, 55 + x, 55 + x))
    return page


PAGE = _page()
_OF_THE_PICTURE = [kind for kind in KINDS if kind not in OF_THE_HAND]


@pytest.mark.parametrize("kind", _OF_THE_PICTURE)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_seed_decides_every_kind(kind: str, mode: str) -> None:
    first, again, other = (degraded(PAGE.convert(mode), (kind,), Random(seed), 0.8) for seed in (3, 3, 4))
    assert first.tobytes() == again.tobytes()
    assert (first.size, first.tobytes()) != (other.size, other.tobytes())


@pytest.mark.parametrize("kind", [kind for kind in _OF_THE_PICTURE if kind != "clean"])
def test_every_kind_changes_the_page_and_leaves_it_to_be_read(kind: str) -> None:
    clean = degraded(PAGE.convert("L"), ("clean",), Random(5), 1.0)
    worse = degraded(PAGE.convert("L"), (kind,), Random(5), 1.0).convert("L")
    assert (worse.size, worse.tobytes()) != (clean.size, clean.tobytes())
    assert ImageStat.Stat(worse).stddev[0] > 10


@pytest.mark.parametrize("kind", sorted(ONE_BIT))
def test_pages_of_one_bit_are_black_and_white(kind: str) -> None:
    page = degraded(PAGE, (kind,), Random(1), 1.0)
    assert page.mode == "L"
    assert sum(page.histogram()[1:255]) == 0


def test_a_turn_is_a_quarter_a_half_or_three_quarters() -> None:
    sizes = {degraded(PAGE, ("turn",), Random(seed), 1.0).size for seed in range(12)}
    assert sizes == {(420, 594), (594, 420)}


def test_strength_makes_it_worse() -> None:
    spread = [
        ImageStat.Stat(degraded(PAGE.convert("L"), ("low_contrast",), Random(2), strength)).stddev[0]
        for strength in (0.0, 0.4, 1.0)
    ]
    assert spread[0] > spread[1] > spread[2]


def test_mixtures_are_of_kinds_that_happen_together() -> None:
    rng = Random(9)
    for _ in range(300):
        kinds = set(mixture(rng, 3))
        assert len(kinds) == 3
        assert len(kinds & ONE_BIT) <= 1
        assert not {"photo", "skew"} <= kinds


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
def test_a_file_holds_the_page(ending: str, tmp_path: Path) -> None:
    target = tmp_path / f"page{ending}"
    save([PAGE.convert("L")], target)
    with Image.open(target) as found:
        assert found.size == PAGE.size
        assert abs(found.info["dpi"][0] - 200) < 1


def test_a_tiff_holds_many_pages_of_one_bit(tmp_path: Path) -> None:
    target = tmp_path / "pages.tif"
    save([degraded(PAGE, ("one_bit",), Random(seed), 0.5) for seed in range(3)], target)
    with Image.open(target) as found:
        assert (getattr(found, "n_frames", 0), found.mode, found.info["compression"]) == (3, "1", "group4")


def test_several_pages_do_not_fit_into_a_jpeg(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"2 pages cannot be written to a\.jpg"):
        save([PAGE, PAGE], tmp_path / "a.jpg")


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_pdf_holds_the_jpegs_as_they_are(mode: str, tmp_path: Path) -> None:
    pages = [jpeg_bytes(PAGE.convert(mode), quality) for quality in (35, 90)]
    target = tmp_path / "scan.pdf"
    save_pdf(pages, target, rotate=90)
    document = pypdfium2.PdfDocument(target)
    try:
        assert len(document) == 2
        assert document[0].get_rotation() == 90
        shown = document[0].render(scale=200 / 72).to_pil().convert("L")
    finally:
        document.close()
    assert all(page in target.read_bytes() for page in pages)
    wanted = Image.open(io.BytesIO(pages[0])).convert("L").rotate(-90, expand=True)
    assert abs(ImageStat.Stat(shown).mean[0] - ImageStat.Stat(wanted).mean[0]) < 3
