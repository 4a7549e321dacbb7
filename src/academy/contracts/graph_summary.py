"""`summary.json`: what a graph says of its owner, first in numbers, then in words; every claim cites nodes (GRA-4)."""

from typing import Literal

from pydantic import Field

from academy.contracts.base import Contract
from academy.contracts.graph import UserId

__all__ = ["Claim", "ClusterSummary", "GraphSummary", "Insight"]


class Claim(Contract):
    """One sentence about the graph and the nodes it rests on."""

    text: str = Field(min_length=1, max_length=1000)
    node_ids: tuple[str, ...] = Field(min_length=1, max_length=50, strict=False)
    by: Literal["graph", "extract", "model"] = "graph"


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


class Insight(Contract):
    """Something that stands out: computed, then said."""

    kind: Literal["largest", "growing", "dormant", "bridge", "isolated", "recurring", "duplicate", "gap"]
    value: float
    claim: Claim


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
