"""Vectors of a network embedder, one a document, fused with our own and never in their place (GRA-3, GRA-7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy.application.graph.analysing import read_lines
from academy.application.graph.files import write_lines
from academy.application.graph.tally import Tally
from academy.application.jobs.attempt import Work
from academy.application.ports.models import Embedder, ModelError
from academy.contracts.graph import Degraded

__all__ = ["OWN_VECTORS", "Neural", "neural_vectors"]

OWN_VECTORS = "bm25+lsa/1"
"""Recipe of a graph that no network embedder took part in."""

_PORTION = 64
_LONGEST_TEXT = 8_000
NEURAL_FILE = "neural.jsonl"


@dataclass(frozen=True, slots=True)
class Neural:
    """Where vectors lie ("" when there are none), which model made them, and the new file of the cache ("" for none)."""

    path: str = ""
    model: str = ""
    cached_file: str = ""


async def neural_vectors(
    work: Work, embedder: Embedder | None, folder: Path, cache: Path, tally: Tally
) -> Neural:
    """Embed the folder's documents; those whose text did not change come from the cache. A failure is listed as degraded."""
    if embedder is None:
        return Neural()
    documents = read_lines(folder / "documents.jsonl")
    kept = _kept(cache)
    vectors: dict[str, list[float]] = {}
    model = ""
    try:
        missing = [line for line in documents if line["digest"] not in kept]
        # One is asked for in any case: another model's vectors in the cache must not be mixed with this one's.
        asked = missing or documents[:1]
        for first in range(0, len(asked), _PORTION):
            some = asked[first : first + _PORTION]
            made = await embedder.embed([_text(line) for line in some])
            tally.used += made.usage
            if model != made.model:
                model, kept = made.model, {d: v for d, v in kept.items() if v["model"] == made.model}
            vectors |= {line["digest"]: list(vector) for line, vector in zip(some, made.vectors, strict=True)}
            work.report("embed", min(1.0, (first + _PORTION) / len(asked)))
    except ModelError as error:
        tally.degraded.append(
            Degraded(what="neural_vectors", code=error.failure.code, message=error.failure.message[:500])
        )
        return Neural()
    whole = {**{digest: each["vector"] for digest, each in kept.items()}, **vectors}
    if any(line["digest"] not in whole for line in documents):
        # The cache was of another model: everything is embedded anew.
        _forget(cache)
        return await neural_vectors(work, embedder, folder, cache, tally)
    _write(folder, cache, documents, whole, model)
    return Neural(str(folder / NEURAL_FILE), model, NEURAL_FILE)


def _text(line: dict[str, Any]) -> str:
    return f"{line['title']}\n{line['text']}"[:_LONGEST_TEXT]


def _kept(cache: Path) -> dict[str, dict[str, Any]]:
    path = cache / NEURAL_FILE
    return {line["digest"]: line for line in read_lines(path)} if path.exists() else {}


def _forget(cache: Path) -> None:
    (cache / NEURAL_FILE).unlink(missing_ok=True)


def _write(
    folder: Path,
    cache: Path,
    documents: Sequence[dict[str, Any]],
    vectors: dict[str, list[float]],
    model: str,
) -> None:
    write_lines(folder / NEURAL_FILE, ({"id": d["id"], "vector": vectors[d["digest"]]} for d in documents))
    kept = {
        d["digest"]: {"digest": d["digest"], "model": model, "vector": vectors[d["digest"]]}
        for d in documents
    }
    write_lines(cache / NEURAL_FILE, kept.values())
