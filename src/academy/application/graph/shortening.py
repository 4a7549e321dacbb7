"""Answers that fit onto the queue on which they are told, whatever their documents hold (GRA-1, QUE-7).

An answer quotes: thirty sentences of a thousand Korean characters, each told twice, would be more than a message may have. What comes
last is the least, so that is left out, and the result says so.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from academy.application.graph.room import size_of
from academy.application.graph.tally import Tally
from academy.contracts.graph import Degraded, Reported

__all__ = ["MOST_ANSWERED", "SHORTENED", "shortened"]

MOST_ANSWERED = 190_000
"""Bytes of an answer's JSON (see size_of): less than travels on a queue as it is, and than a job may answer (MAX_RESULT_BYTES)."""
SHORTENED = Degraded(
    what="answer",
    code="shortened",
    message="The answer was longer than a result may be, and what stood last was left out; ask for fewer sentences or passages.",
)
_Result = TypeVar("_Result", bound=Reported)
_First = TypeVar("_First")
_Second = TypeVar("_Second")


def shortened(
    tally: Tally,
    made: Callable[[Sequence[_First], Sequence[_Second]], _Result],
    first: Sequence[_First],
    second: Sequence[_Second],
) -> _Result:
    """Return a result with as much of two lists as it has room for: the second gives way before the first."""
    whole = len(first) + len(second)
    first, second = list(first), list(second)
    while True:
        if len(first) + len(second) < whole and SHORTENED not in tally.degraded:
            tally.degraded.append(SHORTENED)
        result = made(first, second)
        if size_of(result) <= MOST_ANSWERED or not (first or second):
            return result
        (second or first).pop()
