"""Payloads and results of the job types that ask models (DOC-4)."""

import re
import unicodedata
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from academy.contracts.ai import MadeDocument
from academy.contracts.base import Contract

__all__ = [
    "CHOICES",
    "DraftChoice",
    "DraftProblem",
    "EmbedTexts",
    "GenerateProblems",
    "GeneratedProblem",
    "GeneratedProblems",
    "ModelUsage",
    "ProblemsGenerated",
    "TextsEmbedded",
    "same_words",
]

CHOICES = 5
_Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=3000)]


class ModelUsage(Contract):
    """What a model was asked."""

    tokens_in: int = Field(ge=0)
    tokens_out: int = Field(ge=0)
    requests: int = Field(ge=0)
    estimated: bool = Field(
        description="The server did not count; the tokens are a guess from the length of the texts."
    )


# ── Problems ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class GenerateProblems(Contract):
    """`problem_generation`: have a language model write problems with five choices from a text."""

    subject: _Words = Field(max_length=100, description='"수학".')
    grade: _Words = Field(max_length=100, description='"중학교 2학년".')
    count: int = Field(ge=1, le=30)
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    source_text: str = Field("", max_length=20_000, description="What the problems are about.")
    document_id: _Id | None = Field(
        None, description="A PDF with text, or a text file, instead of `source_text`."
    )
    budget_tokens: int = Field(
        60_000, ge=1_000, le=1_000_000, description="Questions and answers of one attempt together."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.source_text.strip()) == (self.document_id is not None):
            raise ValueError("give either source_text or document_id")
        return self


class DraftChoice(Contract):
    """A choice as the model writes it."""

    text: _Words
    right: bool


class DraftProblem(Contract):
    """A problem as the model writes it; the choices carry their truth, so that an answer that contradicts itself is seen."""

    question: _Words
    choices: tuple[DraftChoice, ...] = Field(min_length=CHOICES, max_length=CHOICES, strict=False)
    explanation: _Words

    @model_validator(mode="after")
    def _one_is_right(self) -> Self:
        right = sum(choice.right for choice in self.choices)
        if right != 1:
            raise ValueError(f"exactly one choice has to be right, {right} are")
        if len({same_words(choice.text) for choice in self.choices}) < len(self.choices):
            raise ValueError("two choices are the same")
        return self


class GeneratedProblem(Contract):
    """A problem, checked."""

    number: int = Field(ge=1)
    question: str
    choices: tuple[str, ...] = Field(strict=False)
    answer: int = Field(ge=1, le=CHOICES, description="Place of the right choice.")
    explanation: str


class GeneratedProblems(Contract):
    """The document of `problem_generation`."""

    subject: str
    grade: str
    difficulty: str
    model: str
    problems: tuple[GeneratedProblem, ...] = Field(strict=False)


class ProblemsGenerated(Contract):
    """Result of `problem_generation`; the problems stand in the document, a JSON. A person should read them before a student does."""

    count: int = Field(ge=1)
    model: str
    usage: ModelUsage
    degraded: tuple[str, ...] = Field(
        strict=False, description='"json_schema": the server took no schema and was told it in words.'
    )
    document: MadeDocument


# ── Embeddings ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class EmbedTexts(Contract):
    """`embedding`: make vectors of texts."""

    texts: tuple[Annotated[str, StringConstraints(min_length=1, max_length=8_000)], ...] = Field(
        min_length=1, max_length=1_000, strict=False
    )
    format: Literal["json", "npy"] = "json"


class TextsEmbedded(Contract):
    """Result of `embedding`. The document is a JSON with these fields and `vectors`, or a NumPy file of shape (count, dimension)."""

    count: int = Field(ge=1)
    model: str
    dimension: int = Field(ge=1)
    metric: str
    usage: ModelUsage
    document: MadeDocument


def same_words(text: str) -> str:
    """Return what is left of a text when spelling does not count: two that leave the same are the same to a reader."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", " ", plain).strip(" .?!。？！")
