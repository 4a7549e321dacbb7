"""Jobs that ask models or judge pictures, from their order over queue and worker to the rows (DOC-4, AI-1)."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import pytest
from tests.integration.ai.hagwon import TENANT, Hagwon, open_hagwon
from tests.integration.ai_models.author import Author
from tests.support.media import run_ffmpeg
from tests.support.servers.openai import API_KEY, CHAT_MODEL, VECTOR_MODEL, Fault, OpenAiServer, openai_server
from tests.support.writing import photographed, written_page

from academy.application.ai.job_types import EMBEDDING, HANDWRITING, HOMEWORK, PROBLEMS
from academy.bootstrap.models import Models, open_models
from academy.domain.document.document import DocumentPurpose, DocumentState
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.domain.job.tier import Tier

pytestmark = [pytest.mark.timeout(120), pytest.mark.requirement("DOC-4"), pytest.mark.requirement("AI-1")]
ORDER = {"subject": "수학", "grade": "중학교 3학년", "count": 3, "source_text": "이차함수의 그래프"}


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as served:
        served.answer = Author().answer
        yield served


@pytest.fixture
async def hagwon(tmp_path: Path, server: OpenAiServer) -> AsyncIterator[Hagwon]:
    """An academy whose operator has set both models."""
    given = {
        "llm_url": server.url,
        "llm_api_key": API_KEY,
        "llm_model": CHAT_MODEL,
        "embedding_url": server.url,
        "embedding_api_key": API_KEY,
        "embedding_model": VECTOR_MODEL,
    }
    async with open_hagwon(tmp_path, **given) as opened:
        yield opened


@pytest.fixture
async def models(hagwon: Hagwon) -> AsyncIterator[Models]:
    async with open_models(hagwon.backends.settings) as opened:
        yield opened


async def done(hagwon: Hagwon, models: Models, name: str, payload: dict[str, Any], tier: Tier) -> Job:
    """Order a job and let the worker of its tier do it."""
    job_id = hagwon.order(name, payload, tier)
    assert hagwon.job(job_id).queue == getattr(hagwon.backends.settings, f"queue_ai_{tier.value}")
    async with hagwon.working(premium=tier is Tier.PREMIUM, models=models):
        job = await hagwon.ended(job_id)
    assert not [path for path in hagwon.scratch.rglob("*") if path.is_file()]
    assert API_KEY not in json.dumps(job.result)
    return job


async def kept(hagwon: Hagwon, job: Job) -> dict[str, Any]:
    """Return the JSON that a job made; it is a document of the academy."""
    assert job.state is JobState.SUCCEEDED, job.failure
    assert job.result is not None
    file = await hagwon.fetch(job.result["document"], hagwon.folder / "made.json")
    listed = hagwon.read(lambda tx: tx.documents.list(TENANT, "export", "", "", 10)).items
    assert [(each.id, each.made_by) for each in listed] == [(job.result["document"]["id"], f"job:{job.id}")]
    made: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return made


async def test_problems_are_written_by_the_premium_worker(
    hagwon: Hagwon, models: Models, server: OpenAiServer
) -> None:
    job = await done(hagwon, models, PROBLEMS, ORDER, Tier.PREMIUM)
    made = await kept(hagwon, job)
    assert [each["answer"] for each in made["problems"]] == [2, 3, 4]
    assert job.result is not None
    assert (job.result["count"], job.result["usage"]["requests"]) == (3, len(server.seen))


async def test_a_key_that_the_server_refuses_fails_the_job_at_once_and_nothing_is_kept(
    hagwon: Hagwon, models: Models, server: OpenAiServer
) -> None:
    server.script(Fault.UNAUTHORIZED)
    refused = await done(hagwon, models, PROBLEMS, ORDER, Tier.PREMIUM)
    assert (refused.state, refused.attempt, refused.result) == (JobState.FAILED, 1, None)
    assert refused.failure is not None
    assert refused.failure.code == "model_key_refused"
    assert hagwon.read(lambda tx: tx.documents.list(TENANT, "", "", "", 10)).items == []
    assert (await done(hagwon, models, PROBLEMS, ORDER, Tier.PREMIUM)).state is JobState.SUCCEEDED


@pytest.mark.parametrize("tier", [Tier.BASIC, Tier.PREMIUM])
async def test_vectors_come_from_the_server_that_is_set(
    hagwon: Hagwon, models: Models, server: OpenAiServer, tier: Tier
) -> None:
    job = await done(hagwon, models, EMBEDDING, {"texts": ["하나", "둘"]}, tier)
    made = await kept(hagwon, job)
    assert (made["model"], made["count"], len(made["vectors"])) == (VECTOR_MODEL, 2, 2)
    assert server.paths == ["POST /v1/embeddings"]


async def test_handwriting_is_measured_and_the_scores_stand_in_the_row(
    hagwon: Hagwon, models: Models
) -> None:
    file = hagwon.folder / "page.jpg"
    cv2.imwrite(str(file), written_page(3))
    page = await hagwon.upload(file, DocumentPurpose.HOMEWORK)
    job = await done(hagwon, models, HANDWRITING, {"document_id": page}, Tier.BASIC)
    assert job.state is JobState.SUCCEEDED, job.failure
    assert job.result is not None
    assert [each["page"] for each in job.result["pages"]] == [1]
    assert job.result["overall"]["legibility"] >= 90


async def test_homework_is_looked_at_whether_page_or_film_and_one_that_is_broken_spoils_nothing(
    hagwon: Hagwon, models: Models
) -> None:
    page, film, broken = (hagwon.folder / name for name in ("page.jpg", "film.mp4", "broken.mp4"))
    cv2.imwrite(str(page), written_page(1))
    shot = hagwon.folder / "shot.png"
    cv2.imwrite(str(shot), photographed(written_page(2, share=0.3), 1))
    source = ["-loop", "1", "-framerate", "2", "-i", str(shot), "-t", "3"]
    run_ffmpeg(film, [*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"])
    broken.write_bytes(film.read_bytes()[:300])
    ids = [await hagwon.upload(each, DocumentPurpose.HOMEWORK) for each in (page, film, broken)]
    job = await done(hagwon, models, HOMEWORK, {"document_ids": ids}, Tier.BASIC)
    assert job.state is JobState.SUCCEEDED, job.failure
    assert job.result is not None
    full, part = job.result["pages"]
    assert (full["document_id"], full["page"], part["document_id"], part["page"]) == (ids[0], 1, ids[1], None)
    assert full["written_ratio"] > 0.75
    assert 0.1 < part["written_ratio"] < 0.5
    troubles = [bool(each["trouble"]) for each in job.result["sources"]]
    assert ([each["document_id"] for each in job.result["sources"]], troubles) == (ids, [False, False, True])


async def test_a_document_whose_upload_is_open_is_not_looked_at(hagwon: Hagwon, models: Models) -> None:
    file = hagwon.folder / "page.jpg"
    cv2.imwrite(str(file), written_page(3))
    page = await hagwon.upload(file, DocumentPurpose.HOMEWORK)
    hagwon.run(lambda tx: tx.documents.save(_open(tx.documents.get(TENANT, page))))
    job = await done(hagwon, models, HANDWRITING, {"document_id": page}, Tier.BASIC)
    assert job.failure is not None
    assert job.failure.code == "document_missing"


def _open(document: Any) -> Any:
    return replace(document, state=DocumentState.PENDING)
