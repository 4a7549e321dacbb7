"""How an exam went: every question, the whole, and where each student stands (OMR-5).

Only graded sheets count. A figure that so few students cannot carry is None, never a guess. Sums are exact, so the
order of the sheets changes nothing. Formulas:

- difficulty: share of the sheets with a right answer.
- upper-lower discrimination: the share right in the best 27 % less that in the weakest 27 %. Kelley, T. L. (1939): The
  selection of upper and lower groups for the validation of test items. Journal of Educational Psychology 30, 17-24.
  Students tied at the edge of a group count in it by an equal part each.
- point-biserial: correlation of "right" with the points in the other questions. Henrysson, S. (1963): Correction of
  item-total correlations in item analysis. Psychometrika 28, 211-218.
- KR-20: Kuder, G. F., Richardson, M. W. (1937): The theory of the estimation of test reliability. Psychometrika 2, 151.
- alpha: Cronbach, L. J. (1951): Coefficient alpha and the internal structure of tests. Psychometrika 16, 297-334.
- quartiles: method 7 of Hyndman, R. J., Fan, Y. (1996): Sample quantiles in statistical packages. Am. Stat. 50, 361.
- rank: 1 + the number of better students, so two second places are followed by a fourth (1224).
- percentile and grade: the rules of Korea's college entrance test (CSAT, 한국교육과정평가원), here on totals: the share
  below and half of the equal; grades end at 4, 11, 23, 40, 60, 77, 89 and 96 % from the top, ties at an edge get the
  better one. The shares are those of the stanine scale: Flanagan, J. C. (1948): The aviation psychology program in the
  Army Air Forces, report 1.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from math import ceil, floor, sqrt

from academy.domain.omr.key import AnswerKey, Void, blocks_by_question, number_of
from academy.domain.omr.score import MULTIPLE_DIGIT, Outcome, QuestionScore, ScoredSheet
from academy.domain.omr.sheet import Block, Purpose

__all__ = [
    "FEWEST",
    "FEWEST_FOR_GRADES",
    "GRADE_ENDS",
    "ExamStats",
    "QuestionStats",
    "Standing",
    "exam_stats",
    "question_stats",
    "standings",
]

FEWEST = 10  # students, for discrimination, reliability and percentiles
FEWEST_FOR_GRADES = 25  # of fewer, 4 % are not one student
GRADE_ENDS, _GROUP_PERCENT = (4, 11, 23, 40, 60, 77, 89, 96), 27


@dataclass(frozen=True, slots=True)
class QuestionStats:
    """How one question went.

    Attributes:
        students: whose sheets were counted.
        given: how many marked each answer, 0 for a choice of nobody; each of several marks, and numbers by value.
        blank, several: how many marked nothing, and more than one choice or digit in a place.
        blank_share, difficulty: 0 to 1; None without students. All but counts is None for a void question.
        mean_points: None without students.
        upper_lower, point_biserial: -1 to 1; None for fewer than FEWEST students or where not defined.
    """

    question: str
    students: int
    given: Mapping[str, int]
    blank: int
    several: int
    blank_share: float | None
    difficulty: float | None
    mean_points: float | None
    upper_lower: float | None
    point_biserial: float | None


@dataclass(frozen=True, slots=True)
class ExamStats:
    """How the exam went as a whole, in points.

    Attributes:
        students: whose sheets were counted.
        not_graded: sheets left out because they wait for a person or were set aside.
        mean, median, quartiles (lower, upper), lowest, highest: None without students.
        deviation: the standard deviation of these students (divided by their number); None for fewer than two.
        alpha, kr20: None for fewer than FEWEST students or two questions, or one total for all; may be below 0.
    """

    students: int
    not_graded: int
    mean: float | None
    deviation: float | None
    lowest: Decimal | None
    quartiles: tuple[float, float] | None
    median: float | None
    highest: Decimal | None
    alpha: float | None
    kr20: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a student stands: rank from 1; percentile 0 to 100 and grade 1 to 9, None in a class too small for them."""

    rank: int
    percentile: float | None
    grade: int | None


def question_stats(
    key: AnswerKey, blocks: Sequence[Block], sheets: Sequence[ScoredSheet]
) -> tuple[QuestionStats, ...]:
    """Return the figures of each question in the order of the key; `sheets` were scored with it."""
    by_question, graded = blocks_by_question(blocks), _graded(sheets)
    totals = [_hundredths(sheet.total) for sheet in graded]
    sums = [sum(_hundredths(question.points) for question in sheet.questions) for sheet in graded]
    found = list[QuestionStats]()
    for at, item in enumerate(key.items):
        rows, count = [sheet.questions[at] for sheet in graded], len(graded)
        block = by_question[item.question]
        digits = block.purpose is Purpose.NUMBER
        given = Counter[str]() if digits else Counter(dict.fromkeys(block.choices, 0))
        given.update(mark for row in rows for mark in (map(_by_value, row.given) if digits else row.given))
        blank, several = sum(not row.given for row in rows), sum(map(_is_several, rows))
        if isinstance(item.answer, Void) or not count:
            found.append(
                QuestionStats(item.question, count, given, blank, several, None, None, None, None, None)
            )
            continue
        right = [int(row.outcome is Outcome.RIGHT) for row in rows]
        points = [_hundredths(row.points) for row in rows]
        rest = [total - own for total, own in zip(sums, points, strict=True)]
        many = count >= FEWEST
        found.append(
            QuestionStats(
                item.question,
                count,
                given,
                blank,
                several,
                blank / count,
                sum(right) / count,
                sum(points) / (100 * count),
                _upper_lower(right, totals) if many else None,
                _correlation(right, rest) if many else None,
            )
        )
    return tuple(found)


def exam_stats(key: AnswerKey, sheets: Sequence[ScoredSheet]) -> ExamStats:
    """Return the figures of the exam; void questions tell nothing about reliability and are left out there."""
    graded = _graded(sheets)
    count, left_out = len(graded), len(sheets) - len(graded)
    if not graded:
        return ExamStats(0, left_out, None, None, None, None, None, None, None, None)
    totals = sorted(_hundredths(sheet.total) for sheet in graded)
    lower, median, upper = (_quantile(totals, quarter) / 100 for quarter in (1, 2, 3))
    columns = [
        [sheet.questions[at] for sheet in graded]
        for at, item in enumerate(key.items)
        if not isinstance(item.answer, Void)
    ]
    return ExamStats(
        count,
        left_out,
        sum(totals) / (100 * count),
        sqrt(_spread(totals)) / (100 * count) if count > 1 else None,
        Decimal(totals[0]) / 100,
        (lower, upper),
        median,
        Decimal(totals[-1]) / 100,
        _reliability([[_hundredths(row.points) for row in column] for column in columns]),
        _reliability([[int(row.outcome is Outcome.RIGHT) for row in column] for column in columns]),
    )


def standings(totals: Mapping[str, Decimal]) -> Mapping[str, Standing]:
    """Return where each student stands among `totals` (points by student id); more points are better."""
    count, equal = len(totals), Counter(totals.values())
    levels = sorted(equal, reverse=True)
    above = dict(zip(levels, accumulate((equal[level] for level in levels), initial=0), strict=False))
    return {student: _standing(above[total], equal[total], count) for student, total in totals.items()}


def _standing(above: int, equal: int, count: int) -> Standing:
    half_steps = 2 * (count - above - equal) + equal
    percentile = 100 * half_steps / (2 * count) if count >= FEWEST else None
    grade = 1 + sum(100 * above >= end * count for end in GRADE_ENDS) if count >= FEWEST_FOR_GRADES else None
    return Standing(above + 1, percentile, grade)


def _graded(sheets: Sequence[ScoredSheet]) -> list[ScoredSheet]:
    return [sheet for sheet in sheets if sheet.total is not None]


def _hundredths(points: Decimal | None) -> int:
    return int((points or Decimal(0)).scaleb(2))


def _is_several(row: QuestionScore) -> bool:
    return len(row.given) > 1 or any(MULTIPLE_DIGIT in text for text in row.given)


def _by_value(text: str) -> str:
    value = number_of(text)
    return text if value is None else str(value)


def _quantile(ordered: Sequence[int], quarter: int) -> float:
    place = Fraction((len(ordered) - 1) * quarter, 4)
    low, high = ordered[floor(place)], ordered[ceil(place)]
    return float(low + (high - low) * (place - floor(place)))


def _spread(values: Sequence[int]) -> int:
    """Return the variance times the square of the number of values: exact."""
    return len(values) * sum(value * value for value in values) - sum(values) ** 2


def _upper_lower(right: Sequence[int], totals: Sequence[int]) -> float:
    size = max(1, (len(totals) * _GROUP_PERCENT + 50) // 100)
    return float(_share_right(right, totals, size) - _share_right(right, [-total for total in totals], size))


def _share_right(right: Sequence[int], totals: Sequence[int], size: int) -> Fraction:
    """Return the share right among the `size` highest totals; those tied at the edge share the places that are left."""
    edge = sorted(totals, reverse=True)[size - 1]
    inside = [hit for hit, total in zip(right, totals, strict=True) if total > edge]
    tied = [hit for hit, total in zip(right, totals, strict=True) if total == edge]
    return (sum(inside) + Fraction(sum(tied) * (size - len(inside)), len(tied))) / size


def _correlation(left: Sequence[int], right: Sequence[int]) -> float | None:
    spreads = _spread(left) * _spread(right)
    if not spreads:
        return None
    together = len(left) * sum(a * b for a, b in zip(left, right, strict=True)) - sum(left) * sum(right)
    return max(-1.0, min(1.0, together / sqrt(spreads)))


def _reliability(columns: Sequence[Sequence[int]]) -> float | None:
    """Return alpha of the questions' values by student; of values 0 and 1 that is KR-20."""
    count = len(columns)
    if count < 2 or len(columns[0]) < FEWEST:
        return None
    whole = _spread([sum(row) for row in zip(*columns, strict=True)])
    if not whole:
        return None
    return float(Fraction(count, count - 1) * (1 - Fraction(sum(map(_spread, columns)), whole)))
