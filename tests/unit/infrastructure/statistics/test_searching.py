"""Questions to a graph's texts (GRA-6), here and on public material."""

import json
from array import array
from pathlib import Path

import pytest
from tests.unit.infrastructure.statistics.topical import english

from academy.application.ports.graph_maths import Analysed, TextItem
from academy.infrastructure.statistics import StatisticalGraphMaths

_DATA = Path(__file__).parents[5] / "shared" / "data"
_KORQUAD = _DATA / "korquad" / "KorQuAD_v1.0_dev.json"


@pytest.mark.requirement("GRA-6")
def test_a_question_finds_the_texts_that_have_its_words(analysed: Analysed) -> None:
    maths = StatisticalGraphMaths()
    asked = ["Which telescope saw the comet?", "세종대왕이 훈민정음을 만든 때는?", "quokka", ""]
    space, history, nothing, empty = maths.search([analysed.features], asked, 5)
    assert {one.id.split("/")[0] for one in space} == {"space"}
    assert {one.id.split("/")[0] for one in history} == {"역사"}
    assert nothing == empty == ()
    assert [one.score for one in space] == sorted((one.score for one in space), reverse=True)


@pytest.mark.requirement("GRA-6")
def test_fewer_than_asked_where_fewer_match(tmp_path: Path) -> None:
    maths = StatisticalGraphMaths()
    items = [TextItem("a", "", "kettle boils"), TextItem("b", "", "lantern glows"), TextItem("c", "", "")]
    found = maths.analyse(items, seed=1, folder=tmp_path)
    assert [one.id for one in maths.search([found.features], ["kettle"], 10)[0]] == ["a"]


@pytest.mark.requirement("GRA-7")
def test_a_neural_question_finds_what_shares_no_word(tmp_path: Path) -> None:
    maths = StatisticalGraphMaths()
    texts = {"apfel": [1, 0, 0.1], "birne": [0.9, 0.1, 0], "auto": [0, 1, 0], "zug": [0.1, 0.9, 0.1]}
    items = [TextItem(name, "", name, array("f", vector)) for name, vector in texts.items()]
    found = maths.analyse(items, seed=1, folder=tmp_path)
    answers = maths.search([found.features], ["fruit"], 2, [array("f", [1, 0, 0])])
    assert {one.id for one in answers[0]} == {"apfel", "birne"}


@pytest.mark.requirement("GRA-6")
@pytest.mark.outside_data
@pytest.mark.skipif(
    not _KORQUAD.is_file(), reason="KorQuAD is not beside this checkout (../shared/data/korquad)"
)
def test_korean_questions_find_their_paragraph(tmp_path: Path) -> None:
    articles = json.loads(_KORQUAD.read_text("utf-8"))["data"]
    paragraphs = [one for article in articles for one in article["paragraphs"]]
    items = [TextItem(f"{at:04}", "", one["context"]) for at, one in enumerate(paragraphs)]
    asked = [(one["question"], f"{at:04}") for at, part in enumerate(paragraphs) for one in part["qas"]]
    maths = StatisticalGraphMaths()
    found = maths.analyse(items, seed=1, folder=tmp_path)
    answers = maths.search([found.features], [question for question, _ in asked], 10)
    ranks = [[one.id for one in some] for some in answers]
    first = sum(some[:1] == [right] for some, (_, right) in zip(ranks, asked, strict=True))
    ten = sum(right in some for some, (_, right) in zip(ranks, asked, strict=True))
    assert first / len(asked) >= 0.87
    assert ten / len(asked) >= 0.98


@pytest.mark.requirement("GRA-3")
def test_likeness_does_not_depend_on_who_asks_first(analysed: Analysed) -> None:
    maths = StatisticalGraphMaths()
    one, other = english("space", 1).text, english("music", 1).text
    assert maths.search([analysed.features], [one, other], 5) == tuple(
        maths.search([analysed.features], [text], 5)[0] for text in (one, other)
    )
