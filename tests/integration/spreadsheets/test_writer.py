"""What is written: as it was meant, harmless, and the same every time."""

import csv
import io
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from academy.application.ports.spreadsheets import (
    ColumnKind,
    SheetColumn,
    SheetTable,
    SpreadsheetWriter,
    Value,
)
from academy.infrastructure.spreadsheets.csv_writer import CsvWriter
from academy.infrastructure.spreadsheets.reader import Reader
from academy.infrastructure.spreadsheets.writer import Writer, sheet_name

pytestmark = pytest.mark.requirement("XLS-1")
NOON = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
TABLE = SheetTable(
    "출석부",
    "고2 수학 출석부",
    [
        SheetColumn("이름"),
        SheetColumn("점수", ColumnKind.DECIMAL),
        SheetColumn("출석률", ColumnKind.PERCENT),
        SheetColumn("날짜", ColumnKind.CENTRED),
    ],
    frozen=1,
    created=NOON,
)
EVIL = [
    "=1+1",
    "+82 10",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    '=HYPERLINK("http://x")',
    "http://x.kr",
    "0012",
    "{=1}",
]


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_values_come_back_as_they_were_meant(tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    Writer().write(TABLE, [["김하늘", 92.5, 0.75, NOON], ["", None, None, None]], target)

    with Reader().open(target.read_bytes()) as book:
        assert [each.name for each in book.sheets] == ["출석부"]
        rows = [list(row) for row in book.rows("출석부")]

    assert rows[:2] == [["고2 수학 출석부", "", "", ""], ["이름", "점수", "출석률", "날짜"]]
    assert rows[2][:3] == ["김하늘", 92.5, 0.75]
    assert str(rows[2][3]) == "2026-03-02"  # the day in Korea
    sheet = members(target)["xl/worksheets/sheet1.xml"]
    assert b'<pane xSplit="1" ySplit="2" topLeftCell="B3"' in sheet
    assert b'state="frozen"' in sheet


@pytest.mark.parametrize("text", EVIL)
def test_no_text_becomes_a_formula_or_a_link(tmp_path: Path, text: str) -> None:
    target = tmp_path / "out.xlsx"
    table = SheetTable(text, text, [SheetColumn(text)], 0, NOON)
    Writer().write(table, [[text]], target)

    with Reader().open(target.read_bytes()) as book:
        name = book.sheets[0].name
        assert [list(row) for row in book.rows(name)] == [[text]] * 3 or text.startswith("\r")
        assert not book.marks(name).formulas
    parts = members(target)
    assert not any("hyperlink" in name.casefold() for name in parts)
    assert b"<f>" not in parts["xl/worksheets/sheet1.xml"]
    assert b"hyperlink" not in parts["xl/worksheets/sheet1.xml"]


@pytest.mark.parametrize("text", EVIL)
def test_no_value_of_a_csv_begins_like_a_formula(tmp_path: Path, text: str) -> None:
    target = tmp_path / "out.csv"
    table = SheetTable("x", "", [SheetColumn(text)], 0, NOON)
    CsvWriter().write(table, [[text], [-5]], target)

    content = target.read_bytes().decode("utf-8-sig")
    head, row, number = csv.reader(io.StringIO(content, newline=""))
    assert head == row
    assert row[0].lstrip(" ")[0] not in "=+-@\t\r＝"
    assert number == ["-5"]


@pytest.mark.parametrize(("writer", "suffix"), [(Writer(), "xlsx"), (CsvWriter(), "csv")])
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, writer: SpreadsheetWriter, suffix: str) -> None:
    contents = []
    for number in range(2):
        target = tmp_path / f"{number}.{suffix}"
        writer.write(TABLE, [["김하늘", 1, 0.5, NOON]], target)
        contents.append(target.read_bytes())
        time.sleep(1.1 if not number else 0)  # the stamps of a zip file count seconds

    assert contents[0] == contents[1]


def test_ten_thousand_rows_are_written_as_they_come(tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    row: list[Value] = ["김하늘", 1.0, 0.5, None]
    Writer().write(TABLE, (row for _ in range(10_000)), target)

    with Reader().open(target.read_bytes()) as book:
        assert sum(1 for _ in book.rows("출석부")) == 10_002
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("고2/수학 [월]", "고2 수학  월"),
        ("'" * 40, "Sheet1"),
        ("", "Sheet1"),
        ("가" * 40, "가" * 31),
        ("History", "Sheet1"),
        ("a\nb", "a b"),
    ],
)
def test_names_that_a_sheet_may_not_have(text: str, name: str) -> None:
    assert sheet_name(text) == name
