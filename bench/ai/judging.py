"""Holds readings against the truth."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sheets import Made, spec_of

from academy.domain.omr.parts import Purpose
from academy.domain.omr.reading import FieldReading, MarkState, PageReading
from academy.infrastructure.scribble.truth import FieldTruth

__all__ = ["Tally", "Verdict", "judged"]

_ABSENT = FieldReading("", MarkState.AMBIGUOUS, (), 0.0, ())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one page.

    Attributes:
        unread: the code of the page's problem, "" when it was read.
        wrong: lines on fields whose reading is wrong and not flagged; `flagged`: on clear fields that were flagged.
        said: (confidence, whether the choices are right) of every field; of a flagged one its likely choices.
        identifier: "right", "flagged" or "wrong".
    """

    made: Made
    unread: str
    wrong: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    clear: int = 0
    doubtful: int = 0
    doubtful_flagged: int = 0
    identifier: str = "flagged"
    no_code: bool = True
    said: tuple[tuple[float, bool], ...] = ()
    by_how: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)


def judged(made: Made, page: PageReading | None) -> Verdict:
    """Return the verdict on a page; None stands for a file that gave no page."""
    if page is None or page.problem is not None:
        return Verdict(made, page.problem.code if page and page.problem else "no_page")
    outcomes = {
        name: _outcome(truth, page.fields.get(name, _ABSENT)) for name, truth in made.truth.fields.items()
    }
    truths = made.truth.fields
    by_how: dict[str, Counter[str]] = {}
    for name, outcome in outcomes.items():
        by_how.setdefault(truths[name].how, Counter())[outcome] += 1
    return Verdict(
        made,
        "",
        wrong=tuple(_lines(made, page, outcomes, "wrong")),
        flagged=tuple(line for line in _lines(made, page, outcomes, "flagged") if "doubtful" not in line),
        clear=sum(not truth.doubtful for truth in truths.values()),
        doubtful=sum(truth.doubtful for truth in truths.values()),
        doubtful_flagged=sum(
            outcome == "flagged" and truths[name].doubtful for name, outcome in outcomes.items()
        ),
        identifier=_identifier(made, page, outcomes),
        no_code=page.code is None,
        said=tuple(
            (page.fields[name].confidence, page.fields[name].marked in truth.accepted)
            for name, truth in truths.items()
            if name in page.fields
        ),
        by_how={how: (sum(seen.values()), seen["flagged"], seen["wrong"]) for how, seen in by_how.items()},
    )


def _outcome(truth: FieldTruth, reading: FieldReading) -> str:
    if reading.state is MarkState.AMBIGUOUS:
        return "flagged"
    said = () if reading.state is MarkState.BLANK else reading.marked
    return "right" if said in truth.accepted else "wrong"


def _identifier(made: Made, page: PageReading, outcomes: Mapping[str, str]) -> str:
    """Return whether the student is found: by the QR code of a personal sheet, else by the marked digits."""
    if made.student and page.code is not None:
        return "right" if page.code.student_id == made.student else "wrong"
    digits = {
        outcomes[name]
        for block in spec_of(made.case.layout).blocks
        if block.purpose is Purpose.IDENTIFIER
        for name in block.fields
    }
    return "wrong" if "wrong" in digits else "flagged" if "flagged" in digits else "right"


def _lines(made: Made, page: PageReading, outcomes: Mapping[str, str], wanted: str) -> Iterator[str]:
    for name, outcome in outcomes.items():
        if outcome == wanted:
            truth, reading = made.truth.fields[name], page.fields.get(name, _ABSENT)
            dark = " ".join(f"{one:.2f}" for one in reading.darkness)
            yield (
                f"{name}: {truth.how}{' (doubtful)' if truth.doubtful else ''} {','.join(truth.marked) or '-'}, read as"
                f" {reading.state} {','.join(reading.marked) or '-'} at {reading.confidence:.3f}; {dark}"
            )


@dataclass(slots=True)
class Tally:
    """The sum of many verdicts."""

    pages: int = 0
    unread: int = 0
    clear: int = 0
    wrong: int = 0
    flagged: int = 0
    doubtful: int = 0
    doubtful_flagged: int = 0
    identifiers_right: int = 0
    identifiers_wrong: int = 0
    no_code: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count one more page. The fields of an unread page count nowhere."""
        self.pages += 1
        self.unread += bool(verdict.unread)
        self.clear += verdict.clear
        self.wrong += len(verdict.wrong)
        self.flagged += len(verdict.flagged)
        self.doubtful += verdict.doubtful
        self.doubtful_flagged += verdict.doubtful_flagged
        self.identifiers_right += verdict.identifier == "right"
        self.identifiers_wrong += verdict.identifier == "wrong"
        self.no_code += verdict.no_code

    @property
    def flagged_share(self) -> float:
        """Return flagged of clear fields, in a hundred."""
        return 100 * self.flagged / max(1, self.clear)
