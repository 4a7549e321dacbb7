"""Papers as source for the typesetter, and where their parts come to stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.support.papers.words import FORMULAS, STEMS, sentences

__all__ = ["Look", "Source", "exam", "prose"]

_CHOICES = "①②③④⑤"


@dataclass(frozen=True, slots=True)
class Look:
    """How a paper is set: font, size in points, columns, whether a line parts them, and how questions are numbered ("1.", "1)", "01", "1번")."""

    font: str = "NanumGothic"
    size: float = 10.5
    columns: int = 2
    rule: bool = True
    number: str = "1."


@dataclass(slots=True)
class Source:
    """Markup, and the words in the order in which a person reads them; None where a formula or picture stands."""

    markup: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def say(self, text: str, before: str = "") -> None:
        """Add a paragraph; no word of it is broken at a line's end."""
        self.words += text.split()
        self.markup.append(before + " ".join(f"#box[{_plain(word)}]" for word in text.split()) + "\n\n")

    def mark(self, name: str) -> None:
        """Note where the next paragraph begins, or the last one ended."""
        self.markup.append(f'#mark("{name}")')

    def formula(self, rng: Random) -> None:
        """Add a displayed formula."""
        self.markup.append(f"$ {rng.choice(FORMULAS)} $ <formula>\n\n")

    def picture(self) -> None:
        """Add a drawing: axes and a curve."""
        self.markup.append(
            "#align(center, box(width: 40mm, height: 26mm, stroke: 0.6pt)["
            "#place(line(start: (0mm, 22mm), end: (40mm, 22mm)))"
            "#place(line(start: (8mm, 0mm), end: (8mm, 26mm)))"
            "#place(circle(radius: 9mm, stroke: 0.8pt), dx: 14mm, dy: 3mm)])\n\n"
        )


def prose(look: Look, rng: Random, paragraphs: int, english: float = 0.15) -> Source:
    """Return text without questions under a heading that goes across."""
    made = Source()
    made.markup.append(_head(look))
    _title(made, "읽기 자료 모음집", look)
    for _ in range(paragraphs):
        made.say(" ".join(sentences(rng, rng.randint(3, 5), english)))
    _close(made, look)
    return made


def exam(
    look: Look,
    rng: Random,
    questions: int,
    passages: Sequence[tuple[int, int]] = (),
    *,
    formulas: bool = False,
    first: int = 1,
) -> Source:
    """Return an exam; each of `passages` (first and last question) has a text of its own before its first question."""
    made = Source()
    made.markup.append(_head(look))
    _title(made, "2학기 중간 평가 국어 영역", look)
    for number in range(first, first + questions):
        for start, end in passages:
            if number == start:
                made.mark(f"passage-{start}-{end}")
                made.say(f"[{start}~{end}] 다음 글을 읽고 물음에 답하시오.")
                for _ in range(2):
                    made.say(" ".join(sentences(rng, 3)))
        _question(made, look, rng, number, formulas=formulas)
    made.mark("end")
    _close(made, look)
    return made


def _question(made: Source, look: Look, rng: Random, number: int, *, formulas: bool) -> None:
    made.mark(f"question-{number}")
    label = {"1.": f"{number}.", "1)": f"{number})", "01": f"{number:02d}", "1번": f"{number}번"}[look.number]
    made.say(f"{label} {rng.choice(STEMS)}")
    if formulas and number % 2 == 0:
        made.formula(rng)
    elif formulas and number % 3 == 0:
        made.picture()
    elif rng.random() < 0.4:
        made.say(rng.choice(sentences(rng, 1)))
    for choice in _CHOICES:
        made.markup.append("#h(2mm)")
        made.say(f"{choice} {rng.choice(sentences(rng, 1))}")
    made.markup.append("#v(3mm)\n")


def _head(look: Look) -> str:
    return (
        f'#set page(paper: "a4", margin: 18mm)\n#set text(font: "{look.font}", size: {look.size}pt, lang: "ko")\n'
        "#set par(justify: false, leading: 0.75em, spacing: 0.95em)\n"
        "#let mark(name) = context [#metadata((name: name, at: (here().position().page,"
        " here().position().x.mm(), here().position().y.mm()))) <mark>]\n"
    )


def _title(made: Source, text: str, look: Look) -> None:
    made.words += text.split()
    made.markup.append(
        f"#align(center, text(size: {look.size * 1.6}pt)[{text}])\n#line(length: 100%)\n#v(2mm)\n"
    )
    if look.columns > 1:
        if look.rule:
            made.markup.append(
                "#place(top + center, dy: 16mm, line(angle: 90deg, length: 235mm, stroke: 0.5pt))\n"
            )
        made.markup.append(f"#columns({look.columns}, gutter: 9mm)[\n")


def _close(made: Source, look: Look) -> None:
    if look.columns > 1:
        made.markup.append("]\n")


def _plain(word: str) -> str:
    return "".join("\\" + c if c in "#$*_`<>@=-+/\\[]~\"'" else c for c in word)
