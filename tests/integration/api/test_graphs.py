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
    picture = study.teacher.get("/api/v1/graphs/picture", params={"user_id": USER})
    assert (picture.headers["content-type"], picture.content) == (
        "image/svg+xml",
        study.fetch(shown["files"]["picture"]),
    )
    assert "sandbox" in picture.headers["content-security-policy"]
    summary = json.loads(study.fetch(shown["files"]["summary"]))
    assert summary["nodes"] == 10
    assert study.summary(USER).json() == summary

    new = study.upload("백제.md", "# 백제\n\n백제의 수도는 위례성이다. 온조왕은 백제를 건국했다.")
    added = study.done("graphs/nodes", user_id=USER, document_ids=[new])
    assert (added["nodes"], len(added["node_ids"])) == (11, 1)
    gone = study.summary(USER)
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found"), "what it said is no longer so"
    assert "POST /graphs/summary" in gone.json()["detail"]
    assert study.done("graphs/summary", user_id=USER, language="ko")["claims"] > 0
    assert study.summary(USER).json()["nodes"] == 11
    listed = study.teacher.get("/api/v1/graphs").json()["items"]
    assert [(each["user_id"], each["nodes"]) for each in listed] == [(USER, 11)]

    erased = study.teacher.http.delete("/api/v1/graphs", params={"user_id": USER})
    assert erased.status_code == 202
    assert study.ended(erased.json())["status"] == "succeeded"
    gone = study.teacher.get("/api/v1/graphs/one", params={"user_id": USER})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert study.api.anybody.get(study.api.at(shown["files"]["graph"]["url"])).status_code == 404
    assert study.teacher.get(f"/api/v1/documents/{ids[0]}").json()["state"] == "ready", "uploads stay"


@pytest.mark.requirement("GRA-3")
def test_a_graph_is_searched_by_a_text(study: Study) -> None:
    ids = study.uploads({**KOREAN, **ENGLISH})
    study.done("graphs", user_id="searched", document_ids=ids)

    korean = study.done(
        "graphs/search", user_id="searched", text="임금이 한글을 만든 나라 조선의 수도", limit=3
    )
    english = study.done("graphs/search", user_id="searched", text="What are genes made of?")
    nothing = study.done("graphs/search", user_id="searched", text="zzz qqq")

    (first, *_), scores = korean["nodes"], [each["score"] for each in korean["nodes"]]
    assert (first["title"], first["id"].rpartition("/")[2]) == ("조선", "조선.md")
    assert scores == sorted(scores, reverse=True)
    assert len(korean["nodes"]) <= 3
    assert first["cluster_name"]
    assert english["nodes"][0]["id"].endswith("genes.txt")
    assert (nothing["nodes"], nothing["degraded"]) == ([], [])

    new = study.upload("백제.md", "# 백제\n\n백제의 수도는 위례성이다. 온조왕은 백제를 건국했다.")
    study.done("graphs/nodes", user_id="searched", document_ids=[new])
    joined = study.done("graphs/search", user_id="searched", text="온조왕이 건국한 나라")
    assert joined["nodes"][0]["id"].endswith("백제.md"), "what joined is found at once"


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


@pytest.mark.requirement("GRA-6")
@pytest.mark.requirement("GRA-8")
def test_a_document_is_taken_from_under_the_microscope_alone(study: Study) -> None:
    user, question = "removes/1", "고려를 건국한 사람은 누구인가?"
    joseon, goryeo = (study.upload(name, KOREAN[name]) for name in ("조선.md", "고려.md"))
    for each in (joseon, goryeo):
        study.done("microscope/documents", user_id=user, document_id=each)
    assert "왕건" in study.done("microscope/questions", user_id=user, question=question)["answer"]
    listed = study.teacher.get("/api/v1/microscope/documents", params={"user_id": user}).json()["items"]
    (address,) = [each["file"] for each in listed if each["document_id"] == goryeo]
    named = {"user_id": user, "document_id": goryeo}

    stranger = Study(study.api).teacher.http.delete("/api/v1/microscope/documents", params=named)
    removed = study.teacher.http.delete("/api/v1/microscope/documents", params=named)
    again = study.teacher.http.delete("/api/v1/microscope/documents", params=named)

    assert (stranger.status_code, removed.status_code, again.status_code) == (404, 204, 404)
    assert study.api.anybody.get(study.api.at(address["url"])).status_code == 404
    left = study.teacher.get("/api/v1/microscope/documents", params={"user_id": user}).json()["items"]
    assert [each["document_id"] for each in left] == [joseon]
    assert "왕건" not in study.done("microscope/questions", user_id=user, question=question)["answer"]
    asked = {"user_id": user, "question": question, "document_ids": [goryeo]}
    assert study.teacher.post("/api/v1/microscope/questions", json=asked).status_code == 404
    assert study.teacher.get(f"/api/v1/documents/{goryeo}").json()["state"] == "ready", "the upload stays"


@pytest.mark.requirement("GRA-1")
@pytest.mark.requirement("JOB-9")
def test_an_order_is_followed_by_its_address_its_events_and_its_user(study: Study) -> None:
    ids = study.uploads(KOREAN)
    job = study.order("graphs", user_id="followed", document_ids=ids, include_summary=True)
    with study.teacher.http.stream("GET", f"/api/v1/jobs/{job['id']}/events") as events:
        told = "".join(events.iter_text())
    assert "event: end" in told
    assert '"status":"succeeded"' in told
    listed = study.teacher.get("/api/v1/jobs", params={"subject": "graph:followed"}).json()["items"]
    assert job["id"] in {each["id"] for each in listed}


@pytest.mark.requirement("API-2")
@pytest.mark.requirement("GRA-8")
def test_what_is_made_for_a_user_is_seen_and_changed_by_their_academy_alone(study: Study) -> None:
    user, ids = "apart", study.uploads(KOREAN)
    study.done("graphs", user_id=user, document_ids=ids, include_summary=True)
    study.done("microscope/documents", user_id=user, document_id=ids[0])
    stranger = Study(study.api).teacher

    for path in ("graphs/one", "graphs/summary", "graphs/picture"):
        assert stranger.get(f"/api/v1/{path}", params={"user_id": user}).status_code == 404, path
    for path, wish in (
        ("graphs/summary", {}),
        ("graphs/search", {"text": "조선"}),
        ("graphs/nodes", {"document_ids": ids[:1]}),
        ("microscope/questions", {"question": "?"}),
    ):
        assert stranger.post(f"/api/v1/{path}", json={"user_id": user, **wish}).status_code == 404, path
    assert stranger.get("/api/v1/graphs").json()["items"] == []
    assert stranger.get("/api/v1/microscope/documents", params={"user_id": user}).json()["items"] == []
    erased = stranger.http.delete("/api/v1/graphs", params={"user_id": user})
    assert erased.status_code == 202
    until = study.graph(user)
    assert (until["nodes"], until["has_summary"]) == (len(KOREAN), True), "their user of this name is another"
    assert study.summary(user).status_code == 200
    assert study.done("microscope/questions", user_id=user, question="프로세스는 무엇인가?")["found"]


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
