"""Homework analysis on a film, photos and scans that are made here: pages are counted once, and what is written on them measured."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.integration.ai_models.desk import PROCESSES, Desk
from tests.support.media import make_clip, run_ffmpeg, tools
from tests.support.writing import blank_page, photographed, written_page
from tests.support.writing import desk as table

from academy.application.ai.homework import HomeworkHandler
from academy.application.errors import WorkFailed
from academy.contracts.ai_pictures import AnalyseHomework, HomeworkAnalysed
from academy.infrastructure.ffmpeg.frames import FfmpegFrameSource

pytestmark = pytest.mark.requirement("DOC-4")

FILMS = FfmpegFrameSource(PROCESSES, tools())
FULL, HALF, LITTLE = written_page(1), written_page(2, share=0.5), written_page(3, share=0.2, ruled=True)


def _jpeg(page: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".jpg", page)[1].tobytes()


def _blurred(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.GaussianBlur(page, (41, 41), 0).astype(np.uint8)


def _film(folder: Path, pages: list[NDArray[np.uint8] | None], name: str = "film.mp4") -> bytes:
    """Show each page for 3 s from a hand that is not quite still, the desk for None, with a blurred half second between."""
    pictures = []
    for number, page in enumerate(pages):
        if page is not None and pictures:
            pictures.append(_blurred(photographed(page, 900 + number)))
        shots = [table(7) if page is None else photographed(page, 10 * number + shot) for shot in range(6)]
        pictures += shots
    shots_folder = folder / f"{name}-pictures"
    shots_folder.mkdir()
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(shots_folder / f"{number:04d}.png"), picture)
    source = ["-framerate", "2", "-i", str(shots_folder / "%04d.png")]
    run_ffmpeg(
        folder / name, [*source, "-r", "10", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    )
    return (folder / name).read_bytes()


async def _analysed(desk: Desk, *ids: str, interval: float = 1.0) -> HomeworkAnalysed:
    order = AnalyseHomework(document_ids=ids, interval_seconds=interval)
    return await desk.run(HomeworkHandler(desk.files, PROCESSES, FILMS), order, HomeworkAnalysed)


async def test_a_film_shows_each_page_once_however_often_it_is_turned_back_to(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.upload("film", _film(tmp_path, [FULL, HALF, None, LITTLE, FULL]))
    found = await _analysed(desk, "film", interval=0.5)
    assert [page.number for page in found.pages] == [1, 2, 3]
    full, half, little = found.pages
    assert full.written_ratio > 0.75
    assert 0.35 < half.written_ratio < 0.5
    assert 0.1 < little.written_ratio < 0.25
    assert full.looks > half.looks >= 4
    assert half.seconds is not None
    assert 3.0 <= half.seconds <= 7.0
    (source,) = found.sources
    assert (source.kind, source.trouble) == ("film", None)
    assert 5 <= source.looked_at - source.with_page <= 8  # the empty desk
    assert abs(found.written_ratio - sum(page.written_ratio for page in found.pages) / 3) < 0.001
    steps = [step for step, _ in desk.reports]
    assert list(dict.fromkeys(steps)) == ["fetch", "frames", "read"]
    assert desk.reports[-1] == ("read", 1.0)


async def test_photos_and_a_film_of_one_page_count_it_once(desk: Desk, tmp_path: Path) -> None:
    await desk.upload("film", _film(tmp_path, [HALF]))
    await desk.upload("photo", _jpeg(photographed(HALF, 77, turned=True)))
    await desk.upload("other", _jpeg(photographed(FULL, 78, (900, 1200))))
    found = await _analysed(desk, "photo", "film", "other", "photo")
    assert len(found.pages) == 2
    assert [source.document_id for source in found.sources] == ["photo", "film", "other"]
    assert found.pages[1].document_id == "other"
    assert found.pages[1].page == 1


async def test_a_flat_scan_that_fills_its_picture_is_a_page_and_a_blank_one_has_nothing_on_it(
    desk: Desk,
) -> None:
    await desk.upload("scan", _jpeg(FULL))
    await desk.upload("blank", _jpeg(photographed(blank_page(ruled=True), 5)))
    found = await _analysed(desk, "scan", "blank")
    assert [page.written_ratio > 0.75 for page in found.pages] == [True, False]
    assert found.pages[1].written_ratio < 0.02


async def test_a_picture_without_paper_shows_no_page(desk: Desk) -> None:
    await desk.upload("desk", _jpeg(table(3)))
    found = await _analysed(desk, "desk")
    assert found.pages == ()
    assert found.written_ratio == 0
    assert (found.sources[0].looked_at, found.sources[0].with_page) == (1, 0)


async def test_one_bad_document_is_named_and_the_others_are_done(desk: Desk, tmp_path: Path) -> None:
    await desk.upload("good", _jpeg(photographed(FULL, 1)))
    await desk.upload("text", "오늘 숙제는 없습니다.".encode() * 50)
    await desk.upload("cut", _jpeg(FULL)[:40])
    await desk.upload("sound", make_clip("audio_only", tmp_path).read_bytes())
    await desk.upload("list", make_clip("hls_playlist", tmp_path).read_bytes())
    found = await _analysed(desk, "text", "good", "cut", "sound", "list")
    assert len(found.pages) == 1
    troubles = {source.document_id: source.trouble for source in found.sources}
    assert troubles["good"] is None
    codes = {name: trouble.code for name, trouble in troubles.items() if trouble}
    assert codes == {
        "text": "not_a_video",
        "cut": "scan_broken",
        "sound": "no_decodable_stream",
        "list": "playlist_refused",
    }
    assert all(trouble.message_ko for trouble in troubles.values() if trouble)


async def test_a_document_that_is_not_there_fails_the_job(desk: Desk) -> None:
    with pytest.raises(WorkFailed, match="document_missing"):
        await _analysed(desk, "none")


async def test_a_long_film_is_looked_at_so_often_as_is_allowed(tmp_path: Path) -> None:
    clip = make_clip("portrait", tmp_path)
    frames = await FILMS.frames(clip, tmp_path, every_seconds=0.2, most=4, report=lambda _: None)
    assert [frame.seconds for frame in frames] == [0.0, 0.5, 1.0, 1.5]
    first = cv2.imread(str(frames[0].path), cv2.IMREAD_GRAYSCALE)
    assert first is not None
    assert first.shape == (320, 180)
