"""Producers of other languages ask for graphs and answers over queues, and get one result for everything (GRA-1 to GRA-6)."""

import asyncio
import re
import zipfile
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from tests.integration.graph.library import NOTES, TENANT, USER, Library, open_library

from academy.application.graph.job_types import ERASE
from academy.contracts.graph import EraseGraph
from academy.domain.job.states import JobState

PREFIX = f"tenants/{TENANT}/notes/"


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    async with open_library(tmp_path) as opened:
        yield opened


@pytest.mark.requirement("GRA-3")
async def test_notes_become_a_graph_with_every_file_that_the_result_names(library: Library) -> None:
    await library.put({**NOTES, "empty.md": "", "broken.zip": b"PK\x03\x04 nothing"})
    async with library.working():
        told = await library.done("GRAPH_GENERATION", "task-1", s3Prefix=PREFIX, includeSummary=True)
    graph = await library.json(told["resultS3Key"])
    assert sorted(node["id"] for node in graph["nodes"]) == sorted(PREFIX + name for name in NOTES)
    assert {node["cluster"] for node in graph["nodes"]} == {cluster["id"] for cluster in graph["clusters"]}
    assert told["outcomeCounts"] == {"ok": len(NOTES), "skipped": 1, "failed": 1}
    assert {each["code"] for each in told["outcomes"] if each["status"] != "ok"} == {
        "empty_input",
        "broken_archive",
    }
    for name in (
        "featuresS3Key",
        "graphmlS3Key",
        "gexfS3Key",
        "pictureS3Key",
        "summaryS3Key",
        "outcomesS3Key",
    ):
        assert told[name] in await library.keys()
    assert told["usage"]["cpuSeconds"] > 0
    assert told["degraded"] == []


@pytest.mark.requirement("GRA-3")
async def test_the_same_documents_give_the_same_graph_and_nothing_is_computed_again(library: Library) -> None:
    await library.put(NOTES)
    async with library.working():
        first = await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        graph = await library.backends.ai_objects.get(first["resultS3Key"])
        again = await library.done("GRAPH_GENERATION", 2, s3Prefix=PREFIX)
        assert await library.backends.ai_objects.get(again["resultS3Key"]) == graph
        assert {each["stage"]: each["computed"] for each in again["stages"]}["analyse"] == 0
        other = await library.done("GRAPH_GENERATION", 3, s3Prefix=PREFIX, seed=7)
        assert {each["stage"]: each["computed"] for each in other["stages"]}["analyse"] == 1


@pytest.mark.requirement("GRA-5")
async def test_a_document_joins_and_what_was_there_stays(library: Library) -> None:
    await library.put(NOTES)
    async with library.working():
        first = await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        before = await library.json(first["resultS3Key"])
        await library.put(
            {
                "new.md": "# 스레드 동기화\n\n스레드는 메모리를 함께 쓰므로 동기화가 필요하다. 운영체제는 뮤텍스를 준다."
            }
        )
        told = await library.done("ADD_NODE", 2, s3Key=f"{PREFIX}new.md")
    after = await library.json(told["resultS3Key"])
    assert told["nodeIds"] == [f"{PREFIX}new.md"]
    assert len(after["nodes"]) == len(NOTES) + 1
    clusters = {node["id"]: node["cluster"] for node in after["nodes"]}
    assert {name: clusters[name] for name in clusters if not name.endswith("new.md")} == {
        node["id"]: node["cluster"] for node in before["nodes"]
    }
    assert clusters[f"{PREFIX}new.md"] == clusters[f"{PREFIX}os/process.md"]


@pytest.mark.requirement("GRA-4")
async def test_a_summary_cites_nodes_that_there_are(library: Library) -> None:
    await library.put(NOTES)
    async with library.working():
        await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        told = await library.done("GRAPH_SUMMARY", 2)
    summary = await library.json(told["summaryS3Key"])
    claims = [claim for cluster in summary["clusters"] for claim in cluster["claims"]]
    claims += [insight["claim"] for insight in summary["insights"]]
    assert claims
    assert {node for claim in claims for node in claim["node_ids"]} <= {PREFIX + name for name in NOTES}
    assert summary["language"] == "ko"


@pytest.mark.requirement("GRA-6")
async def test_a_question_is_answered_in_the_document_s_own_words(library: Library) -> None:
    await library.put(NOTES)
    async with library.working():
        for at, name in enumerate(("history/joseon.md", "history/goryeo.md", "os/process.md")):
            read = await library.done("MICROSCOPE_INGEST", f"in-{at}", s3Key=PREFIX + name)
            assert read["entities"] > 0
        told = await library.done("MICROSCOPE_QUERY", "q", question="조선을 건국한 사람은 누구인가?")
        unknown = await library.done("MICROSCOPE_QUERY", "q2", question="광합성은 어디에서 일어나는가?")
        together = await library.done("MICROSCOPE_SYNTHESIZE", "s", topic="수도")
        related = await library.done("MICROSCOPE_RELATED_QUESTIONS", "r")
        named = ["없는 문서", f"{PREFIX}history/joseon.md"]
        some = await library.done("MICROSCOPE_QUERY", "q3", question="조선의 수도는?", documentIds=named)
    assert [(each["id"], each["code"]) for each in some["outcomes"]] == [("없는 문서", "document_unknown")]
    assert some["found"]
    assert told["found"]
    assert "이성계" in told["answer"]
    for sentence in told["sentences"]:
        for citation in sentence["citations"]:
            text = NOTES[citation["documentId"].removeprefix(PREFIX)]
            assert citation["quote"] in text
    assert not unknown["found"]
    assert unknown["sentences"] == []
    assert {c["documentId"] for s in together["sentences"] for c in s["citations"]} >= {
        f"{PREFIX}history/joseon.md",
        f"{PREFIX}history/goryeo.md",
    }
    assert related["questions"]


@pytest.mark.requirement("GRA-1")
@pytest.mark.parametrize(
    ("task", "payload", "code"),
    [
        ("GRAPH_GENERATION", {}, "nothing_named"),
        ("GRAPH_GENERATION", {"s3Key": f"{PREFIX}none.md"}, "input_missing"),
        ("GRAPH_GENERATION", {"s3Prefix": f"{PREFIX}nowhere/"}, "input_missing"),
        ("GRAPH_GENERATION", {"s3Key": "tenants/t2/notes/a.md"}, "foreign_key"),
        ("GRAPH_GENERATION", {"s3Key": "../../etc/passwd"}, "foreign_key"),
        (
            "GRAPH_GENERATION",
            {"s3Key": f"tenants/{TENANT}/graph/users/0/builds/1/documents.jsonl"},
            "foreign_key",
        ),
        (
            "MICROSCOPE_INGEST",
            {"s3Key": f"tenants/{TENANT}/graph/users/0/builds/1/documents.jsonl"},
            "foreign_key",
        ),
        ("GRAPH_GENERATION", {"s3Prefix": PREFIX, "bucket": "another"}, "foreign_bucket"),
        ("GRAPH_GENERATION", {"s3Key": f"{PREFIX}empty.md"}, "no_readable_input"),
        ("ADD_NODE", {"s3Prefix": PREFIX}, "no_graph"),
        ("GRAPH_SUMMARY", {}, "no_graph"),
        ("MICROSCOPE_INGEST", {"s3Key": f"{PREFIX}none.md"}, "input_missing"),
        ("MICROSCOPE_INGEST", {"s3Key": f"{PREFIX}empty.md"}, "empty_input"),
        ("MICROSCOPE_INGEST", {"s3Key": f"{PREFIX}b.zip"}, "broken_archive"),
        ("MICROSCOPE_QUERY", {"question": "?"}, "document_not_ingested"),
        ("MICROSCOPE_SYNTHESIZE", {"documentIds": ["없는 문서"]}, "document_unknown"),
        ("ADD_NODE", {"userID": "u"}, "no_graph"),
    ],
)
async def test_what_cannot_be_done_says_so(
    library: Library, task: str, payload: dict[str, object], code: str
) -> None:
    await library.put({"empty.md": "", "b.zip": "no archive"})
    async with library.working():
        await library.ask(task, "task-1", **payload)
        told = (await library.told("task-1"))["payload"]
    assert (told["status"], told["errorCode"]) == ("FAILED", code)
    if code == "no_readable_input":
        assert [(each["status"], each["code"]) for each in told["outcomes"]] == [("skipped", "empty_input")]
        assert told["outcomeCounts"] == {"ok": 0, "skipped": 1, "failed": 0}
        assert told["outcomesS3Key"] in await library.keys()
    if code == "foreign_key" and "/graph/users/" not in str(payload):
        assert str(payload["s3Key"]) in told["error"]
        assert f"begin with tenants/hagwon/ or tenants/{TENANT}/" in told["error"]
        assert f"tenants/{TENANT}/" in told["errorKo"]
    assert told["error"]
    assert re.search("[가-힣]", told["errorKo"])
    assert told["userId"] == USER
    hints = [each for each in told["degraded"] if each["code"] == "unknown_field"]
    assert [("userID" in each["message"], "userId" in each["message"]) for each in hints] == (
        [(True, True)] if "userID" in payload else []
    )


@pytest.mark.requirement("GRA-6")
async def test_one_of_several_documents_is_named_by_its_id_and_the_ids_are_told(library: Library) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(7):
            file.writestr(f"{number}.md", f"# 문서 {number}\n\n조선의 {number}대 왕이다.")
    await library.put({"seven.zip": archive.getvalue()})
    key = f"{PREFIX}seven.zip"
    async with library.working():
        for at, named in enumerate(({}, {"documentId": "nobody"})):
            await library.ask("MICROSCOPE_INGEST", at, s3Key=key, **named)
            told = (await library.told(at))["payload"]
            assert told["errorCode"] == "several_documents"
            assert f"{key}/0.md (문서 0); {key}/1.md (문서 1)" in told["error"]
            assert f"{key}/4.md (문서 4), …" in told["error"]
            assert ("none of them has the id nobody" in told["error"]) == bool(named)
        read = await library.done("MICROSCOPE_INGEST", "one", s3Key=key, documentId=f"{key}/3.md")
    assert read["title"] == "문서 3"


@pytest.mark.requirement("GRA-1")
async def test_another_request_under_a_known_id_is_refused_and_the_first_one_s_result_stays(
    library: Library,
) -> None:
    await library.put(NOTES)
    async with library.working():
        first = await library.done("GRAPH_GENERATION", 77, s3Prefix=PREFIX)
        await library.ask("GRAPH_GENERATION", 77, s3Key=f"{PREFIX}os/process.md")
        await library.ask("GRAPH_GENERATION", 77, s3Prefix=PREFIX)
        async with asyncio.timeout(30):
            while len(library.results) < 3:
                await library.read()
                await asyncio.sleep(0.05)
    by_code = {each["payload"]["errorCode"]: each for each in library.results[1:]}
    assert set(by_code) == {"", "task_id_reused"}
    assert by_code[""]["resultId"] == library.results[0]["resultId"]
    assert by_code[""]["payload"] == first


@pytest.mark.requirement("GRA-5")
async def test_two_additions_at_once_both_come_in(library: Library) -> None:
    await library.put(NOTES)
    async with library.working():
        await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        await library.put(
            {
                "a.md": "# 세마포어\n\n세마포어는 스레드를 동기화한다.",
                "b.md": "# 행렬\n\n행렬은 수를 늘어놓은 것이다.",
            }
        )
        await library.ask("ADD_NODE", "a", s3Key=f"{PREFIX}a.md")
        await library.ask("ADD_NODE", "b", s3Key=f"{PREFIX}b.md")
        told = [(await library.told(name))["payload"] for name in ("a", "b")]
    last = max(told, key=lambda each: int(each["nodes"]))
    names = {node["id"] for node in (await library.json(last["resultS3Key"]))["nodes"]}
    assert {f"{PREFIX}a.md", f"{PREFIX}b.md"} <= names


@pytest.mark.requirement("GRA-8")
async def test_older_builds_go_and_an_erasure_leaves_nothing(library: Library) -> None:
    await library.put(NOTES)
    others = processes_below()
    async with library.working():
        first = await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        await library.done("MICROSCOPE_INGEST", 2, s3Key=f"{PREFIX}os/memory.md")
        again = await library.done("GRAPH_GENERATION", 3, s3Prefix=PREFIX, seed=3)
        await gone(library, first["resultS3Key"])
        keys = await library.keys()
        assert again["resultS3Key"] in keys
        assert any("/microscope/" in key for key in keys)
        assert processes_below() - others, "processes are kept for the next task"
        job = await library.ended(library.order(ERASE, EraseGraph(user_id=USER)))
        assert job.state is JobState.SUCCEEDED, job.failure
        assert await library.keys() == []
        assert not processes_below() - others, "one that is kept may hold the graph in memory"
        await library.ask("MICROSCOPE_QUERY", "q", question="가상 메모리란?")
        assert (await library.told("q"))["payload"]["errorCode"] == "document_not_ingested"
    vectors = library.backends.settings.vectors_dir
    text = b"os/memory.md"
    assert not [file for file in vectors.rglob("*") if file.is_file() and text in file.read_bytes()]


def processes_below() -> set[int]:
    """Return the processes that this one started and that live."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for each in tasks for pid in each.read_text().split()}


async def gone(library: Library, key: str) -> None:
    """Wait until nothing is left of the build that an object is of."""
    build = key.rpartition("/")[0] + "/"
    async with asyncio.timeout(30):
        while any(key.startswith(build) for key in await library.keys()):  # noqa: ASYNC110 - a job of its own removes it
            await asyncio.sleep(0.1)


@pytest.mark.requirement("GRA-8")
async def test_a_text_that_was_taken_out_of_a_graph_is_kept_nowhere(library: Library) -> None:
    secret = "비밀 일기. " * 8000
    await library.put({**NOTES, "diary.md": secret})
    async with library.working():
        first = await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        await library.backends.ai_objects.delete([f"{PREFIX}diary.md"])
        await library.done("GRAPH_GENERATION", 2, s3Prefix=PREFIX)
        await gone(library, first["resultS3Key"])
        for key in await library.keys():
            assert "비밀 일기".encode() not in await library.backends.ai_objects.get(key), key


def pdf_bomb() -> bytes:
    """Return a PDF of a few hundred kilobytes whose page takes gigabytes."""
    packed = zlib.compress(b"BT /F1 9 Tf " + b"(aaaa) Tj " * 20_000_000 + b"ET", 9)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    objects = b"".join(b"%d 0 obj%s\nendobj\n" % (at + 1, part) for at, part in enumerate(parts))
    return b"%PDF-1.4\n" + objects + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF"


@pytest.mark.requirement("JOB-11")
@pytest.mark.requirement("GRA-3")
@pytest.mark.timeout(240)
async def test_an_input_that_kills_its_reader_costs_itself_and_not_the_others(library: Library) -> None:
    await library.put({**NOTES, "bomb.pdf": pdf_bomb()})
    async with library.working():
        await library.ask("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
        told = (await library.told(1, seconds=200))["payload"]
    assert told["status"] == "COMPLETED", (told, library.failures())
    assert told["outcomeCounts"] == {"ok": len(NOTES), "skipped": 0, "failed": 1}
    assert [(each["s3Key"], each["code"]) for each in told["outcomes"] if each["status"] == "failed"] == [
        (f"{PREFIX}bomb.pdf", "input_too_heavy")
    ]


@pytest.mark.requirement("GRA-8")
async def test_files_that_a_result_named_can_be_read_for_a_while(tmp_path: Path) -> None:
    async with open_library(tmp_path, graph_keep_minutes=15) as library:
        await library.put(NOTES)
        async with library.working():
            first = await library.done("GRAPH_GENERATION", 1, s3Prefix=PREFIX)
            await library.done("GRAPH_GENERATION", 2, s3Prefix=PREFIX, seed=5)
            async with asyncio.timeout(30):
                while "PENDING" not in library.tending():  # noqa: ASYNC110 - jobs of their own do it
                    await asyncio.sleep(0.05)
        assert first["resultS3Key"] in await library.keys()
        assert first["pictureS3Key"] in await library.keys()
