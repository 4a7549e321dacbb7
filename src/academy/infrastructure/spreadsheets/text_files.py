"""CSV and its like: the encoding and what separates the values are found out."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

from academy.application.ports.spreadsheets import SheetInfo, SheetLimits, SheetMarks, SheetUnreadable
from academy.domain.academics import sheet_refusals as refusals
from academy.domain.academics.sheet_cells import Cell, CellProblem

__all__ = ["TextFile"]

_SEPARATORS = (",", "\t", ";", "|")
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_LOOK_AT = 30
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class TextFile:
    """A CSV that was opened."""

    macros = False

    def __init__(self, content: bytes, limits: SheetLimits) -> None:
        """Decode the text. Raises SheetUnreadable."""
        self._text = _decoded(content)
        self._limits = limits
        self.sheets: Sequence[SheetInfo] = (SheetInfo("", hidden=False),)

    def marks(self, name: str) -> SheetMarks:
        """Return that nothing is said beside the values."""
        _check(name)
        return SheetMarks()

    def rows(self, name: str) -> Iterator[Sequence[Cell]]:
        """Yield the rows."""
        _check(name)
        return self._rows()

    def _rows(self) -> Iterator[Sequence[Cell]]:
        lines = list(
            io.StringIO(self._text, newline="")
        )  # other ends of a line than these stand within a value
        cells = 0
        try:
            for count, row in enumerate(csv.reader(lines, delimiter=_separator(lines)), 1):
                cells += len(row)
                if count > self._limits.rows or len(row) > self._limits.columns or cells > self._limits.cells:
                    raise SheetUnreadable(refusals.TOO_LARGE)
                yield [CellProblem.ERROR if text in _ERRORS else text for text in row]
        except csv.Error as broken:
            raise SheetUnreadable(refusals.MALFORMED) from broken


def _check(name: str) -> None:
    if name:
        raise KeyError(name)


def _decoded(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _read(content, encoding)
    if b"\0" in content[:1000]:
        even, odd = content[:1000:2].count(0), content[1:1000:2].count(0)
        text = _read(content, "utf-16-le" if odd >= even else "utf-16-be")
    else:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            text = _read(content, "cp949")
    if any(letter < " " and letter not in "\t\r\n\f\v" for letter in text[:1000]):
        raise SheetUnreadable(refusals.FORMAT)
    return text


def _read(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as broken:
        raise SheetUnreadable(refusals.ENCODING) from broken


def _separator(lines: list[str]) -> str:
    """Return what separates the values: what most of the first lines have equally often."""
    looked = [line for line in lines[:_LOOK_AT] if line.strip()]

    def votes(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in looked]
        usual = max(set(counts), key=lambda count: (count > 0, counts.count(count), count), default=0)
        return (counts.count(usual) if usual else 0, usual)

    return max(_SEPARATORS, key=votes)
