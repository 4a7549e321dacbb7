"""A note as the data of the template: every text cleaned, every figure written out."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from academy.domain.notes.note import AnswerWay, NoteItem, QuestionFigures, RightAnswer, Verdict, WrongNote
from academy.infrastructure.typst.practice import Card, Row, pages
from academy.infrastructure.typst.text import clean, prose, runs

__all__ = ["Placed", "content", "points"]

Placed = tuple[str, float, float]
"""A picture: its name in the template's folder, and its width and height in millimetres."""

_SEVERAL = {
    AnswerWay.ONE: "",
    AnswerWay.ANY: "중 하나",
    AnswerWay.ALL: "모두",
}
_MOST_BESIDE, _MOST_LARGE = 6, 24
"""Characters of the longer answer with which the two stand side by side, and with which they are large."""
_MOST_EXAM, _MOST_NAME, _MOST_SHORT, _MOST_HEADER, _MOST_ANSWER = 120, 60, 48, 36, 120


def content(note: WrongNote, pictures: Mapping[Path, Placed]) -> dict[str, Any]:
    """Return what the template draws."""
    exam, student = _cut(note.exam, _MOST_EXAM), _cut(note.student, _MOST_NAME)
    verdicts = Counter(mark.verdict for mark in note.chart)
    return {
        "title": f"오답노트 · {exam} · {student}",
        "academy": runs(_cut(note.academy, _MOST_NAME)),
        "academy-short": _cut(note.academy, _MOST_SHORT),
        "exam": runs(exam),
        "exam-size": 17 if len(exam) <= 30 else 13.5 if len(exam) <= 60 else 11,
        "exam-short": runs(_cut(note.exam, _MOST_HEADER)),
        "occasion": runs(" · ".join(filter(None, (_cut(note.class_name, _MOST_SHORT), _day(note.held_on))))),
        "student": runs(student),
        "student-size": 25 if len(student) <= 12 else 17 if len(student) <= 24 else 12,
        "student-short": _cut(note.student, 20),
        "score": _score(note),
        "tiles": _tiles(note),
        "chart": [{"question": _cut(mark.question, 4), "verdict": mark.verdict.value} for mark in note.chart],
        "counts": [[verdict.value, verdicts[verdict]] for verdict in Verdict if verdicts[verdict]],
        "items": [_item(item, pictures) for item in note.items],
        "pages": [[_row(row) for row in page] for page in pages(_cards(note, pictures))],
    }


def points(number: Decimal) -> str:
    """Return points as people write them, without zeros at the end."""
    text = f"{number:,.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _cut(text: str, most: int) -> str:
    cleaned = clean(text)
    return cleaned if len(cleaned) <= most else cleaned[: most - 1].rstrip() + "…"


def _day(day: date | None) -> str:
    return "" if day is None else f"{day.year}년 {day.month}월 {day.day}일"


def _share(part: Decimal, whole: Decimal) -> float:
    return float(min(max(part / whole, Decimal(0)), Decimal(1))) if whole > 0 else 0.0


def _score(note: WrongNote) -> dict[str, Any]:
    mean = note.standing.mean.quantize(Decimal("0.1"))
    return {
        "total": points(note.total),
        "maximum": points(note.maximum),
        "share": _share(note.total, note.maximum),
        "mean": points(mean),
        "mean-share": _share(mean, note.maximum),
        "highest": points(note.standing.highest),
        "highest-share": _share(note.standing.highest, note.maximum),
    }


def _tiles(note: WrongNote) -> list[list[str]]:
    standing = note.standing
    counted = sum(mark.verdict is not Verdict.VOID for mark in note.chart)
    tiles = [["석차", str(standing.rank), f"/ {standing.students}명"]]
    if standing.grade is not None:
        tiles.append(["등급", str(standing.grade), "/ 9등급"])
    if standing.percentile is not None:
        tiles.append(["백분위", f"{standing.percentile:.0f}", ""])
    tiles.append(["다시 볼 문항", str(len(note.items)), f"/ {counted}문항"])
    return tiles


def _cards(note: WrongNote, pictures: Mapping[Path, Placed]) -> list[Card]:
    return [
        Card(at, *pictures[item.picture.file][1:]) if item.picture else Card(at)
        for at, item in enumerate(note.items)
    ]


def _row(row: Row) -> dict[str, Any]:
    return {"items": [card.index for card in row.cards], "form": row.form.value, "height": row.height}


def _item(item: NoteItem, pictures: Mapping[Path, Placed]) -> dict[str, Any]:
    question = _cut(item.question, 12)
    own, right = (_cut(", ".join(texts), _MOST_ANSWER) for texts in (item.own, item.right.texts))
    remark = _right_note(item.right)
    return {
        "question": question,
        "number-size": 15 if len(question) <= 4 else 9,
        "verdict": item.verdict.value,
        "points": points(item.points),
        "maximum": points(item.maximum),
        "own": runs(own),
        "right": runs(right),
        "right-note": remark,
        "answer-size": 11.5 if max(len(own), len(right)) <= _MOST_LARGE else 8.5,
        "stacked": not own or max(len(own), len(right) + len(remark)) > _MOST_BESIDE,
        "explanation": prose(item.explanation),
        "picture": pictures.get(item.picture.file) if item.picture else None,
        "figures": _figures(item.figures),
    }


def _right_note(right: RightAnswer) -> str:
    if right.way is AnswerWay.NEAR:
        return f"± {points(right.tolerance)}까지 정답"
    return _SEVERAL[right.way] if len(right.texts) > 1 else ""


def _figures(figures: QuestionFigures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {
        "share": figures.right,
        "percent": f"{100 * figures.right:.0f}%",
        "wrong": runs(figures.wrong),
        "wrong-percent": f"{100 * figures.wrong_share:.0f}%",
    }
