"""Payloads and results of the graph worker's job types (GRA-1), and what the files hold that it writes (GRA-3).

In the messages of the producers the same fields are written in camelCase, keys as `…S3Key` (contracts/graph_wire.py).
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from academy.contracts.base import Contract

__all__ = [
    "MOST_LISTED",
    "AddNodes",
    "Degraded",
    "EraseGraph",
    "GenerateGraph",
    "GraphBuilt",
    "InputOutcome",
    "Key",
    "Language",
    "LeftOut",
    "ModelUsage",
    "NodesAdded",
    "Ordered",
    "OutcomeCounts",
    "Reported",
    "StageCount",
    "SummarizeGraph",
    "SummaryMade",
    "TaskId",
    "TaskText",
    "TendGraph",
    "Told",
    "UserId",
    "asks_the_same",
    "wire_name",
]

MOST_LISTED = 200
"""Outcomes that a result carries itself; all of them lie in the file that `outcomes_key` names."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f]+$")]
UserId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Language = Literal["auto", "ko", "en"]


TaskText = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
TaskId = Annotated[TaskText | int | None, Field(description="The producer's own id; comes back as it is.")]


def wire_name(name: str) -> str:
    """Return a field's name as the producers of graph requests write it: camelCase, keys as `…S3Key`."""
    if name in {"key", "keys"} or name.endswith(("_key", "_keys")):
        head, _, tail = name.rpartition("_")
        name = f"{head}_s3_{tail}" if head else f"s3_{tail}"
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class Told(Contract):
    """A part of a result: by its own names in a job's row, in the producers' on the queue (`model_dump(by_alias=True)`)."""

    model_config = ConfigDict(alias_generator=wire_name, validate_by_name=True, validate_by_alias=True)


class LeftOut(Contract):
    """A field of a request that there is not, or that was given under two names; it was left out."""

    name: str = Field(max_length=100)
    nearest: str = Field("", max_length=100, description="The field that may have been meant.")


def _empty(value: object) -> bool:
    return not value


class Ordered(Contract):
    """What every request has."""

    task_id: TaskId = None
    bucket: str = Field("", max_length=200, description="Must be the system's own where it is named.")
    left_out: tuple[LeftOut, ...] = Field((), max_length=20, strict=False, exclude_if=_empty)


def asks_the_same(one: Contract, other: Contract) -> bool:
    """Return whether a request is another one over again; what was left out of either does not matter."""
    whole = {"left_out": ()}
    return one.model_copy(update=whole) == other.model_copy(update=whole)


class _Sources(Ordered):
    user_id: UserId = Field(description="Whose graph; opaque, comes back unchanged.")
    keys: tuple[Key, ...] = Field((), max_length=20_000, strict=False, description="Objects to read.")
    prefixes: tuple[Key, ...] = Field(
        (), max_length=100, strict=False, description="Every object under these; each ends with `/`."
    )


class GenerateGraph(_Sources):
    """`graph.generate`: make a user's graph from everything that is named, in the place of the one there was."""

    include_summary: bool = False
    language: Language = Field("auto", description="Of names and summary.")
    seed: int = Field(0, ge=0, le=2**31 - 1)


class AddNodes(_Sources):
    """`graph.add_node`: documents join the user's graph without a rebuild (GRA-5)."""


class SummarizeGraph(Ordered):
    """`graph.summarize`: say what a user's graph holds (GRA-4)."""

    user_id: UserId
    language: Language = "auto"


class TendGraph(Contract):
    """`graph.tend`: remove what of a user's graphs nobody can reach any more."""

    user_id: UserId


class EraseGraph(Contract):
    """`graph.erase`: remove everything that was made for a user."""

    user_id: UserId


class InputOutcome(Told):
    """What became of one input: an object, or one of several things in it."""

    key: str = Field(max_length=1024, description="Of the object.")
    id: str = Field("", max_length=1024, description="Of the thing in it; empty: the object as a whole.")
    status: Literal["ok", "skipped", "failed"]
    code: str = Field("", max_length=100, description="Why not ok; snake_case, stable.")
    message: str = Field("", max_length=500, description="The same in one sentence.")
    nodes: int = Field(0, ge=0, description="Nodes that came of it.")


class OutcomeCounts(Told):
    """How many outcomes of each kind there are: one for every thing in an input, and for every input that gave nothing or broke off."""

    ok: int = Field(0, ge=0)
    skipped: int = Field(0, ge=0)
    failed: int = Field(0, ge=0)


class Degraded(Told):
    """Something that was done with less than what is configured or wished, and why (GRA-7)."""

    what: str = Field(max_length=100, description="Stage or ability, snake_case.")
    code: str = Field(max_length=100)
    message: str = Field(max_length=500)


class ModelUsage(Told):
    """What the work cost."""

    tokens_in: int = Field(0, ge=0)
    tokens_out: int = Field(0, ge=0)
    requests: int = Field(0, ge=0, description="To models over the network.")
    estimated: bool = Field(False, description="Whether tokens are a guess because a server did not count.")
    seconds: float = Field(0, ge=0, description="From start to end of this attempt.")
    cpu_seconds: float = Field(0, ge=0, description="Of the processes that did the work.")


class StageCount(Told):
    """How much of a stage was computed and how much came from the cache (units: inputs, documents or 1 for a whole stage)."""

    stage: str = Field(max_length=50)
    computed: int = Field(ge=0)
    cached: int = Field(ge=0)


class Reported(Told):
    """What every result has."""

    user_id: UserId
    outcomes: tuple[InputOutcome, ...] = Field((), max_length=MOST_LISTED, strict=False)
    outcome_counts: OutcomeCounts = OutcomeCounts()
    outcomes_key: str = Field("", max_length=1024, description="All outcomes, one JSON object per line.")
    degraded: tuple[Degraded, ...] = Field((), strict=False)
    usage: ModelUsage = ModelUsage()


class GraphBuilt(Reported):
    """Result of `graph.generate`."""

    result_key: Key = Field(description="graph_final.json (GraphFile).")
    features_key: Key = Field(description="Vectors and vocabulary (.npz); what add-node goes on from.")
    graphml_key: Key
    gexf_key: Key
    picture_key: Key = Field(description="SVG.")
    summary_key: str = Field("", max_length=1024)
    nodes: int = Field(ge=0)
    edges: int = Field(ge=0)
    clusters: int = Field(ge=0)
    recipe: str = Field(max_length=200, description="How its vectors were made.")
    stages: tuple[StageCount, ...] = Field((), strict=False)


class NodesAdded(Reported):
    """Result of `graph.add_node`."""

    result_key: Key = Field(
        description="graph_final.json; graph.svg, graph.graphml and graph.gexf appear beside it later."
    )
    features_key: Key = Field(
        description="What was added to the features of the build (.npz), or all of them."
    )
    node_ids: tuple[str, ...] = Field(
        (), max_length=20_000, strict=False, description="That joined or changed."
    )
    nodes: int = Field(ge=0, description="In the graph now.")
    edges: int = Field(ge=0)
    clusters: int = Field(ge=0)
    recipe: str = Field(max_length=200, description="How its vectors were made.")


class SummaryMade(Reported):
    """Result of `graph.summarize`."""

    summary_key: Key
    headline: str = Field("", max_length=1000)
    claims: int = Field(ge=0, description="Sentences; each cites nodes.")
    by: Literal["graph", "model"] = Field(
        "graph",
        description="Whose words the headline is: ours, or those of a language model that is configured.",
    )
