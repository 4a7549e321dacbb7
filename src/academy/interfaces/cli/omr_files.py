"""What the commands of `academy omr` share: reading specifications, and saying plainly what is wrong with a file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from academy.application.ai.sheet_json import from_contract
from academy.contracts.base import plain_words
from academy.contracts.omr import SheetSpecification
from academy.domain.failures import Failure
from academy.domain.omr.refusal import SheetRefused
from academy.domain.omr.sheet import Block, SheetSpec, SpecInvalid
from academy.interfaces.cli.console import Trouble

__all__ = ["described", "must_be_new", "page_fields", "read_spec", "said_plainly"]

_MOST_BYTES = 4 << 20
_MOST_TOLD = 10


def read_spec(file: str) -> SheetSpec:
    """Return the specification in a file. Raises Trouble with everything that is wrong with its form, or what contradicts itself."""
    path = Path(file)
    if not path.is_file():
        raise Trouble(f"there is no file {file}", "`academy omr describe` makes one from an empty sheet.")
    if path.stat().st_size > _MOST_BYTES:
        raise Trouble(f"{file} is too large for a specification")
    try:
        return from_contract(SheetSpecification.model_validate_json(path.read_bytes()))
    except ValidationError as error:
        raise Trouble(
            f"{file} is no specification:\n{_told(error)}",
            "docs/exams.md shows one; docs/schemas/omr.sheet.json says what may stand where.",
        ) from None
    except SpecInvalid as error:
        raise _trouble(
            file, error.failure, "Correct it there: docs/exams.md shows a specification."
        ) from None


@contextmanager
def said_plainly(scan: Path | None = None) -> Iterator[None]:
    """Turn what is wrong with a scan or a sheet into Trouble, in both languages."""
    from academy.application.ports.sheets import ScanInvalid  # noqa: PLC0415

    if scan is not None and not scan.is_file():
        raise Trouble(f"there is no file {scan}", "Name a PDF, JPEG, PNG or TIFF.")
    try:
        yield
    except (ScanInvalid, SheetRefused) as error:
        raise _trouble(str(scan or "the sheet"), error.failure) from None


def _trouble(what: str, failure: Failure, otherwise: str = "") -> Trouble:
    """Return what is wrong and, apart from it, how to mend it, both in both languages: the first sentence of a failure says what."""
    parts = [re.split(r"(?<=[.!?]) +", text, maxsplit=1) for text in (failure.message, failure.message_ko)]
    mend = " ".join(part[1] for part in parts if len(part) > 1)
    return Trouble(f"{what}: {' '.join(part[0] for part in parts)}", mend or otherwise)


def must_be_new(file: Path, *, force: bool) -> None:
    """Raise Trouble for a file that is there and may not be written over, or whose folder is not there."""
    if not file.parent.is_dir():
        raise Trouble(f"there is no folder {file.parent}", "Make it, or name another.")
    if file.exists() and not force:
        raise Trouble(f"{file} is there already", "Name another file, or write over it with --force.")


def page_fields(spec: SheetSpec) -> dict[str, Any]:
    """Return what there is to say of a sheet as a whole."""
    kinds = sorted({marker.kind.value for marker in spec.markers})
    return {
        "sheet": f"{spec.id}, version {spec.version}",
        "paper": f"{spec.width:g} x {spec.height:g} mm",
        "found by": f"{spec.anchor.value} ({len(spec.markers)} {', '.join(kinds)})"
        if kinds
        else spec.anchor.value,
        "QR code": "yes" if spec.code else "no",
        "asks": f"{len(spec.questions)} questions" + (f", {_ends(spec)}" if spec.questions else ""),
    }


def described(block: Block) -> list[str]:
    """Return a row of the table of blocks."""
    grid = block.grid
    return [
        block.name,
        f"{block.purpose.value} {block.run.value}",
        _span(block.fields),
        _span(block.choices),
        f"{grid.first.x:g}, {grid.first.y:g}",
        f"{grid.field_step:g}, {grid.choice_step:g}",
        f"{grid.width:g} x {grid.height:g} {grid.shape.value}",
    ]


def _ends(spec: SheetSpec) -> str:
    return f"{spec.questions[0]} to {spec.questions[-1]}"


def _span(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]} ({len(names)})"


def _told(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_url=False)
    lines = [f"  {_place(each['loc'])}: {plain_words(each['msg'])}" for each in found[:_MOST_TOLD]]
    more = len(found) - len(lines)
    return "\n".join([*lines, *([f"  … and {more} more"] if more else [])])


def _place(location: tuple[int | str, ...]) -> str:
    """Return where in the file: `blocks[2].grid.x`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".") or "the file"
