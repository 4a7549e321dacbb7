"""Files of strangers: read as people see them, or refused before they cost anything."""

import codecs
import io
import random
import zipfile
from typing import Any

import pytest
from tests.integration.spreadsheets.files import changed, compound, ods, xls, xlsx

from academy.application.ports.spreadsheets import SheetLimits, SheetMarks, SheetUnreadable
from academy.domain.academics.sheet_cells import Cell, CellProblem
from academy.infrastructure.spreadsheets.reader import Reader

pytestmark = pytest.mark.requirement("XLS-1")
SHEET = "xl/worksheets/sheet1.xml"
ROWS = [["이름", "연락처"], ["김하늘", "01012345678"]]
CSV = "이름,연락처\r\n김하늘,01012345678\r\n"


def read(content: bytes, limits: SheetLimits | None = None) -> tuple[list[list[Cell]], SheetMarks]:
    with Reader(limits).open(content) as book:
        name = book.sheets[0].name
        return [list(row) for row in book.rows(name)], book.marks(name)


def refused(content: bytes, limits: SheetLimits | None = None) -> str:
    with pytest.raises(SheetUnreadable) as wrong:
        read(content, limits)
    return wrong.value.failure.code


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.encode("cp949"),
        CSV.encode("utf-16"),
        codecs.BOM_UTF16_BE + CSV.encode("utf-16-be"),
        CSV.encode("utf-16-le"),
        CSV.replace(",", "\t").encode(),
        CSV.replace(",", ";").encode("cp949"),
        xlsx(ROWS),
        xls({(row, column): text for row, cells in enumerate(ROWS) for column, text in enumerate(cells)}),
        ods(
            "".join(
                "<table:table-row>"
                + "".join(
                    f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
                    for text in row
                )
                + "</table:table-row>"
                for row in ROWS
            )
        ),
    ],
)
def test_every_format_gives_the_same_rows(content: bytes) -> None:
    assert read(content)[0] == ROWS


def test_columns_and_rows_are_those_of_the_sheet() -> None:
    """The first column that holds something is not always A: calamine begins there."""
    rows, _ = read(xlsx(lambda book: book.add_worksheet().write("C3", "이름")))

    assert rows == [["", "", ""], ["", "", ""], ["", "", "이름"]]


def test_what_a_sheet_says_beside_its_values() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:B1", "학생")
        sheet.write("A2", "숨김")
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.write_formula("A3", "=1+1", None, 2)
        sheet.write_formula("B3", "=X1", None, "#REF!")

    rows, marks = read(xlsx(fill))

    assert marks == SheetMarks(frozenset({1}), (((0, 0), (0, 1)),), formulas=True)
    assert rows[2] == [2.0, CellProblem.ERROR]


def test_a_formula_that_was_never_calculated_is_told() -> None:
    content = xlsx(lambda book: book.add_worksheet().write_formula("B1", "=X1"))
    content = changed(content, {SHEET: lambda xml: xml.replace(b"<v>0</v>", b"")})

    # For calamine the sheet ends before it.
    rows, marks = read(content)
    assert marks.formulas
    assert rows == [["", CellProblem.UNCALCULATED]]


def test_hidden_rows_of_the_old_format() -> None:
    rows, marks = read(xls({(0, 0): "이름", (1, 0): "가", (2, 1): 1012345678.0}, hidden=[1]))

    assert marks.hidden_rows == {1}
    assert rows[2] == ["", 1012345678.0]


def test_macros_are_told_and_never_run() -> None:
    with Reader().open(changed(xlsx(ROWS), {"xl/vbaProject.bin": b"Attribute VB_Name"})) as book:
        assert book.macros


def test_hidden_sheets_are_told() -> None:
    def fill(book: Any) -> None:
        book.add_worksheet("앞")
        book.add_worksheet("뒤").hide()

    with Reader().open(xlsx(fill)) as book:
        assert [(each.name, each.hidden) for each in book.sheets] == [("앞", False), ("뒤", True)]
        with pytest.raises(KeyError):
            book.marks("없는 시트")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet_empty"),
        (b" \r\n", "sheet_empty"),
        (b"%PDF-1.7", "sheet_format"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "sheet_format"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "sheet_format"),
        (b"abc\x81\xff\xff,\xfe", "sheet_encoding"),
        (b"PK\x03\x04 and nothing", "sheet_malformed"),
        (xlsx(ROWS)[:2000], "sheet_malformed"),
        (compound("EncryptedPackage", b"x"), "sheet_encrypted"),
        (xls({(0, 0): "x"}, locked=True), "sheet_encrypted"),
        (compound("WordDocument", b"x"), "sheet_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, "sheet_malformed"),
        (b'"never closed\n' + b"x" * 200_000, "sheet_malformed"),
    ],
)
def test_what_is_no_spreadsheet_is_named(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_other_things_in_a_zip_are_no_spreadsheet() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("word/document.xml", "<w/>")

    assert refused(target.getvalue()) == "sheet_format"


@pytest.mark.parametrize(
    "xml",
    [
        b'<c r="XFD1048576"><v>1</v></c>',
        b"<c r='XFD1048576'><v>1</v></c>",
        b'<c\tr = "XFD1048576"><v>1</v></c>',
        b'<c r="xfd1048576"><v>1</v></c>',
        b'<c r="A50001"><v>1</v></c>',
        b'<c r="IV9999"><v>1</v></c>',
        b'<c r="JA1"><v>1</v></c>',
    ],
)
def test_a_cell_far_away_is_refused_before_it_is_decoded(xml: bytes) -> None:
    content = changed(
        xlsx(ROWS), {SHEET: lambda sheet: sheet.replace(b"</row></sheetData>", xml + b"</row></sheetData>")}
    )

    assert refused(content) == "sheet_too_large"


def test_a_far_cell_of_the_old_formats_is_refused() -> None:
    assert refused(xls({(65535, 255): 1.0})) == "sheet_too_large"
    repeated = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="1000"/></table:table-row>'
    assert refused(ods(repeated)) == "sheet_too_large"


def test_a_zip_bomb_is_refused_by_what_it_says_and_by_what_it_is() -> None:
    assert refused(changed(xlsx(ROWS), {"xl/media/zeros.xml": bytes(20 << 20)})) == "sheet_too_large"
    honest = changed(xlsx(ROWS), {"xl/extra.xml": random.Random(1).randbytes(3 << 20)})
    assert refused(honest, SheetLimits(unpacked_bytes=2 << 20)) == "sheet_too_large"
    # What the directory says of its size is made smaller: the member is not what it says.
    lying = bytearray(changed(xlsx(ROWS), {SHEET: lambda xml: xml + b" " * 300_000}))
    place = lying.rindex(b"PK\x01\x02", 0, lying.rindex(SHEET.encode()))
    lying[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    assert refused(bytes(lying)) == "sheet_malformed"
    assert refused(xlsx(ROWS), SheetLimits(entries=3)) == "sheet_too_large"
    assert refused(xlsx(ROWS), SheetLimits(file_bytes=100)) == "sheet_too_large"


def test_one_long_text_in_many_cells_is_refused() -> None:
    content = xlsx([["가" * 30_000] * 100] * 40)

    assert refused(content) == "sheet_too_large"
    assert len(read(xlsx([["가" * 30_000], *[["나"]] * 5000]))[0]) == 5001
    hiding = changed(
        content, {"xl/sharedStrings.xml": lambda xml: xml.replace("가".encode(), b"<![CDATA[</si>]]>", 900)}
    )
    assert refused(hiding) == "sheet_too_large"


@pytest.mark.parametrize("member", [SHEET, "xl/workbook.xml"])
def test_entities_are_refused(member: str) -> None:
    entities = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]>'
    content = changed(
        xlsx(ROWS), {member: lambda xml: xml.replace(b"<?xml", b"<?x", 1).join([entities, b""])}
    )

    assert refused(content) == "sheet_malformed"
    assert refused(ods("", before='<!DOCTYPE a [<!ENTITY b "b">]>')) == "sheet_malformed"


def test_damage_anywhere_is_refused_or_read_and_never_more() -> None:
    chance = random.Random(7)
    told = 0
    for whole in (xlsx(ROWS), xls({(0, 0): "이름", (1, 0): "가"}), ods("<table:table-row/>")):
        for _ in range(150):
            content = bytearray(whole)
            for _ in range(chance.randint(1, 8)):
                content[chance.randrange(len(content))] = chance.randrange(256)
            try:
                with Reader().open(bytes(content[: chance.randint(len(content) // 2, len(content))])) as book:
                    for each in book.sheets:
                        assert len(list(book.rows(each.name))) <= 50_000
            except SheetUnreadable:
                told += 1
    assert 0 < told < 450


@pytest.mark.parametrize("limits", [SheetLimits(rows=1), SheetLimits(columns=1), SheetLimits(cells=3)])
def test_csv_has_bounds_too(limits: SheetLimits) -> None:
    assert refused(CSV.encode(), limits) == "sheet_too_large"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_only_line_ends_of_files_end_a_row(end: str) -> None:
    """U+2028, U+0085 and a form feed come with texts copied from elsewhere."""
    rows = [["이름", "메모"], ["김\u2028하늘", "첫\x85둘"], ["이바다", "앞\x0c뒤"]]

    assert read(end.join(",".join(row) for row in rows).encode())[0] == rows
