"""What typesetting a wrong-answer note of twenty pages costs: CPU of this process, nothing of it seen before."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path

import cv2
import numpy as np

from academy.application.ports.notes import NotePictures, NoteTypesetter
from academy.domain.notes.note import (
    ChartMark,
    NoteItem,
    NotePicture,
    NoteStanding,
    QuestionFigures,
    RightAnswer,
    Verdict,
    WrongNote,
)

__all__ = ["PAGES", "note_seconds"]

PAGES = 20
_QUESTIONS, _SENTENCES = 32, 3
_SIZES = ((900, 420), (1_200, 420), (700, 960))
"""Pixels of the pictures in turn: cut from a column, from a whole page, and a tall one, which half of the questions have."""
_FORMULA = r"$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$"


def note_seconds(
    typesetter: NoteTypesetter, pictures: NotePictures, folder: Path, rounds: int
) -> tuple[list[float], int]:
    """Return CPU seconds of each note, the fonts being loaded for the first, and the fewest pages that one had.

    Every note has its own words, formulas and pictures, so that nothing kept from one helps with the next.
    """
    notes = [_note(number, pictures, folder) for number in range(rounds)]
    seconds, fewest = list[float](), 10**6
    typeset = typesetter.typeset(notes, folder)
    for _ in notes:
        started = time.process_time()
        fewest = min(fewest, next(typeset))
        seconds.append(time.process_time() - started)
    return seconds, fewest


def _note(number: int, pictures: NotePictures, folder: Path) -> WrongNote:
    words = count(number * 10_000)
    items = tuple(_item(question, number, words, pictures, folder) for question in range(1, _QUESTIONS + 1))
    return WrongNote(
        "한빛수학학원",
        "3월 수학 월말평가",
        "고2 심화반",
        f"학생 {number}",
        date(2026, 3, 28),
        Decimal(40),
        Decimal(100),
        NoteStanding(30, 32, Decimal("61.4"), Decimal(96), 4.7, 8),
        tuple(ChartMark(item.question, item.verdict) for item in items),
        items,
    )


def _item(question: int, number: int, words: Iterator[int], pictures: NotePictures, folder: Path) -> NoteItem:
    sentences = " ".join(
        f"{next(words)}번째 설명으로 이차함수의 그래프와 직선의 위치 관계를 판별식 $D = b^2 - {next(words)}ac$ 로 따져 봅니다."
        for _ in range(_SENTENCES)
    )
    plain = NoteItem(
        str(question),
        Verdict.WRONG,
        Decimal(0),
        Decimal(3),
        ("②",),
        RightAnswer(("④",)),
        f"{sentences}\n\n{_FORMULA}\n\n따라서 답은 {next(words)}입니다.",
        figures=QuestionFigures(32, 0.34, "②", 0.41),
    )
    return plain if question % 2 else replace(plain, picture=_picture(number, question, pictures, folder))


def _picture(number: int, question: int, pictures: NotePictures, folder: Path) -> NotePicture:
    """Return a grey picture of lines of writing, another for every question and note."""
    width, height = _SIZES[question // 2 % len(_SIZES)]
    drawn = np.full((height, width), 255, dtype=np.uint8)
    for line in range(8):
        text = f"{number}-{question}-{line} f(x) = x*x - {question * line}x + {number} (a + b + c)"
        cv2.putText(drawn, text, (20, 40 + 48 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 0, 2, cv2.LINE_AA)
    source = folder / f"question-{number}-{question}"
    source.write_bytes(cv2.imencode(".png", drawn)[1].tobytes())
    drawn_anew = folder / "drawn"
    drawn_anew.mkdir(exist_ok=True)
    return pictures.redraw(source, drawn_anew)
