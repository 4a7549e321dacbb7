"""Readings of pages to lines of JSON and back, for the process that reads and the worker that keeps."""

from dataclasses import asdict

from academy.contracts.children.omr import CodeLine, PageLine, ProblemLine, ReadingLine
from academy.domain.failures import Failure
from academy.domain.omr.reading import FieldReading, MarkState, PageReading, SheetCode

__all__ = ["line_of", "reading_of"]

_DETAIL = 2000
_TEXT = 1000


def line_of(reading: PageReading, *, overlay: bool) -> PageLine:
    """Return a reading as a line; `overlay` says whether a picture of it was drawn."""
    problem, code = reading.problem, reading.code
    return PageLine(
        number=reading.number,
        problem=None if problem is None else _problem_line(problem),
        code=None if code is None else CodeLine(**asdict(code)),
        rotation=reading.rotation,
        corners=reading.corners,
        size=reading.size,
        fields=tuple(
            ReadingLine(
                field=each.field,
                state=each.state.value,
                marked=each.marked,
                confidence=each.confidence,
                darkness=tuple(round(value, 3) for value in each.darkness),
            )
            for each in reading.fields.values()
        ),
        warnings=reading.warnings,
        overlay=overlay,
    )


def reading_of(line: PageLine) -> PageReading:
    """Return the reading that a line describes. Raises ValueError for a state that there is not."""
    problem, code = line.problem, line.code
    return PageReading(
        number=line.number,
        problem=None if problem is None else Failure(**problem.model_dump()),
        code=None if code is None else SheetCode(**code.model_dump()),
        rotation=line.rotation,
        corners=line.corners,
        size=line.size,
        fields={
            each.field: FieldReading(
                each.field, MarkState(each.state), each.marked, each.confidence, each.darkness
            )
            for each in line.fields
        },
        warnings=line.warnings,
    )


def _problem_line(problem: Failure) -> ProblemLine:
    return ProblemLine(
        code=problem.code,
        message=problem.message[:_TEXT],
        message_ko=problem.message_ko[:_TEXT],
        retryable=problem.retryable,
        stage=problem.stage,
        detail=problem.detail[:_DETAIL],
    )
