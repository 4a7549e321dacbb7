"""Two sheets of other vendors, described as measured from their photos, and what is marked on those photos."""

from academy.domain.omr.sheet import (
    Anchor,
    Block,
    Grid,
    Marker,
    MarkerKind,
    Point,
    Purpose,
    Run,
    Shape,
    SheetSpec,
)

LETTERS = ("A", "B", "C", "D")
DIGITS = tuple("0123456789")

FIVE_QUESTIONS = SheetSpec(
    id="five-questions",
    version=1,
    width=108,  # a photo does not tell how large the paper is
    height=139.5,
    anchor=Anchor.EDGE,
    markers=(),
    code=None,
    blocks=(
        Block(
            name="questions",
            purpose=Purpose.CHOICE,
            run=Run.DOWN,
            grid=Grid(Point(27.7, 25.65), field_step=18.1, choice_step=14.85, width=11.5, height=11.2),
            fields=("1", "2", "3", "4", "5"),
            choices=("A", "B", "C", "D", "E"),
        ),
    ),
)
FIVE_QUESTIONS_ANSWERS = {"five-questions-photo-1.png": "BEACB", "five-questions-photo-2.png": "CEABB"}

_SIDE = 3.3


def _digits(name: str, purpose: Purpose, x: float, step: float, fields: tuple[str, ...]) -> Block:
    grid = Grid(Point(x, 69.65), step, 4.39, _SIDE, _SIDE, Shape.BOX)
    return Block(name, purpose, Run.ACROSS, grid, fields, DIGITS)


def _questions(first: int, last: int, x: float, y: float, row: float) -> Block:
    grid = Grid(Point(x, y), row, 5.36, _SIDE, _SIDE, Shape.BOX)
    names = tuple(str(number) for number in range(first, last + 1))
    return Block(f"questions {first} to {last}", Purpose.CHOICE, Run.DOWN, grid, names, LETTERS)


def _number(question: int, x: float) -> Block:
    return _digits(str(question), Purpose.NUMBER, x, 5.3, (f"{question} tens", f"{question} ones"))


TECHNOTHLON = SheetSpec(
    id="technothlon",
    version=1,
    width=210,
    height=297,
    anchor=Anchor.MARKERS,
    markers=tuple(
        Marker(MarkerKind.RINGS, Point(x, y), 10.0) for x, y in ((19, 41), (191, 41), (191, 184), (19, 184))
    ),
    code=None,
    blocks=(
        Block(
            "roll letter",
            Purpose.IDENTIFIER,
            Run.ACROSS,
            Grid(Point(36.6, 69.65), 5.33, 4.3, _SIDE, _SIDE, Shape.BOX),
            ("roll letter",),
            ("E", "H"),
        ),
        _digits("roll digits", Purpose.IDENTIFIER, 42.2, 5.33, tuple(f"roll {at}" for at in range(1, 10))),
        _questions(1, 4, 32.6, 125.1, 4.87),
        *(
            _number(question, x)
            for question, x in ((5, 105.2), (6, 121.1), (7, 136.8), (8, 152.2), (9, 168.0))
        ),
        _questions(10, 13, 32.6, 156.85, 4.93),
        _questions(14, 16, 105.2, 124.9, 4.87),
        _questions(17, 20, 105.2, 156.7, 4.92),
    ),
)
TECHNOTHLON_ROLL = "E503110026"
TECHNOTHLON_NUMBERS = {"5": "6", "6": "11", "7": "20", "8": "7", "9": "16"}
TECHNOTHLON_ANSWERS = dict(zip(map(str, (1, 2, 3, 4, *range(10, 21))), "B.DBBDCDADBACCD", strict=True))
"""A point is a question that was left out."""
