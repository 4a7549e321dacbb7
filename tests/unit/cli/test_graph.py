"""`academy graph`: graphs of files on this machine, as somebody types it."""

import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.unit.cli.conftest import Installation

NOTES = {
    "os/process.md": "# 프로세스\n\n프로세스는 실행 중인 프로그램이다. 운영체제(OS)는 프로세스마다 메모리를 따로 준다.",
    "os/memory.md": "# 가상 메모리\n\n가상 메모리는 프로세스가 큰 메모리를 쓰게 한다. 페이지 교체는 운영체제가 한다.",
    "history/조선.md": "# 조선\n\n이성계는 1392년에 조선을 건국했다. 조선의 수도는 한양이다.",
    "history/고려.md": "# 고려\n\n왕건은 918년에 고려를 건국했다. 고려의 수도는 개경이다.",
    "bio/cells.txt": "A cell is the smallest unit of life. The nucleus of a cell holds its genes.",
    "bio/genes.txt": "Genes are made of DNA. A gene tells the cell which protein to make.",
}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder of notes in two languages, with what cannot be read and what is not meant."""
    folder = tmp_path / "notes"
    for name, text in {**NOTES, "empty.md": "", ".hidden/secret.md": "# 비밀"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    (folder / "link.md").symlink_to(folder / "os/process.md")
    return folder


@pytest.mark.requirement("GRA-3")
@pytest.mark.requirement("GRA-7")
def test_a_folder_becomes_a_graph_and_a_picture(empty: Installation, notes: Path, tmp_path: Path) -> None:
    target = tmp_path / "graph"

    ran = empty.run("graph", "build", str(notes), "--out", str(target), "--summary", "--language", "ko")

    assert ran.code == 0, ran.err
    assert "문서 6개 documents" in ran.out
    assert "읽음 read 6, 건너뜀 skipped 1, 실패 failed 1" in ran.out
    assert "broken_archive" in ran.out
    graph = json.loads((target / "graph_final.json").read_text(encoding="utf-8"))
    assert [node["id"] for node in graph["nodes"]] == sorted(NOTES), "an id is the path within the folder"
    assert ET.parse(target / "graph.svg").getroot().tag.endswith("svg")
    assert {path.name for path in target.iterdir()} == {
        "graph_final.json",
        "graph.svg",
        "graph.graphml",
        "graph.gexf",
        "outcomes.jsonl",
        "summary.json",
    }
    summary = json.loads((target / "summary.json").read_text(encoding="utf-8"))
    assert summary["headline"]["text"] in ran.out
    assert not empty.data_dir.exists(), "no installation is made"


@pytest.mark.requirement("GRA-3")
def test_two_builds_are_the_same_byte_for_byte_and_another_build_inside_is_no_input(
    empty: Installation, notes: Path
) -> None:
    inside = notes / "graph"
    first = empty.run("graph", "build", str(notes), "--out", str(inside))
    before = {path.name: path.read_bytes() for path in inside.iterdir()}

    refused = empty.run("graph", "build", str(notes), "--out", str(inside))
    again = empty.run("graph", "build", str(notes), "--out", str(inside), "--force")

    assert (first.code, refused.code, again.code) == (0, 1, 0)
    assert "--force" in refused.err
    assert {path.name: path.read_bytes() for path in inside.iterdir()} == before


@pytest.mark.requirement("GRA-3")
def test_a_graph_is_shown_again_for_people_and_programs(
    empty: Installation, notes: Path, tmp_path: Path
) -> None:
    target = str(tmp_path / "graph")
    built = empty.run("graph", "build", str(notes), "--out", target, "--json").json()

    shown = empty.run("graph", "show", target)

    assert built == empty.run("graph", "show", target, "--json").json()
    assert (built["statistics"]["nodes"], built["summary"]) == (6, None)
    assert sum(cluster["size"] for cluster in built["clusters"]) == 6
    assert all(cluster["name"] in shown.out for cluster in built["clusters"])
    (tmp_path / "graph" / "graph_final.json").write_text("{}")
    damaged = empty.run("graph", "show", target)
    assert (damaged.code, "damaged" in damaged.err) == (1, True)


@pytest.mark.requirement("GRA-4")
def test_words_of_a_model_are_shown_before_the_claims_and_named(
    empty: Installation, notes: Path, tmp_path: Path
) -> None:
    target = tmp_path / "graph"
    empty.run("graph", "build", str(notes), "--out", str(target), "--summary", "--language", "ko")
    before = empty.run("graph", "show", str(target)).out
    summary = json.loads((target / "summary.json").read_text(encoding="utf-8"))
    word = {"node_ids": summary["headline"]["node_ids"][:1], "by": "model"}
    summary["words"] = [{"text": "세 갈래의 노트입니다.", **word}]
    summary["clusters"][0]["words"] = [{"text": "첫 문장입니다.", **word}, {"text": "둘째입니다.", **word}]
    summary["model"] = "teacher-1"
    (target / "summary.json").write_text(json.dumps(summary), encoding="utf-8")

    shown = empty.run("graph", "show", str(target)).out

    assert "언어 모델" not in before
    assert summary["headline"]["text"] not in shown
    assert "세 갈래의 노트입니다." in shown
    assert "첫 문장입니다. 둘째입니다." in shown
    assert "언어 모델 teacher-1" in shown


@pytest.mark.requirement("GRA-6")
def test_documents_answer_in_their_own_words_with_where_they_stand(empty: Installation, notes: Path) -> None:
    files = [str(notes / "history" / name) for name in ("조선.md", "고려.md")]

    ran = empty.run("graph", "ask", *files, "조선을 건국한 사람은 누구인가?")
    told = empty.run(
        "graph", "ask", *files, "조선을 건국한 사람은 누구인가?", "--sentences", "1", "--json"
    ).json()
    nothing = empty.run("graph", "ask", *files, "광합성은 어디에서 일어나는가?")

    assert ran.code == 0, ran.err
    assert "이성계는 1392년에 조선을 건국했다." in ran.out
    (sentence,) = told["sentences"]
    text = NOTES["history/조선.md"]
    assert (sentence["document_id"], text[sentence["start"] : sentence["end"]]) == (
        files[0],
        sentence["quote"],
    )
    assert (nothing.code, "답을 찾지 못했습니다" in nothing.out) == (1, True)


@pytest.mark.requirement("GRA-6")
def test_one_chat_of_an_export_is_asked(empty: Installation, tmp_path: Path) -> None:
    export = tmp_path / "conversations.json"
    chats = [
        {
            "uuid": name,
            "name": name,
            "chat_messages": [
                {"uuid": f"{name}-1", "sender": "human", "text": "수도는?"},
                {"uuid": f"{name}-2", "sender": "assistant", "text": text},
            ],
        }
        for name, text in (("joseon", "조선의 수도는 한양이다."), ("goryeo", "고려의 수도는 개경이다."))
    ]
    export.write_text(json.dumps(chats), encoding="utf-8")
    question = "수도는 어디인가?"

    unsaid = empty.run("graph", "ask", str(export), question)
    said = empty.run("graph", "ask", str(export), question, "--part", "goryeo", "--json").json()

    assert unsaid.code == 1
    assert "joseon (joseon); goryeo (goryeo)" in " ".join(unsaid.err.split())
    assert "--part" in unsaid.err
    quotes = [each["quote"] for each in said["sentences"]]
    assert quotes
    assert all("한양" not in quote for quote in quotes)
    assert {each["document_id"] for each in said["sentences"]} == {"goryeo"}


@pytest.mark.requirement("GRA-3")
def test_what_earlier_builds_made_is_no_input_and_said_so(
    empty: Installation, notes: Path, tmp_path: Path
) -> None:
    """However often a learner builds inside of their notes: the map does not become a note of itself."""
    empty.run("graph", "build", str(notes), "--out", str(notes / "map"), "--summary")
    (notes / "map" / "my.md").write_text("# 붙임\n\n지도에 붙인 노트이다.", encoding="utf-8")
    (notes / "style.css").write_text("body { color: red }", encoding="utf-8")

    ran = empty.run("graph", "build", str(notes), "--out", str(tmp_path / "other"))

    graph = json.loads((tmp_path / "other" / "graph_final.json").read_text(encoding="utf-8"))
    assert [node["id"] for node in graph["nodes"]] == sorted([*NOTES, "map/my.md"])
    assert "not read" in ran.out
    outcomes = (tmp_path / "other" / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()
    told = {each["s3Key"]: (each["status"], each["code"]) for each in map(json.loads, outcomes)}
    assert told["style.css"] == ("skipped", "unsupported_input")
    assert not [key for key in told if key.endswith(("graph.svg", "graph.gexf", "summary.json"))]


@pytest.mark.requirement("GRA-3")
def test_names_with_other_line_ends_than_a_line_feed_are_built_and_shown(
    empty: Installation, tmp_path: Path
) -> None:
    """U+2028, U+0085 and a form feed end a line for some programs; in JSON they stand within one."""
    notes = tmp_path / "notes"
    notes.mkdir()
    names = ["줄\u2028바꿈.md", "next\x85line.md", "form\x0cfeed.md"]
    for name in names:
        (notes / name).write_text(f"# {name}\n\n첫 줄\u2028둘째 줄은 프로세스이다.", encoding="utf-8")
    (notes / "broken\u2028.zip").write_bytes(b"PK\x03\x04 nothing")
    chat = {"sender": "human", "text": "수도는\u2028어디인가?", "uuid": "m"}
    chats = [{"uuid": "c\u2028", "name": "수도\u2028한양", "chat_messages": [chat]}]
    (notes / "chats\x85.json").write_text(json.dumps(chats, ensure_ascii=False), encoding="utf-8")
    target = tmp_path / "graph"

    built = empty.run("graph", "build", str(notes), "--out", str(target), "--summary")
    shown = empty.run("graph", "show", str(target), "--json").json()

    assert built.code == 0, built.err
    told = {(each["key"], each["status"]) for each in shown["outcomes"]}
    assert told == {(name, "ok") for name in (*names, "chats\x85.json")} | {("broken\u2028.zip", "failed")}
    assert shown["statistics"]["nodes"] == 4


@pytest.mark.requirement("GRA-3")
def test_a_folder_of_which_nothing_can_be_read_names_each_file(empty: Installation, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for name in ("one\u2028.zip", "two\x85.zip"):
        (notes / name).write_bytes(b"PK\x03\x04 nothing")

    ran = empty.run("graph", "build", str(notes), "--out", str(tmp_path / "graph"))

    assert ran.code == 1
    assert ran.err.count("broken_archive") == 2
    assert not (tmp_path / "graph").exists()


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("build", "{notes}/nowhere"), "there is no folder"),
        (("build", "{notes}/empty.md"), "empty.md is a file"),
        (("build", "{notes}", "--out", "{notes}/empty.md"), "is a file"),
        (("build", "{notes}", "--out", "{notes}/a/b"), "there is no folder"),
        (("build", "{notes}", "--language", "jp"), "none of auto, ko and en"),
        (("build", "{notes}/bad", "--out", "{notes}/out"), "broken_archive"),
        (("build", "{notes}/none", "--out", "{notes}/out"), "there is no file in"),
        (("show", "{notes}"), "there is no graph in"),
        (("ask", "{notes}/nowhere.md", "누구?"), "there is no file"),
        (("ask", "{notes}/os", "누구?"), "os is a folder"),
        (
            ("ask", "{notes}/os/process.md", "{notes}/os/memory.md", "누구?", "--part", "a"),
            "one file at a time",
        ),
        (("ask", "{notes}/os/process.md", " "), "a question has"),
        (("ask", "{notes}/broken.zip", "누구?"), "broken.zip"),
        (("ask", "{notes}/two.zip", "누구?"), "two.zip/a.md (A); "),
        (("ask", "{notes}/two.zip", "누구?", "--part", "c"), "none of them has the id c; "),
    ],
)
def test_what_cannot_be_done_says_so_and_writes_nothing(
    empty: Installation, notes: Path, words: tuple[str, ...], said: str
) -> None:
    for name in ("bad", "none"):
        (notes / name).mkdir()
    (notes / "broken.zip").rename(notes / "bad" / "broken.zip") if "bad" in words[1] else None
    with zipfile.ZipFile(notes / "two.zip", "w") as archive:
        archive.writestr("a.md", "# A\n\nFirst.")
        archive.writestr("b.md", "# B\n\nSecond.")

    ran = empty.run("graph", *(word.format(notes=notes) for word in words))

    assert ran.code == 1
    assert said in " ".join(ran.err.split())
    assert not (notes / "out").exists()
