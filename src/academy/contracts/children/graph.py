"""What the graph worker asks of the processes that read and compute, and what they answer; paths are texts.

Files in the folder of an attempt, all JSON a line and UTF-8:
`inputs.jsonl` {key, file} by key, with {start, size} where an input is a part of the file ·
`documents.jsonl` {id, kind, title, text, source_key, created_at, updated_at, digest} by id ·
`outcomes.jsonl` (InputOutcome) by key · `read.jsonl` {key, digest, nodes} by key · `members.jsonl` {id} and `vectors.f32`: a row of
`dimension` little-endian floats for each.
"""

from typing import Literal

from pydantic import Field

from academy.contracts.base import Contract
from academy.contracts.graph import Language, OutcomeCounts, StageCount
from academy.contracts.graph_search import FoundNode
from academy.contracts.microscope import AnswerableQuestion, Citation

__all__ = [
    "Analyse",
    "AnalysedAnswer",
    "AskDocuments",
    "AskedAnswer",
    "ChildAnswer",
    "DrawGraph",
    "FindNodes",
    "FoundAnswer",
    "Join",
    "JoinedAnswer",
    "LookAnswer",
    "LookInto",
    "ReadAnswer",
    "ReadInputs",
    "SummariseGraph",
    "SummarisedAnswer",
]


class ChildAnswer(Contract):
    """What every process answers."""

    cpu_seconds: float = Field(0.0, ge=0)


class ReadInputs(Contract):
    """Read what `inputs.jsonl` names into documents.

    `cache`: folder of what was read before, "" for none; `keep_all`: small inputs are kept there, too.
    """

    folder: str
    cache: str = ""
    keep_all: bool = False


class ReadAnswer(ChildAnswer):
    """What came of it. `new.txt` and `used.txt` name the files of the cache that are new, and all that it was made of, one a line."""

    documents: int = Field(ge=0)
    counts: OutcomeCounts
    digest: str = Field(description="SHA-256 over ids and digests of all documents: equal for equal inputs.")
    stage: StageCount


class Analyse(Contract):
    """Make a graph of `documents.jsonl`. `before`: graph_final.json that there was, "" for none; `neural`: vectors.f32-like file or ""."""

    folder: str
    user_id: str
    language: Language
    seed: int
    before: str = ""
    neural: str = ""
    neural_model: str = ""


class AnalysedAnswer(ChildAnswer):
    """Sizes of the graph. Its files lie in the folder: graph_final.json, graph.graphml, graph.gexf, graph.svg, features.npz."""

    nodes: int = Field(ge=0)
    edges: int = Field(ge=0)
    clusters: int = Field(ge=0)
    recipe: str
    dimension: int = Field(ge=0)


class Join(Contract):
    """Let `documents.jsonl` join the graph in the files `graph` and `features`, named only where the process does not hold it in memory.

    `features`: the file of the build and, where documents joined since, the file of what they added to it.
    `build`: which graph that is, by a name that no other attempt has; `becomes`: the name of the one with the documents in it.
    """

    folder: str
    graph: str = ""
    features: tuple[str, ...] = Field((), strict=False)
    build: str
    becomes: str = ""
    neural: str = ""


class JoinedAnswer(ChildAnswer):
    """Sizes of the whole graph, the folder holds graph_final.json, features.npz, and the vectors of who joined or changed.

    `missing`: nothing was done, for the graph is no longer in memory and no file was named. `whole`: features.npz stands for itself, else
    it adds to the file of the build.
    """

    missing: bool = False
    whole: bool = True
    nodes: int = Field(0, ge=0)
    edges: int = Field(0, ge=0)
    clusters: int = Field(0, ge=0)
    recipe: str = ""
    dimension: int = Field(0, ge=0)


class DrawGraph(Contract):
    """Draw the graph in the file `graph` into `folder`: graph.graphml, graph.gexf, graph.svg."""

    folder: str
    graph: str


class SummariseGraph(Contract):
    """Say what the graph in the file `graph` holds; `texts`: documents.jsonl or ""; into the file summary.json of `folder`.

    `parts`: also write what a language model needs to tell it again, into summary-parts.json (SummaryParts).
    """

    folder: str
    graph: str
    texts: str = ""
    language: Language = "auto"
    parts: bool = False


class SummarisedAnswer(ChildAnswer):
    """What was said."""

    headline: str
    claims: int = Field(ge=0)


class FindNodes(Contract):
    """Find nodes of the graph in the file `graph` that are near a text; `vector`: the text's by the graph's model, empty without."""

    folder: str
    graph: str
    features: tuple[str, ...] = Field(min_length=1, strict=False)
    text: str
    limit: int = Field(ge=1)
    vector: tuple[float, ...] = Field((), strict=False)


class FoundAnswer(ChildAnswer):
    """Nodes, the nearest first; `shortened`: some of the last were left out, for an answer has only so much room."""

    nodes: tuple[FoundNode, ...] = Field((), strict=False)
    shortened: bool = False


class LookInto(Contract):
    """Read the document `source` (known as `name`) under the microscope, into the file microscope.json of `folder`."""

    folder: str
    source: str
    name: str
    document_id: str
    title: str = ""
    source_key: str


class LookAnswer(ChildAnswer):
    """What was found in it."""

    title: str
    language: Literal["ko", "en", "other"]
    digest: str
    passages: int = Field(ge=0)
    entities: int = Field(ge=0)
    relations: int = Field(ge=0)


class AskDocuments(Contract):
    """Look for an answer in the MicroscopeFiles `files`; `kind` says to what."""

    kind: Literal["query", "synthesize", "related"]
    files: tuple[str, ...] = Field(strict=False)
    question: str = ""
    passages: int = Field(5, ge=1)
    sentences: int = Field(5, ge=1)


class AskedAnswer(ChildAnswer):
    """What the documents say: passages, the best first, and sentences that answer, each as it stands in its document.

    `shortened`: there was more than a process may answer, and the last ones were left out.
    """

    passages: tuple[Citation, ...] = Field((), strict=False)
    sentences: tuple[Citation, ...] = Field((), strict=False)
    questions: tuple[AnswerableQuestion, ...] = Field((), strict=False)
    agree: tuple[str, ...] = Field((), strict=False)
    shortened: bool = False
