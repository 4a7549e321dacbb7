"""Archives and folders: everything in them has an outcome, in the order of the names, and nothing gets out of hand."""

from pathlib import Path

import pytest
from tests.support.handed_in.archives import encrypted_zip, json_bytes, named_in_cp949, zip_bomb, zipped
from tests.support.handed_in.chats import claude
from tests.support.handed_in.documents import docx_file, pdf_file
from tests.support.handed_in.reading import read_bytes

from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.reading import HandedInSources

pytestmark = [pytest.mark.requirement("GRA-3"), pytest.mark.requirement("SEC-2")]

ONE, TWO, THREE = ("0123456789abcdef" * 2, "fedcba9876543210" * 2, "00112233445566778899aabbccddeeff")


def test_a_notion_export_gives_pages_by_their_ids(tmp_path: Path) -> None:
    inner = zipped(
        [
            (f"Study/운영 체제 {ONE}.md", f"# 운영 체제\n\nSee [힙](%ED%9E%99%20{TWO}.md) now."),
            (f"Study/Books {TWO}.csv", "Name\nfirst"),
            (f"Study/Books {TWO}_all.csv", "Name,Tag\nfirst,x\nsecond,y"),
            (f"Study/Books {TWO}/Row {THREE}.md", "no heading"),
            ("Study/cat.png", b"\x89PNG\r\n\x1a\n"),
        ]
    )
    came = read_bytes(tmp_path, zipped([("Export-Part-1.zip", inner)]), "notion.zip")
    assert came.texts == {
        TWO: "Name | Tag\nfirst | x\nsecond | y",
        THREE: "no heading",
        ONE: "# 운영 체제\n\nSee 힙 now.",
    }
    assert [one.title for one in came.documents] == ["Row", "Books", "운영 체제"]
    assert came.codes == {
        f"notion.zip/Export-Part-1.zip/Study/Books {TWO}.csv": "skipped/same_page",
        "notion.zip/Export-Part-1.zip/Study/cat.png": "skipped/attachment",
    }


def test_a_notion_export_as_html_is_read_without_its_list_of_links(tmp_path: Path) -> None:
    page = "<html><head><title>Leaf</title></head><body><h1 class='page-title'>Leaf</h1><p>green</p></body></html>"
    came = read_bytes(
        tmp_path, zipped([(f"Leaf {ONE}.html", page), ("index.html", "<html>Leaf</html>")]), "n.zip"
    )
    assert [(one.id, one.title, one.text) for one in came.documents] == [(ONE, "Leaf", "# Leaf\n\ngreen")]
    assert came.codes == {"n.zip/index.html": "skipped/system_file"}


def test_a_mixed_archive_is_read_in_the_order_of_its_names_whatever_their_order_in_it(tmp_path: Path) -> None:
    things: list[tuple[str, bytes | str]] = [
        ("c.docx", docx_file()),
        ("b/chats.json", json_bytes([claude("chat", [("human", "hi")])])),
        ("a.md", "# 하나"),
        ("z.pdf", pdf_file(["text"])),
    ]
    came = read_bytes(tmp_path, zipped(things), "mix.zip")
    assert came.ids == ["mix.zip/a.md", "chat", "mix.zip/c.docx", "mix.zip/z.pdf"]
    assert read_bytes(tmp_path, zipped(things[::-1]), "mix.zip").documents == came.documents


def test_a_folder_is_read_like_an_archive_and_links_in_it_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "b.md").write_text("b")
    (folder / "a.txt").write_text("a")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert [one.id for one in HandedInSources().read(folder, "in")] == ["in/a.txt", "in/sub/b.md"]


def test_one_bad_thing_costs_only_itself(tmp_path: Path) -> None:
    data = zipped(
        [
            ("a.txt", b"\x93\x94\x00binary"),
            ("b.pdf", pdf_file([""], picture=True)),
            ("c.zip", zipped([("x.md", "text")])[:40]),
            ("d.json", b'[{"uuid": "d", "chat_messages": [{"text": "hi", "sender": "human"}]}, '),
            ("e.json", b'{"settings": 1}'),
            ("f.txt", b""),
            ("g.md", "good"),
            ("__MACOSX/._g.md", b"\0\0"),
            (".DS_Store", b"\0\0"),
        ]
    )
    came = read_bytes(tmp_path, data, "m.zip")
    assert came.ids == ["d", "m.zip/g.md"]
    assert {name.removeprefix("m.zip/"): code for name, code in came.codes.items()} == {
        "a.txt": "failed/not_text",
        "b.pdf": "failed/no_text",
        "c.zip": "failed/broken_archive",
        "d.json": "failed/broken_export",
        "e.json": "failed/unsupported_input",
        "f.txt": "skipped/empty_input",
        "__MACOSX/._g.md": "skipped/system_file",
        ".DS_Store": "skipped/system_file",
    }


def test_names_that_point_outside_are_ids_and_nothing_is_written(tmp_path: Path) -> None:
    inside = tmp_path / "deep" / "er"
    inside.mkdir(parents=True)
    names = ["../../evil.md", "/etc/passwd.md", "C:\\windows\\x.md", "a/./b.md"]
    came = read_bytes(inside, zipped([(name, f"text of {name}") for name in names]), "t.zip")
    assert sorted(came.ids) == sorted(f"t.zip/{name}" for name in names)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["input"]


def test_korean_names_are_read_however_they_were_packed(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, named_in_cp949("수업/노트 1.md", b"x"), "z").ids == ["z/수업/노트 1.md"]
    assert read_bytes(tmp_path, zipped([("수업/노트 1.md", b"x")]), "z").ids == ["z/수업/노트 1.md"]


@pytest.mark.parametrize("cut", [30, 100, -30])
def test_a_broken_archive_is_said_to_be_broken(tmp_path: Path, cut: int) -> None:
    whole = zipped([("a.md", "text " * 50), ("b.md", "more " * 50)])
    assert read_bytes(tmp_path, whole[:cut], "a.zip").refused == "broken_archive"


def test_a_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    data = bytearray(zipped([("a.md", bytes(range(32, 127)) * 30), ("b.md", "fine")]))
    data[60:64] = b"\xff\xff\xff\xff"
    came = read_bytes(tmp_path, bytes(data), "a.zip")
    assert (came.ids, came.codes) == (["a.zip/b.md"], {"a.zip/a.md": "failed/broken_archive"})


def test_an_archive_behind_a_password_is_said_to_be_that(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, encrypted_zip("a.md", b"text"), "a.zip").refused == "encrypted_input"


def test_an_empty_archive_is_nothing_to_mend(tmp_path: Path) -> None:
    came = read_bytes(tmp_path, zipped([]), "a.zip")
    assert came.refused == "empty_input"


def test_a_member_that_unpacks_to_a_thousand_times_its_size_fails_alone(tmp_path: Path) -> None:
    bomb = zip_bomb("conversations.json", 80 << 20)
    enough = SourceLimits(unpacked_bytes=24 << 20)  # beyond it the whole archive would be refused
    came = read_bytes(tmp_path, zipped([("a.md", "good"), ("bomb.zip", bomb)]), "a.zip", enough)
    assert came.refused == ""
    assert came.ids == ["a.zip/a.md"]
    assert came.codes == {"a.zip/bomb.zip/conversations.json": "failed/archive_bomb"}


def test_an_archive_that_unpacks_to_too_much_altogether_ends_there(tmp_path: Path) -> None:
    many: list[tuple[str, bytes | str]] = [
        (f"{at:03}.md", f"text {at} ".encode() * 20_000) for at in range(40)
    ]
    came = read_bytes(tmp_path, zipped(many), "a.zip", SourceLimits(unpacked_bytes=2_000_000))
    assert came.refused == "archive_bomb"
    assert 0 < len(came.ids) < 40
    came = read_bytes(tmp_path, zipped([("x.zip", zipped(many))]), "a.zip", SourceLimits(members=20))
    assert came.refused == "archive_bomb"


def test_archives_within_one_another_are_opened_three_deep(tmp_path: Path) -> None:
    data = zipped([("note.md", "found")])
    for _ in range(3):
        data = zipped([("in.zip", data)])
    assert read_bytes(tmp_path, data, "a.zip").ids == ["a.zip/in.zip/in.zip/in.zip/note.md"]
    came = read_bytes(tmp_path, zipped([("in.zip", data)]), "a.zip")
    assert list(came.codes.values()) == ["failed/archive_bomb"]


def test_a_table_of_contents_without_end_is_not_read(tmp_path: Path) -> None:
    data = zipped([(f"{at}", b"") for at in range(400)])
    assert read_bytes(tmp_path, data, "a.zip", SourceLimits(directory_bytes=5_000)).refused == "archive_bomb"


def test_two_runs_give_the_same(tmp_path: Path) -> None:
    data = zipped([(f"노트 {at}.md", f"# {at}\ntext") for at in range(30)])
    first, second = (read_bytes(tmp_path, data, "a.zip") for _ in range(2))
    assert (first.documents, first.outcomes) == (second.documents, second.outcomes)
