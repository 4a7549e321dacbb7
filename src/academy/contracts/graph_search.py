"""Searching a user's graph: which of its nodes are near a text, by words and by vectors (GRA-3)."""

from pydantic import Field

from academy.contracts.graph import Ordered, Reported, Told, UserId

__all__ = ["FoundNode", "NodesFound", "SearchGraph"]


class SearchGraph(Ordered):
    """`graph.search`: nodes of a user's graph that are near a text."""

    user_id: UserId
    text: str = Field(min_length=1, max_length=2000)
    limit: int = Field(10, ge=1, le=50)


class FoundNode(Told):
    """A node that is near."""

    id: str
    title: str
    cluster: str
    cluster_name: str
    keywords: tuple[str, ...] = Field((), strict=False)
    score: float = Field(
        gt=0, description="The higher the nearer; to be compared within one search, not between two."
    )


class NodesFound(Reported):
    """Result of `graph.search`; `nodes`: the nearest first, none where no word of the text stands in any."""

    text: str
    nodes: tuple[FoundNode, ...] = Field((), strict=False)
