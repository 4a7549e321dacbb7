"""`academy omr`: answer sheets on files of this machine: describe, check, print, read. No server and no database is needed."""

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from academy.application.ai.sheet_json import to_contract
from academy.domain.omr.reading import SheetCode
from academy.domain.omr.sheet import SheetSpec
from academy.domain.omr.standard import standard_sheet
from academy.interfaces.cli.console import Trouble, out, print_fields, print_json, print_table
from academy.interfaces.cli.messaging import AsJson
from academy.interfaces.cli.omr_files import described, must_be_new, page_fields, read_spec, said_plainly
from academy.interfaces.cli.omr_reading import Rows, print_pages, reading_of

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="Answer sheets (답안지) on files of this machine: describe, check, print, read.",
)
Specification = Annotated[
    str,
    typer.Argument(metavar="SPEC", help="JSON of a specification (양식 파일); docs/exams.md explains it."),
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@app.command()
def describe(
    blank: Annotated[Path, typer.Argument(help="Scan or PDF of an EMPTY sheet: one page from edge to edge.")],
    target: Annotated[Path, typer.Option("--out", help="Where to write the specification.")] = Path(
        "spec.json"
    ),
    picture: Annotated[
        Path | None,
        typer.Option(help="Where to draw the proposal; beside --out, ending in .png, by default."),
    ] = None,
    name: Annotated[str, typer.Option(help="Id of the specification: A-Z a-z 0-9 . _ -")] = "my-sheet",
    size: Annotated[str, typer.Option(help="Paper in millimetres, WIDTHxHEIGHT.")] = "",
    force: Force = False,
) -> None:
    """Propose a specification for another vendor's sheet from an empty one. 다른 회사 답안지의 양식을 제안합니다.

    1. Scan an empty sheet (빈 답안지), straight, 200 dpi or more, or take the vendor's PDF.

    2. Run this, and compare the picture with the sheet: every bubble (표시 칸) is to be ringed, the question beside it.

    3. Correct names and numbers in the JSON; rows of ten are taken for digits, the widest of them for the student's number (식별번호).

    4. `academy omr check` says what is still wrong, `academy omr read` tries it on a filled sheet, and the API takes it for an exam.

    Example: `academy omr describe blank.pdf --out vendor.json`
    """
    from academy.bootstrap.sheet_tools import sheet_describer  # noqa: PLC0415

    drawn = picture or target.with_suffix(".png")
    for file in (target, drawn):
        must_be_new(file, force=force)
    paper = _paper(size)
    with said_plainly(blank):
        proposal = sheet_describer().describe(blank, paper, name, drawn)
    _save(proposal.spec, target)
    _show(proposal.spec)
    for english, korean in proposal.notes:
        out.print(f"[yellow]•[/] {escape(english)} {escape(korean)}", soft_wrap=True)
    out.print(f"wrote {escape(str(target))} and the picture {escape(str(drawn))}", soft_wrap=True)


@app.command()
def check(specification: Specification, as_json: AsJson = False) -> None:
    """Say what is wrong with a specification, in plain words. 양식 파일의 잘못을 알려 줍니다.

    Lengths are millimetres from the upper left corner of the upright page. One that is right is listed block by block.

    Example: `academy omr check vendor.json`
    """
    spec = read_spec(specification)
    if as_json:
        names = [block.name for block in spec.blocks]
        print_json(
            {"id": spec.id, "version": spec.version, "questions": list(spec.questions), "blocks": names}
        )
        return
    _show(spec)
    out.print("[green]It can be printed and read. 인쇄하고 읽을 수 있는 양식입니다.[/]")


@app.command("print")
def print_sheet(
    target: Annotated[Path, typer.Option("--out", help="Where to write the PDF.")],
    specification: Annotated[
        str, typer.Argument(metavar="[SPEC]", help="JSON of a specification; without one --questions.")
    ] = "",
    questions: Annotated[int, typer.Option(min=0, max=100, help="Questions with choices (객관식).")] = 0,
    choices: Annotated[int, typer.Option(min=2, max=5, help="Choices of each (선택지).")] = 5,
    numbers: Annotated[int, typer.Option(min=0, max=40, help="Questions answered by a number (단답형).")] = 0,
    digits: Annotated[int, typer.Option(min=1, max=6, help="Digits of each number.")] = 3,
    landscape: Annotated[bool, typer.Option("--landscape", help="A4 lying down (가로).")] = False,
    copies: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 1,
    title: Annotated[str, typer.Option(help="Printed at the top.")] = "답안지",
    save: Annotated[
        Path | None, typer.Option(help="Also write the specification here, to read with.")
    ] = None,
    force: Force = False,
) -> None:
    """Print sheets without a name as a PDF. 이름 없는 답안지를 PDF로 만듭니다.

    Sheets for the students of an exam, with their names and QR codes, come from the API: docs/exams.md.

    Examples: `academy omr print --questions 20 --numbers 2 --out sheets.pdf --save sheets.json`, \
`academy omr print vendor.json --copies 30 --out sheets.pdf`
    """
    if bool(specification) == bool(questions or numbers):
        raise Trouble(
            "say either which specification or how many questions",
            "`academy omr print SPEC.json --out sheets.pdf` or `academy omr print --questions 20 --out sheets.pdf`",
        )
    for file in filter(None, (target, save)):
        must_be_new(file, force=force)
    with said_plainly():
        spec = (
            read_spec(specification)
            if specification
            else standard_sheet(questions, choices, numbers, digits, landscape=landscape)
        )
        _print(spec, title, copies, target, save)
    sheets = "1 sheet" if copies == 1 else f"{copies} sheets"
    out.print(f"wrote {sheets} to {escape(str(target))}", soft_wrap=True)


@app.command()
def read(
    specification: Specification,
    scan: Annotated[
        Path, typer.Argument(help="Filled sheets: PDF of any number of pages, JPEG, PNG or TIFF.")
    ],
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Answers read with less confidence than this are doubtful.")
    ] = 0.9,
    overlay: Annotated[
        Path | None, typer.Option(help="Folder for pictures of the pages with what was read drawn over them.")
    ] = None,
    blank: Annotated[
        Path | None, typer.Option(help="Scan of the empty sheet, for a specification whose anchor is blank.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read filled sheets and show what is marked. 채점 없이 답안지를 읽어 표로 보여 줍니다.

    Nothing is sent or kept. A doubtful answer (확인 필요) ends in `?`, a blank one is `·`, several marks stand as `2+4`; what the
    overlay rings in green was read, what it boxes in orange is doubtful.

    Examples: `academy omr read sheets.json scan.pdf`, `academy omr read vendor.json photo.jpg --overlay pages --json`
    """
    spec = read_spec(specification)
    rows: Rows = []
    with said_plainly(scan):
        for row in reading_of(spec, scan, blank, threshold, overlay):
            rows.append(row)
            if not as_json:
                print_pages([row])
    if as_json:
        print_json(rows)
        return
    bad = sum(bool(row["problem"]) for row in rows)
    doubtful = sum(len(row["doubtful"]) for row in rows)
    pages = "1 page" if len(rows) == 1 else f"{len(rows)} pages"
    out.print(f"{pages}, {bad} unreadable, {doubtful} doubtful answers; nothing was graded or kept")
    if overlay is not None:
        out.print(f"the pictures lie in {escape(str(overlay))}", soft_wrap=True)


def _paper(size: str) -> tuple[float, float] | None:
    if not size:
        return None
    found = re.fullmatch(r"(\d{1,4}(?:\.\d+)?)x(\d{1,4}(?:\.\d+)?)", size, re.ASCII)
    width, height = map(float, found.groups()) if found else (0.0, 0.0)
    if not (10 <= width <= 1000 and 10 <= height <= 1000):
        raise Trouble(f"--size {size} is no paper", "Give millimetres from 10 to 1000: --size 210x297")
    return width, height


def _print(spec: SheetSpec, title: str, copies: int, target: Path, save: Path | None) -> None:
    from academy.application.ports.sheets import PrintedSheet  # noqa: PLC0415
    from academy.bootstrap.sheet_tools import sheet_printer  # noqa: PLC0415

    sheet = PrintedSheet(SheetCode(spec.id, spec.version), title)
    sheet_printer().print(spec, [sheet] * copies, target)
    if save is not None:
        _save(spec, save)


def _save(spec: SheetSpec, target: Path) -> None:
    target.write_text(to_contract(spec).model_dump_json(indent=2) + "\n", encoding="utf-8")


def _show(spec: SheetSpec) -> None:
    print_fields(page_fields(spec))
    columns = ("block", "purpose", "fields", "choices", "first bubble (mm)", "steps (mm)", "bubble (mm)")
    print_table(columns, [described(block) for block in spec.blocks])
