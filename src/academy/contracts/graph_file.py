"""`graph_final.json`: a user's graph as a file. Byte for byte the same for the same inputs, recipe and seed (GRA-3)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract
from academy.contracts.graph import UserId

__all__ = [
    "FileCluster",
    "FileEdge",
    "FileNode",
    "FileRecipe",
    "FileStatistics",
    "FileSubcluster",
    "GraphFile",
]

NodeId = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class FileNode(Contract):
    """One chat, note or document."""

    id: NodeId = Field(description="As the source names it, unchanged.")
    kind: Literal["chat", "note", "document"]
    title: str = Field(max_length=500)
    source_key: str = Field(max_length=1024, description="Object it was read from.")
    created_at: str = Field("", description="RFC 3339, empty when the source does not say.")
    updated_at: str = ""
    language: Literal["ko", "en", "other"] = "other"
    characters: int = Field(ge=0, description="Of its text.")
    digest: str = Field(description="SHA-256 of its normalised text.")
    keywords: tuple[str, ...] = Field((), strict=False, max_length=20)
    cluster: str = Field(description="Every node has one.")
    subcluster: str = ""
    degree: int = Field(ge=0)
    x: float
    y: float


class FileEdge(Contract):
    """Two nodes that are near each other; `source` sorts before `target`."""

    source: NodeId
    target: NodeId
    weight: float = Field(
        gt=0, le=1, description="From ranks among each other's neighbours, not from a cosine."
    )
    similarity: float = Field(ge=-1, le=1, description="Cosine of the fused vectors, to look at.")


class FileSubcluster(Contract):
    """A part of a cluster."""

    id: str
    name: str
    keywords: tuple[str, ...] = Field((), strict=False)
    size: int = Field(ge=1)


class FileCluster(Contract):
    """A group of nodes about the same thing. Its id stays over rebuilds and added nodes as long as most of its nodes do."""

    id: str
    name: str
    keywords: tuple[str, ...] = Field((), strict=False)
    size: int = Field(ge=1)
    representatives: tuple[NodeId, ...] = Field(
        (), strict=False, description="Nodes nearest to its middle, the nearest first."
    )
    subclusters: tuple[FileSubcluster, ...] = Field((), strict=False)
    x: float
    y: float


class FileRecipe(Contract):
    """How it was made; two graphs can be compared only where these are equal (GRA-8)."""

    vectors: str = Field(description='For example "bm25+lsa/1" or "bm25+lsa+MODEL/1".')
    dimension: int = Field(ge=0)
    metric: Literal["cosine"] = "cosine"
    communities: str
    keywords: str
    seed: int = Field(ge=0)


class FileStatistics(Contract):
    """Numbers of the whole."""

    nodes: int = Field(ge=0)
    edges: int = Field(ge=0)
    clusters: int = Field(ge=0)
    subclusters: int = Field(ge=0)
    modularity: float
    isolated: int = Field(ge=0, description="Nodes without an edge.")
    languages: dict[str, int] = Field(default_factory=dict)
    kinds: dict[str, int] = Field(default_factory=dict)


class FileInput(Contract):
    """An object that nodes came of."""

    key: str
    digest: str = Field(description="SHA-256 of its bytes.")
    nodes: int = Field(ge=0)


class GraphFile(Contract):
    """The whole file."""

    v: Literal[1] = 1
    user_id: UserId
    recipe: FileRecipe
    statistics: FileStatistics
    nodes: tuple[FileNode, ...] = Field(strict=False, description="Sorted by id.")
    edges: tuple[FileEdge, ...] = Field(strict=False, description="Sorted by source, then target.")
    clusters: tuple[FileCluster, ...] = Field(strict=False, description="The largest first.")
    inputs: tuple[FileInput, ...] = Field((), strict=False, description="Sorted by key.")
