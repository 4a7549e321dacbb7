"""Readings of sheets for a person at a terminal, and for programs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.markup import escape

from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.domain.omr.sheet import Purpose, SheetSpec
from academy.interfaces.cli.console import out

if TYPE_CHECKING:
    from academy.application.ports.sheets import SheetReader

__all__ = ["Rows", "print_pages", "reading_of"]

Rows: TypeAlias = list[dict[str, Any]]
_BLANK, _DOUBT = "·", "?"
_ANSWERS_A_LINE = 10


def reading_of(
    spec: SheetSpec, scan: Path, blank: Path | None, threshold: float, overlay: Path | None
) -> Iterator[dict[str, Any]]:
    """Yield what was read of each page; write pictures into the folder `overlay`. Raises ScanInvalid, OSError."""
    from academy.bootstrap.sheet_tools import sheet_reader  # noqa: PLC0415

    reader = sheet_reader()
    if overlay is not None:
        overlay.mkdir(parents=True, exist_ok=True)
    for page in reader.read(spec, scan, blank):
        doubtful = [name for name, found in page.fields.items() if _doubtful(found, threshold)]
        picture = None
        if overlay is not None and page.problem is None:
            picture = overlay / f"page-{page.number:04}.jpg"
            _draw(reader, spec, scan, page, doubtful, picture)
        yield _row(spec, page, doubtful, picture)


def print_pages(rows: Sequence[dict[str, Any]]) -> None:
    """Print pages: a line of what they are, then their answers, ten in a line."""
    for row in rows:
        head = f"[bold]page {row['page']}[/]"
        if row["problem"]:
            problem = row["problem"]
            out.print(
                f"{head}  [red]{escape(problem['message'])} {escape(problem['message_ko'])}[/]",
                soft_wrap=True,
            )
            continue
        code = row["code"]
        facts = [
            f"identifier {row['identifier']}" if row["identifier"] else "",
            f"code {code['spec_id']}" + (f" student {code['student_id']}" if code["student_id"] else "")
            if code
            else "",
            f"turned {90 * row['rotation']}°" if row["rotation"] else "",
            f"odd: {', '.join(row['warnings'])}" if row["warnings"] else "",
        ]
        out.print(f"{head}  {escape('; '.join(filter(None, facts)))}", soft_wrap=True)
        answers = list(row["answers"].items())
        for at in range(0, len(answers), _ANSWERS_A_LINE):
            line = "  ".join(
                f"{name:>3}:{_shown(row, name, text):<4}" for name, text in answers[at : at + 10]
            )
            out.print(f"   {escape(line)}", soft_wrap=True)


def _shown(row: dict[str, Any], name: str, text: str) -> str:
    doubt = any(each == name or each.startswith(f"{name}.") for each in row["doubtful"])
    return text + (_DOUBT if doubt else "")


def _row(spec: SheetSpec, page: PageReading, doubtful: list[str], picture: Path | None) -> dict[str, Any]:
    problem, code = page.problem, page.code
    return {
        "page": page.number,
        "problem": {"code": problem.code, "message": problem.message, "message_ko": problem.message_ko}
        if problem
        else None,
        "code": {
            "spec_id": code.spec_id,
            "spec_version": code.spec_version,
            "exam_id": code.exam_id,
            "student_id": code.student_id,
        }
        if code
        else None,
        "identifier": _identifier(spec, page),
        "rotation": page.rotation,
        "warnings": list(page.warnings),
        "answers": _answers(spec, page),
        "doubtful": doubtful,
        "fields": {
            name: {
                "state": found.state.value,
                "marked": list(found.marked),
                "confidence": round(found.confidence, 4),
            }
            for name, found in page.fields.items()
        },
        "overlay": str(picture) if picture else None,
    }


def _doubtful(found: FieldReading, threshold: float) -> bool:
    return found.state is MarkState.AMBIGUOUS or found.confidence < threshold


def _identifier(spec: SheetSpec, page: PageReading) -> str:
    if page.problem is not None:
        return ""
    names = [name for block in spec.blocks if block.purpose is Purpose.IDENTIFIER for name in block.fields]
    text = "".join(_mark(page, name) for name in names)
    return text if text.strip(_BLANK) else ""


def _answers(spec: SheetSpec, page: PageReading) -> dict[str, str]:
    """Return the answer of each question in the order of the sheet; digits of a number stand together."""
    if page.problem is not None:
        return {}
    found: dict[str, str] = {}
    for block in spec.blocks:
        if block.purpose is Purpose.CHOICE:
            found |= {name: _mark(page, name) for name in block.fields}
        elif block.purpose is Purpose.NUMBER:
            digits = "".join(_mark(page, name) for name in block.fields)
            found[block.name] = digits.strip(_BLANK) or _BLANK
    return found


def _mark(page: PageReading, name: str) -> str:
    found = page.fields.get(name)
    return "+".join(found.marked) if found and found.marked else _BLANK


def _draw(
    reader: "SheetReader",
    spec: SheetSpec,
    scan: Path,
    page: PageReading,
    doubtful: Sequence[str],
    picture: Path,
) -> None:
    from academy.application.ports.sheets import OverlayMark  # noqa: PLC0415

    marks = [
        OverlayMark(name, found.marked, doubtful=name in doubtful) for name, found in page.fields.items()
    ]
    reader.overlay(spec, scan, page, marks, picture)
