"""`summary.json`: what a graph says of its owner, first in numbers, then in words; every claim cites nodes (GRA-4).

Where a language model is configured its words stand beside the claims, as `words`, and never in their place: without any the fields
`words` and `model` are missing, as they were before there were such words.
"""

from typing import Annotated, Literal

from pydantic import Field

from academy.contracts.base import Contract
from academy.contracts.graph import UserId

__all__ = ["Claim", "ClusterSummary", "GraphSummary", "Insight"]


class Claim(Contract):
    """One sentence about the graph and the nodes it rests on."""

    text: str = Field(min_length=1, max_length=1000)
    node_ids: tuple[str, ...] = Field(min_length=1, max_length=50, strict=False)
    by: Literal["graph", "extract", "model"] = "graph"


def _none(value: object) -> bool:
    return not value


Words = Annotated[
    tuple[Claim, ...],
    Field(
        max_length=6,
        strict=False,
        exclude_if=_none,
        description="The same, told by a language model: sentences to be read one after the other, each `by` `model` and citing nodes. "
        "Missing where none is configured or it said nothing that nodes bear out: then read the claims.",
    ),
]


class ClusterSummary(Contract):
    """A cluster: numbers, its own sentences (taken from its nodes' texts), its growth."""

    cluster: str
    name: str
    size: int = Field(ge=1)
    share: float = Field(ge=0, le=1)
    density: float = Field(ge=0, le=1, description="Edges inside of those that could be.")
    keywords: tuple[str, ...] = Field((), strict=False)
    claims: tuple[Claim, ...] = Field((), strict=False)
    first_at: str = ""
    last_at: str = ""
    words: Words = ()


class Insight(Contract):
    """Something that stands out: computed, then said."""

    kind: Literal["largest", "growing", "dormant", "bridge", "isolated", "recurring", "duplicate", "gap"]
    value: float
    claim: Claim
    words: Words = ()


class GraphSummary(Contract):
    """The whole file."""

    v: Literal[1] = 1
    user_id: UserId
    language: Literal["ko", "en"]
    headline: Claim | None = None
    clusters: tuple[ClusterSummary, ...] = Field((), strict=False)
    insights: tuple[Insight, ...] = Field((), strict=False)
    nodes: int = Field(ge=0)
    edges: int = Field(ge=0)
    words: Words = Field((), description="The headline's.")
    model: str = Field(
        "",
        max_length=200,
        exclude_if=_none,
        description="Name of the model whose words are in this file; missing where there are none.",
    )
