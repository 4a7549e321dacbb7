"""Texts that nobody wrote to be read cost no more than others."""

import pytest
from tests.support.steps import LINEAR, steps

from academy.contracts.microscope import MicroscopeFile
from academy.infrastructure.morphology.lens import OfflineLens

pytestmark = pytest.mark.requirement("GRA-6", "SEC-2")

SIZE = 100_000
LENS = OfflineLens()
HOSTILE = {
    "one word": "a" * SIZE,
    "one Korean word": "가" * SIZE,
    "emoji": "😀" * SIZE,
    "right to left": "שלום עולם " * (SIZE // 10),
    "control characters": "\x00\x01\x1b[31m가\x7f" * (SIZE // 9),
    "brackets": "(" * SIZE,
    "brackets of words": "가(A)" * (SIZE // 4),
    "quotes": "'\"" * (SIZE // 2),
    "numbers": "1 2 3.4 " * (SIZE // 8),
    "digits": "1" * SIZE,
    "capitals": "Aa Bb " * (SIZE // 6),
    "headings": "# a\n" * (SIZE // 4),
    "rules": "a\n---\n" * (SIZE // 6),
    "pipes": "|" * SIZE,
    "ends": "다." * (SIZE // 2),
    "blank": " \n" * (SIZE // 2),
    "lone halves": "\ud800가 " * (SIZE // 3),
    "one sentence again": "서울은 도시이다. " * (SIZE // 10),
    "known as": "A, also known as B, " * (SIZE // 20),
    "growing letters": "İ" * 1000 + " Istanbul İzmir",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_read_and_loses_nothing(name: str) -> None:
    text = HOSTILE[name]
    read = LENS.read(text)
    LENS.summarise([text], 3)
    covered = sum(len(text[passage.start : passage.end].split()) for passage in read.passages)
    assert covered >= len(text.split()) or name in {"one word", "one Korean word"}
    assert all(
        text[mention.start : mention.end] == mention.surface
        for entity in read.entities
        for mention in entity.mentions
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_four_times_as_much_of_it_takes_four_times_as_many_steps(name: str) -> None:
    def read(characters: int) -> int:
        text = (HOSTILE[name] * 12)[:characters]
        return steps(lambda: (LENS.read(text), LENS.summarise([text], 3)))

    read(300)
    assert read(12_000) <= LINEAR * read(3_000)


@pytest.mark.parametrize(
    "name", ["emoji", "lone halves", "control characters", "growing letters", "one Korean word"]
)
def test_it_can_be_asked(name: str) -> None:
    text = HOSTILE[name][:20_000]
    read = LENS.read(text)
    file = MicroscopeFile.model_construct(
        document_id="d",
        title="",
        text=text,
        passages=read.passages,
        entities=read.entities,
        relations=read.relations,
    )
    ranked = LENS.rank([file], "가가 Istanbul 😀?", 5)
    found = LENS.extract([file], "가가 Istanbul 😀?", ranked, 3)
    assert all(0 <= answer.start < answer.end <= len(text) for answer in found)


def test_four_times_the_text_takes_four_times_as_many_steps() -> None:
    piece = "".join(
        f"The Scheduler {n % 97} picks Process {n % 89} in Region {n % 83} near Berlin. " for n in range(400)
    )
    LENS.read(piece[:500])
    assert steps(lambda: LENS.read(piece * 4)) <= LINEAR * steps(lambda: LENS.read(piece))
