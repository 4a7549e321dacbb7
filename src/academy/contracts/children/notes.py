"""Typesetting wrong-answer notes in a process of its own (DOC-3)."""

from datetime import date
from decimal import Decimal

from academy.contracts.base import Contract

__all__ = [
    "BookAnswer",
    "BookFigures",
    "BookItem",
    "BookMark",
    "BookNote",
    "BookStanding",
    "NoteBook",
    "NotesTypeset",
    "RefusedPicture",
    "TypesetNotes",
]


class TypesetNotes(Contract):
    """Typeset the notes of `book`, a file with a NoteBook, into `folder`, each as `note_file` of the port says."""

    book: str
    folder: str


class RefusedPicture(Contract):
    """A picture that was left out; `code` as PictureRefused of the port."""

    picture: str
    code: str


class NotesTypeset(Contract):
    """The number of pages of each note, in order, and the pictures for which a place to write was left."""

    pages: list[int]
    refused: list[RefusedPicture]


class BookMark(Contract):
    """As ChartMark of the domain."""

    question: str
    verdict: str


class BookAnswer(Contract):
    """As RightAnswer of the domain."""

    texts: tuple[str, ...]
    way: str
    tolerance: Decimal = Decimal(0)


class BookFigures(Contract):
    """As QuestionFigures of the domain."""

    students: int
    right: float
    wrong: str = ""
    wrong_share: float = 0.0


class BookItem(Contract):
    """As NoteItem of the domain; `picture` is the path of a file that nobody has looked at, "" for none."""

    question: str
    verdict: str
    points: Decimal
    maximum: Decimal
    own: tuple[str, ...]
    right: BookAnswer
    explanation: str = ""
    picture: str = ""
    figures: BookFigures | None = None


class BookStanding(Contract):
    """As NoteStanding of the domain."""

    rank: int
    students: int
    mean: Decimal
    highest: Decimal
    percentile: float | None = None
    grade: int | None = None


class BookNote(Contract):
    """As WrongNote of the domain."""

    academy: str
    exam: str
    class_name: str
    student: str
    held_on: date | None
    total: Decimal
    maximum: Decimal
    standing: BookStanding
    chart: tuple[BookMark, ...]
    items: tuple[BookItem, ...]


class NoteBook(Contract):
    """The notes of a job."""

    notes: tuple[BookNote, ...]
