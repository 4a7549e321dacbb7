"""What a language model is given to retell a summary, what it is asked for, and what is kept of it (GRA-4, GRA-7)."""

from typing import Literal

from pydantic import Field

from academy.contracts.base import Contract
from academy.contracts.graph_summary import Claim

__all__ = ["KeptPart", "ModelPart", "ModelPartSentence", "PartNode", "SummaryPart", "SummaryParts"]


class PartNode(Contract):
    """A node that a part of a summary rests on, with the beginning of its text."""

    id: str
    title: str
    text: str = ""


class SummaryPart(Contract):
    """A part of a summary with everything that a model is given to retell it.

    Attributes:
        at: which cluster or insight of the summary; 0 for the headline.
        facts: sentences that were computed, and names; numbers in the model's words must stand here or in what they cite.
        nodes: that may be cited, those that say most first.
    """

    kind: Literal["headline", "theme", "insight"]
    at: int = Field(ge=0)
    facts: tuple[str, ...] = Field(strict=False)
    nodes: tuple[PartNode, ...] = Field(strict=False)


class SummaryParts(Contract):
    """A file of parts, in the order in which they are asked for; `left_out`: themes that are too small to be among them."""

    language: Literal["ko", "en"]
    parts: tuple[SummaryPart, ...] = Field(strict=False)
    left_out: int = Field(0, ge=0)


class ModelPartSentence(Contract):
    """A sentence that a language model is asked for, with the numbers of the documents that bear it out."""

    text: str = Field(min_length=1, max_length=1000)
    documents: tuple[int, ...] = Field(max_length=20, strict=False)


class ModelPart(Contract):
    """What a language model is asked for of one part, by the part's number."""

    part: int
    sentences: tuple[ModelPartSentence, ...] = Field(min_length=1, max_length=6, strict=False)


class KeptPart(Contract):
    """Words of a model, kept for the next summary; `of`: SHA-256 of all that they were made of."""

    of: str
    model: str
    sentences: tuple[Claim, ...] = Field(strict=False)
