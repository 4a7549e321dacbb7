"""Knowledge graphs over HTTP: notes go up, a worker does what is ordered, and what came of it is fetched (GRA-1 to GRA-8)."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterator

import pytest
from tests.integration.api.study import ENGLISH, KOREAN, Study, working
from tests.support.api import Api

pytestmark = [pytest.mark.timeout(300)]
USER = "학생/이하늘 #1"


@pytest.fixture(scope="module")
def study(api: Api) -> Iterator[Study]:
    """An academy, and a graph worker that works."""
    with working(api):
        yield Study(api)


@pytest.mark.requirement("GRA-3")
@pytest.mark.requirement("GRA-4")
@pytest.mark.requirement("GRA-5")
def test_notes_become_a_graph_that_grows_and_goes(study: Study) -> None:
    ids = study.uploads({**KOREAN, **ENGLISH})

    built = study.done("graphs", user_id=USER, document_ids=ids, include_summary=True)

    assert (built["nodes"], built["outcome_counts"]) == (10, {"ok": 10, "skipped": 0, "failed": 0})
    shown = study.graph(USER)
    assert (shown["nodes"], shown["has_summary"]) == (10, True)
    assert set(shown["files"]) == {
        "graph",
        "picture",
        "graphml",
        "gexf",
        "features",
        "outcomes",
        "summary",
    }
    graph = json.loads(study.fetch(shown["files"]["graph"]))
    sources = {node["source_key"].split("/")[3]: node for node in graph["nodes"]}
    assert set(sources) == set(ids), "a node's source names the document that was uploaded"
    by_name = {node["source_key"].rpartition("/")[2]: node["cluster"] for node in graph["nodes"]}
    assert by_name["조선.md"] == by_name["고려.md"] != by_name["cells.txt"] == by_name["genes.txt"]
    assert study.fetch(shown["files"]["picture"]).lstrip().startswith((b"<svg", b"<?xml"))
    summary = json.loads(study.fetch(shown["files"]["summary"]))
    assert summary["nodes"] == 10

    new = study.upload("백제.md", "# 백제\n\n백제의 수도는 위례성이다. 온조왕은 백제를 건국했다.")
    added = study.done("graphs/nodes", user_id=USER, document_ids=[new])
    assert (added["nodes"], len(added["node_ids"])) == (11, 1)
    assert study.done("graphs/summary", user_id=USER, language="ko")["claims"] > 0
    listed = study.teacher.get("/api/v1/graphs").json()["items"]
    assert [(each["user_id"], each["nodes"]) for each in listed] == [(USER, 11)]

    erased = study.teacher.http.delete("/api/v1/graphs", params={"user_id": USER})
    assert erased.status_code == 202
    assert study.ended(erased.json())["status"] == "succeeded"
    gone = study.teacher.get("/api/v1/graphs/one", params={"user_id": USER})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert study.api.anybody.get(study.api.at(shown["files"]["graph"]["url"])).status_code == 404
    assert study.teacher.get(f"/api/v1/documents/{ids[0]}").json()["state"] == "ready", "uploads stay"


@pytest.mark.requirement("GRA-6")
def test_documents_under_the_microscope_answer_with_where_it_stands(study: Study) -> None:
    user = "learner-2"
    joseon, goryeo = (study.upload(name, KOREAN[name]) for name in ("조선.md", "고려.md"))
    looked = study.done("microscope/documents", user_id=user, document_id=joseon, title="조선 이야기")
    study.done("microscope/documents", user_id=user, document_id=goryeo)

    assert (looked["document_id"], looked["title"], looked["language"]) == (joseon, "조선 이야기", "ko")
    first, second = study.teacher.get("/api/v1/microscope/documents", params={"user_id": user}).json()[
        "items"
    ]
    assert {first["document_id"], second["document_id"]} == {joseon, goryeo}
    whole = json.loads(study.fetch(first["file"]))
    assert whole["document_id"] == first["document_id"]

    answer = study.done("microscope/questions", user_id=user, question="조선을 건국한 사람은 누구인가?")
    assert answer["found"]
    assert "이성계" in answer["answer"]
    (citation, *_) = answer["sentences"][0]["citations"]
    assert citation["document_id"] == joseon
    assert citation["quote"] in KOREAN["조선.md"]
    only = study.done(
        "microscope/questions", user_id=user, question="조선을 건국한 사람은 누구인가?", document_ids=[goryeo]
    )
    assert {c["document_id"] for s in only["sentences"] for c in s["citations"]} <= {goryeo}
    together = study.done("microscope/syntheses", user_id=user, topic="수도")
    assert {c["document_id"] for s in together["sentences"] for c in s["citations"]} == {joseon, goryeo}
    related = study.done("microscope/related-questions", user_id=user)
    assert related["questions"]
    assert all(each["citations"] for each in related["questions"])


@pytest.mark.requirement("GRA-3")
@pytest.mark.requirement("SEC-2")
def test_every_kind_of_study_material_is_taken_and_what_cannot_be_read_says_so(study: Study) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/one.md", KOREAN["조선.md"])
        archive.writestr("two.md", ENGLISH["cells.txt"])
    material = [
        study.upload("notes.zip", packed.getvalue(), kind="application/zip"),
        study.upload(
            "page.html", f"<html><body><p>{ENGLISH['genes.txt']}</p></body></html>", kind="text/html"
        ),
        study.upload("table.csv", "term,meaning\ncell,unit of life\n", kind="text/csv"),
        study.upload("wide.txt", KOREAN["고려.md"].encode("utf-16"), kind="text/plain"),
        study.upload("plain.json", json.dumps({"a": 1}), kind="application/json"),
        study.upload("broken.zip", b"PK\x03\x04 nothing", kind="application/zip"),
    ]

    built = study.done("graphs", user_id="kinds", document_ids=material)

    assert built["nodes"] == 5
    wrong = {
        each["key"].rpartition("/")[2]: each["code"] for each in built["outcomes"] if each["status"] != "ok"
    }
    assert wrong == {"plain.json": "unsupported_input", "broken.zip": "broken_archive"}
    refused = study.uploaded("film.md", b"\x00\x00\x00\x18ftypisom" + bytes(40), kind="text/markdown")[1]
    assert (refused.status_code, refused.json()["code"]) == (415, "document_kind")


@pytest.mark.requirement("API-1")
def test_an_order_that_is_sent_twice_is_one_job(study: Study) -> None:
    wish = {"user_id": "twice", "document_ids": [study.upload("조선.md", KOREAN["조선.md"])]}
    key = {"Idempotency-Key": uuid.uuid4().hex}

    first = study.teacher.post("/api/v1/graphs", json=wish, headers=key)
    again = study.teacher.post("/api/v1/graphs", json=wish, headers=key)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    job = study.ended(first.json())
    assert (job["type"], job["subject"], job["status"]) == ("graph.generate", "graph:twice", "succeeded")


@pytest.mark.requirement("GRA-1")
def test_keys_of_the_academy_s_own_systems_are_read(study: Study) -> None:
    prefix = f"tenants/{study.school.id}/notes/"
    for name, text in KOREAN.items():
        study.api.await_(study.api.backends.ai_objects.put(prefix + name, text.encode()))

    built = study.done("graphs", user_id="keys", prefixes=[prefix], keys=[f"{prefix}조선.md"])

    assert built["nodes"] == len(KOREAN)
    read = study.done("microscope/documents", user_id="keys", key=f"{prefix}신라.md")
    assert read["document_id"] == f"{prefix}신라.md"
