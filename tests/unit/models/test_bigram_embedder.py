"""Vectors by counting pairs of characters: the same everywhere, near for what is spelt alike."""

import math
from array import array
from pathlib import Path

import numpy as np
import pytest

from academy.application.ai.vector_files import write_json, write_npy
from academy.contracts.strict_json import read_object
from academy.infrastructure.bigrams.embedder import BigramEmbedder

pytestmark = pytest.mark.requirement("DOC-4")


def _near(one: "array[float]", other: "array[float]") -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_what_is_spelt_alike_is_nearer_than_what_is_not() -> None:
    texts = [
        "이차함수의 그래프를 그려라",
        "이차함수 그래프 그리기",
        "조선 시대의 과거 제도",
        "quadratic functions",
    ]
    made = await BigramEmbedder().embed(texts)
    near, far, foreign = (_near(made.vectors[0], made.vectors[at]) for at in (1, 2, 3))
    assert near > 0.4
    assert max(far, foreign) < 0.2
    assert all(abs(math.hypot(*vector) - 1) < 1e-6 for vector in made.vectors)


async def test_the_name_tells_recipe_and_dimension_and_nothing_is_spent() -> None:
    made = await BigramEmbedder(64).embed(["가"])
    assert (made.model, made.dimension, made.metric, made.usage.tokens) == (
        "char-bigram-hash-v1-64",
        64,
        "cosine",
        0,
    )
    assert len(made.vectors[0]) == 64


async def test_a_text_has_the_same_vector_in_any_process_and_in_either_spelling_of_its_code_points() -> None:
    made = await BigramEmbedder(16).embed(["각도", "\u1100\u1161\u11a8\u1103\u1169", "각도!"])
    assert made.vectors[0] == made.vectors[1] == made.vectors[2]
    # Kept with vectors made earlier: another recipe needs another name.
    assert [round(x, 4) for x in made.vectors[0] if x] == KNOWN


KNOWN = [0.5774, -0.5774, 0.5774]


async def test_texts_without_a_word_have_a_vector_too() -> None:
    made = await BigramEmbedder().embed(["!?", " ", "\ud800"])
    assert all(abs(math.hypot(*vector) - 1) < 1e-6 for vector in made.vectors)


async def test_files_hold_what_was_made(tmp_path: Path) -> None:
    made = await BigramEmbedder(48).embed(["하나", "둘", "셋"])
    write_npy(tmp_path / "v.npy", made.vectors, made.dimension)
    loaded = np.load(tmp_path / "v.npy", allow_pickle=False)
    assert loaded.shape == (3, 48)
    assert loaded.dtype == np.float32
    assert loaded.tolist() == [list(vector) for vector in made.vectors]
    write_json(tmp_path / "v.json", made.vectors, {"model": made.model})
    said = read_object((tmp_path / "v.json").read_text())
    assert said["model"] == made.model
    assert np.array_equal(np.array(said["vectors"], np.float32), loaded)
