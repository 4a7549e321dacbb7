"""PDF, DOCX, PPTX, HTML, Markdown and text: what is read of each, and what is said of a bad one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.handed_in.documents import (
    docx_file,
    encrypted_office,
    pdf_file,
    pptx_file,
    protected_pdf,
    with_part,
    without_properties,
)
from tests.support.handed_in.reading import read_bytes
from tests.support.steps import LINEAR, bytes_read, steps

from academy.application.ports.sources import SourceUnreadable
from academy.domain.graph.source import Kind, SourceDocument
from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.reading import HandedInSources
from academy.infrastructure.sources.webpage import page_text

pytestmark = pytest.mark.requirement("GRA-3")

NOTES = Path(__file__).parents[4].parent / "shared" / "data" / "korean-notes"
KOREAN = "오늘은 광합성에 대하여 배운다. 엽록체는 빛을 모으고 물을 나누어 산소를 내보낸다.\n"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;</x>'
)
_CORE = (
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%s</dc:title></cp:coreProperties>'
)
THIEF = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


def test_a_pdf_gives_its_text_layer_page_after_page(tmp_path: Path) -> None:
    data = pdf_file(["Hello world\nphoto-\nsynthesis", "", "last page"], title="Leaves")
    (read,) = read_bytes(tmp_path, data, "shelf/leaves.txt").documents
    assert (read.id, read.kind, read.title) == ("shelf/leaves.txt", Kind.DOCUMENT, "Leaves")
    assert read.text.split() == ["Hello", "world", "photosynthesis", "last", "page"]
    assert read.created_at == "2000-01-01T00:00:00Z"
    assert read_bytes(tmp_path, pdf_file(["x"]), "a/잎.pdf").documents[0].title == "잎"
    untitled = read_bytes(tmp_path, pdf_file(["x"], title="Untitled"), "a/잎.pdf")
    assert untitled.documents[0].title == "잎"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (pdf_file(["", ""], picture=True), "no_text"),
        (protected_pdf(pdf_file(["secret"])), "encrypted_input"),
        (pdf_file(["x"])[:300], "broken_document"),
        (b"%PDF-1.7\n" + bytes(5_000), "broken_document"),
    ],
)
def test_a_pdf_without_text_or_behind_a_password_or_broken_is_named_as_that(
    tmp_path: Path, data: bytes, code: str
) -> None:
    assert read_bytes(tmp_path, data, "a.pdf").refused == code


def test_a_note_that_quotes_how_a_pdf_begins_is_a_note(tmp_path: Path) -> None:
    (read,) = read_bytes(tmp_path, "# PDF 형식\n`%PDF-1.7` 로 시작한다.".encode(), "n.md").documents
    assert (read.kind, read.title) == (Kind.NOTE, "PDF 형식")


def test_a_docx_gives_headings_lists_and_tables_in_their_order(tmp_path: Path) -> None:
    (read,) = read_bytes(tmp_path, docx_file(), "x").documents
    assert read.title == "광합성"
    assert read.text == (
        "# 빛과 잎\n\n엽록체는 빛을 모은다.\n\n- first point\n\n단계 | 곳\n명반응 | 틸라코이드\n\n## After the table"
    )


@pytest.mark.parametrize(("made", "title"), [(docx_file, "빛과 잎"), (pptx_file, "운영체제")])
def test_an_office_file_that_tells_no_title_and_no_times_has_none_made_up(
    tmp_path: Path, made: Callable[[], bytes], title: str
) -> None:
    """What it holds is the same at every reading: it lies in the file, and not in the day on which it is read."""
    data = without_properties(made())
    (read,) = read_bytes(tmp_path, data, "a/나의 노트.docx").documents
    assert read.title.startswith(title)
    assert (read.created_at, read.updated_at) == ("", "")
    told = with_part(made(), "docProps/core.xml", _CORE % b"Word Document")
    assert read_bytes(tmp_path, told, "a/b.docx").documents[0].title.startswith(title)


@pytest.mark.parametrize(
    ("name", "code", "skipped"),
    [
        ("style.css", "unsupported_input", True),
        ("map.SVG", "unsupported_input", True),
        ("graph.graphml", "unsupported_input", True),
        ("b.zip", "broken_archive", False),
    ],
)
def test_a_text_that_is_called_what_is_no_reading_is_not_read(
    tmp_path: Path, name: str, code: str, skipped: bool
) -> None:
    came = read_bytes(tmp_path, b"body { color: red }", name)
    assert came.refused == code
    assert came.problem is not None
    assert came.problem.skipped is skipped


@pytest.mark.parametrize("name", ["sort.py", "Main.java", "a.c", "n.unknown"])
def test_code_is_study_material(tmp_path: Path, name: str) -> None:
    (read,) = read_bytes(tmp_path, b"print('hello')  # how to print", name).documents
    assert read.text.startswith("print")


def test_a_note_that_begins_like_a_program_is_a_note(tmp_path: Path) -> None:
    """MZ세대 is what Koreans call the young."""
    for encoding in ("utf-8", "cp949"):
        (read,) = read_bytes(tmp_path, "MZ세대는 어떤 공부를 하는가?".encode(encoding), "n.txt").documents
        assert read.text.startswith("MZ세대")


def test_a_pptx_gives_its_slides_in_order_with_tables_groups_and_notes(tmp_path: Path) -> None:
    (read,) = read_bytes(tmp_path, pptx_file(), "x").documents
    assert read.title == "운영체제"
    assert read.text == "# 운영체제\n\n프로세스와 스레드\n\nleft | right\n\nSay it slowly.\n\ninside a group"


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize(
    "part", [BOMB, THIEF, BOMB.decode().encode("utf-16"), b"<broken", b"", b"\xff\xfe\x00"]
)
@pytest.mark.parametrize("file", ["word/document.xml", "ppt/presentation.xml", "[Content_Types].xml"])
def test_office_xml_that_expands_or_names_files_or_is_broken_is_refused(
    tmp_path: Path, part: bytes, file: str
) -> None:
    data = with_part(docx_file() if file.startswith("word") else pptx_file(), file, part)
    came = read_bytes(tmp_path, data, "a.docx")
    assert (came.refused, came.documents) == ("broken_document", [])


@pytest.mark.requirement("SEC-2")
def test_an_office_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    data = with_part(docx_file(), "word/document.xml", b"<a>" + b" " * 3_000_000 + b"</a>")
    assert read_bytes(tmp_path, data, "a", SourceLimits(markup_bytes=2_000_000)).refused == "input_too_large"
    assert read_bytes(tmp_path, data, "a", SourceLimits(document_bytes=2_000_000)).refused == "archive_bomb"
    assert read_bytes(tmp_path, encrypted_office(), "a.docx").refused == "encrypted_input"
    assert read_bytes(tmp_path, encrypted_office()[:600], "a.doc").refused == "unsupported_input"


def test_markdown_has_the_title_of_its_front_matter_or_first_heading_or_name(tmp_path: Path) -> None:
    front = (
        b"---\ntitle: 'From the front'\nid: zettel/7\ndate: 2024-05-01\ntags: [a, b]\n---\n# Heading\nText."
    )
    (read,) = read_bytes(tmp_path, front, "a/b.md").documents
    assert (read.id, read.title, read.text) == ("zettel/7", "From the front", "# Heading\nText.")
    assert read.created_at == "2024-05-01T00:00:00Z"
    coded = "```sh\n# no heading\n```\n이진 탐색\n===\ntext ![x](data:image/png;base64,AAAA)".encode()
    (read,) = read_bytes(tmp_path, coded, "폴더/이진 탐색 (1).md").documents
    assert (read.id, read.title) == ("폴더/이진 탐색 (1).md", "이진 탐색")
    assert read.text.endswith("text ![x]([image])")
    assert read_bytes(tmp_path, b"only text", "a/My note.md").documents[0].title == "My note"


@pytest.mark.parametrize(
    "data",
    [
        (KOREAN * 3).encode(),
        (KOREAN * 3).encode("utf-8-sig"),
        (KOREAN * 3).encode("utf-16"),
        b"\xfe\xff" + (KOREAN * 3).encode("utf-16-be"),
        (KOREAN * 3).encode("cp949"),
        (KOREAN * 3).replace("\n", "\r\n").encode("euc-kr"),
    ],
)
def test_text_is_read_in_each_encoding(tmp_path: Path, data: bytes) -> None:
    (read,) = read_bytes(tmp_path, data, "수업.txt").documents
    assert (read.title, read.kind) == ("수업", Kind.DOCUMENT)
    assert read.text == (KOREAN * 3).strip()


@pytest.mark.parametrize(
    "data",
    [
        "Das Übermaß an Größe, naïveté, cœur, garçon. ".encode("cp1252", "replace") * 4,
        "日本語の文章は漢字と仮名を使います。今日は天気がいいです。".encode("shift-jis") * 4,
        "今天我们学习光合作用。叶绿体收集光，分解水并释放氧气。".encode("gb18030") * 4,
        "Сегодня мы изучаем фотосинтез и листья растений.".encode("cp1251") * 4,
        KOREAN.encode("cp949").decode("latin-1").encode() * 3,
        KOREAN.encode().decode("cp1252", "replace").encode() * 3,
        KOREAN.encode("cp949").decode("utf-8", "replace").encode() * 3,
        KOREAN.encode("utf-16-le"),
        KOREAN.encode() + b"\xff\xff tail",
        b"\xef\xbb\xbf" + KOREAN.encode("cp949"),
        bytes(range(1, 256)) * 40,
        b"\x01\x02\x03\x04 almost text" * 50,
    ],
)
def test_what_would_have_to_be_guessed_is_no_text(tmp_path: Path, data: bytes) -> None:
    came = read_bytes(tmp_path, data, "a.txt")
    assert (came.refused, came.texts) == ("not_text", {})


@pytest.mark.parametrize(
    "text",
    ["Ça coûte 5 € — déjà vu, où? «été» naïve cœur façade.", "Größe über Maß", "日本語", "Привет, мир"],
)
def test_other_languages_in_utf_8_are_text(tmp_path: Path, text: str) -> None:
    (read,) = read_bytes(tmp_path, (text * 20).encode(), "a.txt").documents
    assert read.text == text * 20


def test_html_gives_what_a_reader_sees(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html><head><title>잎 &amp; 빛</title><style>p {color: red}</style>
      <script>var x = "<p>no</p>";</script></head><body><!-- <p>hidden</p> -->
      <h2 class="a > b">Part  one</h2><p>First <b>bold</b><br>line &lt;tag&gt;</p>
      <ul><li>one<li>two</ul><table><tr><th>a</th><td>b</td></tr></table><pre>  x = 1\n    y</pre><img src=x></body></html>"""
    (read,) = read_bytes(tmp_path, page.encode(), "page.txt").documents
    assert (read.title, read.kind) == ("잎 & 빛", Kind.DOCUMENT)
    assert [line for line in read.text.split("\n") if line] == [
        "## Part one",
        "First bold",
        "line <tag>",
        "- one",
        "- two",
        "a | b",
        "  x = 1",
        "    y",
        "[image]",
    ]


def test_html_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    page = f'<html><meta http-equiv="Content-Type" content="text/html; charset=euc-kr"><p>{KOREAN}</p></html>'
    (read,) = read_bytes(tmp_path, page.encode("cp949"), "a").documents
    assert read.text == KOREAN.strip()
    latin = b'<html><meta charset="iso-8859-1"><p>caf\xe9</p></html>'
    assert read_bytes(tmp_path, latin, "a").documents[0].text == "café"


@pytest.mark.requirement("SEC-2")
@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        "<!--",
        "<a b='",
        '<a b="<',
        "<svg>",
        "<script>",
        "</",
        "<!",
        "<![CDATA[",
        "&#",
        "<p>",
        "<a b=c ",
        "<pre>",
    ],
)
def test_html_that_was_made_to_hang_a_reader_costs_only_itself(piece: str) -> None:
    assert page_text("<p>word</p>" + piece * 200_000)[1].startswith("word")
    assert steps(lambda: page_text(piece * 8_000)) <= LINEAR * steps(lambda: page_text(piece * 2_000))


@pytest.mark.parametrize(
    ("data", "code", "skipped"),
    [
        (b"", "empty_input", True),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "unsupported_input", False),
        (b"\x1f\x8b\x08\x00" + bytes(50), "unsupported_input", False),
        (b"MZ" + bytes(50), "unsupported_input", True),
        (b"\x7fELF\x02" + bytes(50), "unsupported_input", True),
        (
            b'<?xml version="1.0"?>\n<!-- by us -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
            "unsupported_input",
            True,
        ),
        (b'\xef\xbb\xbf<?xml version="1.0"?><graphml></graphml>', "unsupported_input", True),
        (b"<gexf version='1.3'></gexf>", "unsupported_input", True),
        (
            b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">\n<svg></svg>',
            "unsupported_input",
            True,
        ),
        (bytes(5_000), "not_text", False),
    ],
)
def test_an_input_that_gives_nothing_says_why(tmp_path: Path, data: bytes, code: str, skipped: bool) -> None:
    came = read_bytes(tmp_path, data, "a.md")
    assert came.refused == code
    assert came.problem is not None
    assert came.problem.skipped is skipped
    assert came.problem.message.endswith((".", ")"))


@pytest.mark.parametrize(
    "data", [b" \n\t ", b"\xef\xbb\xbf", b"---\ntitle: x\n---\n", b"<html><body></body></html>"]
)
def test_a_file_without_a_word_is_skipped(tmp_path: Path, data: bytes) -> None:
    came = read_bytes(tmp_path, data, "a.md")
    assert came.codes == {"a.md": "skipped/empty_text"}


def test_five_hundred_megabytes_are_refused_by_a_look_at_them(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    for begin, code in ((b"", "not_text"), (b"plain text " * 10_000, "input_too_large")):
        with path.open("wb") as file:
            file.write(begin)
            file.truncate(500 << 20)
        before = bytes_read()
        with pytest.raises(SourceUnreadable) as refused:
            list(HandedInSources().read(path, "huge.txt"))
        assert refused.value.code == code
        assert bytes_read() - before < 1 << 20


def test_a_table_is_read_row_after_row(tmp_path: Path) -> None:
    (read,) = read_bytes(tmp_path, '이름,"긴, 글"\n가,"두\n줄"\n,\n'.encode(), "t.csv").documents
    assert read.text == "이름 | 긴, 글\n가 | 두 줄"


@pytest.mark.outside_data
@pytest.mark.skipif(
    not NOTES.is_dir(), reason="the Korean notes are not beside this checkout (../shared/data/korean-notes)"
)
def test_real_notes_all_have_a_title_and_text() -> None:
    found = list(HandedInSources().read(NOTES, "notes"))
    odd = [one for one in found if not isinstance(one, SourceDocument)]
    assert [one.code for one in odd if one.status != "skipped"] == []
    notes = [one for one in found if isinstance(one, SourceDocument) and one.kind is Kind.NOTE]
    assert len(notes) > 100
    assert all(note.title and note.text for note in notes)
    assert [one.id for one in found] == [one.id for one in HandedInSources().read(NOTES, "notes")]
