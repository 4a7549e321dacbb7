"""How good it is on public Korean questions and paragraphs (KorQuAD 1.0), which lie beside the repository.

`korquad_names.json`: names annotated by hand in sixty sentences, as offsets into the paragraph of a question;
no text of the set.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from academy.contracts.microscope import MicroscopeFile, Passage
from academy.infrastructure.morphology.lens import OfflineLens
from academy.infrastructure.morphology.passages import layout_of

KORQUAD = Path(__file__).parents[4].parent / "shared" / "data" / "korquad" / "KorQuAD_v1.0_dev.json"
NAMES = Path(__file__).with_name("korquad_names.json")

pytestmark = [
    pytest.mark.requirement("GRA-6", "GRA-7"),
    pytest.mark.outside_data,
    pytest.mark.skipif(
        not KORQUAD.is_file(), reason="KorQuAD is not beside this checkout (../shared/data/korquad)"
    ),
]

LENS = OfflineLens()


@cache
def paragraphs() -> list[dict[str, Any]]:
    articles = json.loads(KORQUAD.read_text("utf-8"))["data"]
    return [paragraph for article in articles for paragraph in article["paragraphs"]]


@cache
def documents() -> list[MicroscopeFile]:
    return [_file(number, paragraph["context"]) for number, paragraph in enumerate(paragraphs())]


def _file(number: int, text: str) -> MicroscopeFile:
    spans = tuple(span for passage in layout_of(text, (), ()).passages for span in passage.sentences)
    whole = Passage(id="p1", start=0, end=len(text), sentences=spans)
    return MicroscopeFile(
        document_id=str(number),
        title="",
        source_key="k",
        digest="",
        language="ko",
        text=text,
        passages=(whole,),
    )


def asked(step: int) -> list[tuple[int, str, list[int]]]:
    """Return (document, question, offsets of its answers) of every so many questions."""
    rows = [
        (number, item["question"], [answer["answer_start"] for answer in item["answers"]])
        for number, paragraph in enumerate(paragraphs())
        for item in paragraph["qas"]
    ]
    return rows[::step]


def test_the_paragraph_of_a_question_comes_first() -> None:
    rows = asked(45)
    ranked = [[rank.document for rank in LENS.rank(documents(), question, 10)] for _, question, _ in rows]
    assert (
        sum(found[:1] == [number] for found, (number, _, _) in zip(ranked, rows, strict=True)) / len(rows)
        >= 0.87
    )
    assert (
        sum(number in found for found, (number, _, _) in zip(ranked, rows, strict=True)) / len(rows) >= 0.98
    )


def test_the_sentence_with_the_answer_is_among_the_first_three() -> None:
    rows = asked(45)
    hits = 0
    for number, question, answers in rows:
        found = LENS.extract(documents(), question, LENS.rank(documents(), question, 5), 3)
        hits += any(
            item.document == number and item.start <= at < item.end for item in found for at in answers
        )
    assert hits / len(rows) >= 0.82


def test_questions_to_other_documents_get_no_answer() -> None:
    rows = asked(45)
    answered = 0
    for number, question, _ in rows:
        others = _others(number)
        answered += bool(LENS.extract(others, question, LENS.rank(others, question, 5), 3))
    assert answered / len(rows) <= 0.05


def _others(number: int) -> Sequence[MicroscopeFile]:
    at = (number + 400) % (len(documents()) - 10)
    return documents()[at : at + 7]


def test_names_stand_where_people_see_them() -> None:
    texts = {
        paragraph["qas"][0]["id"]: paragraph["context"] for paragraph in paragraphs() if paragraph["qas"]
    }
    right = found = wanted = 0
    for row in json.loads(NAMES.read_text("utf-8")):
        read = LENS.read(texts[row["question"]][row["start"] : row["end"]])
        got = {
            (mention.start + row["start"], mention.end + row["start"])
            for entity in read.entities
            if entity.kind != "term"
            for mention in entity.mentions
        }
        expected = {(start, end) for start, end, _ in row["names"]}
        right, found, wanted = right + len(got & expected), found + len(got), wanted + len(expected)
    assert 2 * right / (found + wanted) >= 0.72


def test_a_summary_says_more_than_the_first_sentences() -> None:
    ours = lead = 0.0
    for paragraph in paragraphs()[::2]:
        text = paragraph["context"]
        wanted = _pairs(" ".join(item["question"] + item["answers"][0]["text"] for item in paragraph["qas"]))
        first = [
            (span.start, span.end)
            for passage in layout_of(text, (), ()).passages
            for span in passage.sentences
        ]
        if len(first) < 5:
            continue
        mine = " ".join(text[start:end] for _, start, end, _ in LENS.summarise([text], 3))
        ours += _shared(mine, wanted)
        lead += _shared(" ".join(text[start:end] for start, end in first[:3]), wanted)
    assert ours > lead


def _pairs(text: str) -> set[str]:
    letters = "".join(filter(str.isalnum, text))
    return {letters[at : at + 2] for at in range(len(letters) - 1)}


def _shared(text: str, wanted: set[str]) -> float:
    pairs = _pairs(text)
    return 2 * len(pairs & wanted) / max(1, len(pairs) + len(wanted))
