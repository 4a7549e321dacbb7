"""Handwriting analysis on drawn pages: what a person would say of two hands, the scores say too."""

import io
from typing import Any

import cv2
import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from tests.integration.ai_models.desk import PROCESSES, Desk
from tests.support.writing import blank_page, photographed, written_page

from academy.application.ai.handwriting import HandwritingHandler
from academy.application.errors import WorkFailed
from academy.contracts.ai_pictures import AnalyseHandwriting, HandwritingAnalysed, HandwritingScores
from academy.infrastructure.opencv.handwriting import measured

pytestmark = pytest.mark.requirement("DOC-4")


def _scores(page: NDArray[np.uint8]) -> HandwritingScores:
    found = measured(page)
    assert found is not None
    return found[1]


def _lean(**how: Any) -> float:
    found = measured(written_page(5, **how))
    assert found is not None
    return found[0].slant_degrees


def _jpeg(page: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".jpg", page)[1].tobytes()


def test_a_neat_hand_scores_higher_than_a_messy_one() -> None:
    neat, middling, messy = (_scores(written_page(3, mess=mess)) for mess in (0.0, 0.4, 1.0))
    assert neat.legibility >= 90
    assert neat.legibility > middling.legibility + 10 > messy.legibility + 15
    assert neat.spacing > middling.spacing + 10 > messy.spacing + 15


def test_pressure_follows_how_dark_the_strokes_are() -> None:
    values = [_scores(written_page(3, ink=ink)).pressure for ink in (30, 110, 160, 195)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 80
    assert values[-1] < 20


@pytest.mark.parametrize("lean", [-30, -15, 0, 15, 30])
def test_slant_is_measured_to_a_few_degrees_and_only_standing_upright_scores_full(lean: int) -> None:
    assert abs(_lean(lean=lean) - lean) <= 5
    assert (_scores(written_page(5, lean=lean)).slant > 90) is (lean == 0)


def test_neither_ruled_lines_nor_a_page_askew_change_what_is_said_of_the_hand() -> None:
    page = written_page(4, lean=10)
    plain = _scores(page)
    turn = cv2.getRotationMatrix2D((620, 877), 3.0, 1.0)
    askew = cv2.warpAffine(page, turn, (1240, 1754), borderValue=235)
    for other in (written_page(4, lean=10, ruled=True), askew):
        scores = _scores(other.astype(np.uint8))
        for name, value in scores.model_dump().items():
            assert abs(value - getattr(plain, name)) <= 8, name


def test_a_photo_in_uneven_light_is_measured_about_as_its_scan() -> None:
    scan, photo = _scores(written_page(6)), _scores(photographed(written_page(6), 1, (2200, 3000)))
    assert abs(scan.slant - photo.slant) <= 10
    assert abs(scan.pressure - photo.pressure) <= 25
    assert abs(scan.legibility - photo.legibility) <= 10
    assert abs(scan.spacing - photo.spacing) <= 15


async def test_a_document_gets_scores_page_by_page_and_sentences_in_both_languages(desk: Desk) -> None:
    pages = [written_page(1), written_page(2, mess=1.0, ink=180, lean=30), blank_page(ruled=True)]
    scan = await desk.upload("scan", _pdf([_jpeg(page) for page in pages]))
    order = AnalyseHandwriting(document_id=scan)
    found = await desk.run(HandwritingHandler(desk.files, PROCESSES), order, HandwritingAnalysed)
    neat, messy, blank = found.pages
    assert neat.scores
    assert messy.scores
    assert found.overall
    assert neat.scores.legibility > found.overall.legibility > messy.scores.legibility
    assert [remark.about for remark in messy.remarks] == ["legibility", "pressure", "slant", "spacing"]
    assert "읽기 쉽습니다" in neat.remarks[0].text_ko
    assert "easy to read" in neat.remarks[0].text
    assert "필압이 약합니다" in messy.remarks[1].text_ko
    assert blank.scores is None
    assert blank.trouble is not None
    assert blank.trouble.code == "handwriting_too_little"
    assert desk.reports[0] == ("fetch", 1.0)
    assert desk.reports[-1] == ("read", 1.0)


async def test_only_as_many_pages_are_looked_at_as_asked_for(desk: Desk) -> None:
    await desk.upload("scan", _pdf([_jpeg(written_page(seed, share=0.3)) for seed in range(4)]))
    order = AnalyseHandwriting(document_id="scan", pages=2)
    found = await desk.run(HandwritingHandler(desk.files, PROCESSES), order, HandwritingAnalysed)
    assert [page.page for page in found.pages] == [1, 2]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 no scan", "scan_unknown"),
        (b"\xff\xd8\xff" + b"0" * 50, "scan_broken"),
        (b"", "scan_broken"),
    ],
)
async def test_what_is_no_scan_is_refused_with_a_sentence(desk: Desk, data: bytes, code: str) -> None:
    await desk.upload("bad", data)
    with pytest.raises(WorkFailed) as raised:
        await desk.run(
            HandwritingHandler(desk.files, PROCESSES),
            AnalyseHandwriting(document_id="bad"),
            HandwritingAnalysed,
        )
    assert raised.value.failure.code == code
    assert raised.value.failure.message_ko


async def test_a_document_that_is_not_there_is_said_to_be_missing(desk: Desk) -> None:
    with pytest.raises(WorkFailed, match="document_missing"):
        await desk.run(
            HandwritingHandler(desk.files, PROCESSES),
            AnalyseHandwriting(document_id="none"),
            HandwritingAnalysed,
        )


def _pdf(pictures: list[bytes]) -> bytes:
    """Return a PDF, each page of which is one JPEG."""
    pdf = pikepdf.new()
    for data in pictures:
        image = pikepdf.Stream(pdf, data)
        image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        image.Width, image.Height, image.BitsPerComponent = 1240, 1754, 8
        image.ColorSpace, image.Filter = pikepdf.Name.DeviceGray, pikepdf.Name.DCTDecode
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, 595, 842],
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image)),
            Contents=pikepdf.Stream(pdf, b"595 0 0 842 0 0 cm /I Do"),
        )
        pdf.pages.append(pikepdf.Page(page))
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()
