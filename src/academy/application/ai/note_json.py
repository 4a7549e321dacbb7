"""A wrong-answer note as the process that typesets it gets it, and back."""

from collections.abc import Mapping

from academy.contracts.children.notes import (
    BookAnswer,
    BookFigures,
    BookItem,
    BookMark,
    BookNote,
    BookStanding,
)
from academy.domain.notes.note import (
    AnswerWay,
    ChartMark,
    NoteItem,
    NotePicture,
    NoteStanding,
    QuestionFigures,
    RightAnswer,
    Verdict,
    WrongNote,
)

__all__ = ["from_book", "to_book"]


def to_book(note: WrongNote, pictures: Mapping[str, str]) -> BookNote:
    """Return a note for the book; `pictures` has the path of a file for each question that has a picture."""
    standing = note.standing
    return BookNote(
        academy=note.academy,
        exam=note.exam,
        class_name=note.class_name,
        student=note.student,
        held_on=note.held_on,
        total=note.total,
        maximum=note.maximum,
        standing=BookStanding(
            rank=standing.rank,
            students=standing.students,
            mean=standing.mean,
            highest=standing.highest,
            percentile=standing.percentile,
            grade=standing.grade,
        ),
        chart=tuple(BookMark(question=mark.question, verdict=mark.verdict.value) for mark in note.chart),
        items=tuple(_to_item(item, pictures.get(item.question, "")) for item in note.items),
    )


def from_book(given: BookNote, pictures: Mapping[str, NotePicture]) -> WrongNote:
    """Return the note that the book describes; `pictures` has what became of each picture's path, refused ones left out."""
    return WrongNote(
        academy=given.academy,
        exam=given.exam,
        class_name=given.class_name,
        student=given.student,
        held_on=given.held_on,
        total=given.total,
        maximum=given.maximum,
        standing=NoteStanding(**given.standing.model_dump()),
        chart=tuple(ChartMark(mark.question, Verdict(mark.verdict)) for mark in given.chart),
        items=tuple(_from_item(item, pictures.get(item.picture)) for item in given.items),
    )


def _to_item(item: NoteItem, picture: str) -> BookItem:
    right, figures = item.right, item.figures
    return BookItem(
        question=item.question,
        verdict=item.verdict.value,
        points=item.points,
        maximum=item.maximum,
        own=item.own,
        right=BookAnswer(texts=right.texts, way=right.way.value, tolerance=right.tolerance),
        explanation=item.explanation,
        picture=picture,
        figures=None
        if figures is None
        else BookFigures(
            students=figures.students,
            right=figures.right,
            wrong=figures.wrong,
            wrong_share=figures.wrong_share,
        ),
    )


def _from_item(given: BookItem, picture: NotePicture | None) -> NoteItem:
    right = given.right
    return NoteItem(
        question=given.question,
        verdict=Verdict(given.verdict),
        points=given.points,
        maximum=given.maximum,
        own=given.own,
        right=RightAnswer(right.texts, AnswerWay(right.way), right.tolerance),
        explanation=given.explanation,
        picture=picture,
        figures=None if given.figures is None else QuestionFigures(**given.figures.model_dump()),
    )
