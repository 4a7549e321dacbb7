"""`embedding`: vectors of texts, in a document that says which model made them."""

import asyncio
from array import array
from dataclasses import replace
from pathlib import Path

from academy.application.ai.files import DocumentFiles, MadeFile
from academy.application.ai.problems import model_failure, usage_of
from academy.application.ai.vector_files import write_json, write_npy
from academy.application.jobs.attempt import Work
from academy.application.ports.models import (
    MODEL_ANSWER_INVALID,
    Embedded,
    Embedder,
    ModelAnswerInvalid,
    ModelError,
    Usage,
)
from academy.contracts.ai_models import EmbedTexts, TextsEmbedded
from academy.domain.document.document import DocumentPurpose

__all__ = ["EmbeddingHandler"]

_PORTION = 64
_TYPES = {"json": "application/json", "npy": "application/octet-stream"}


class EmbeddingHandler:
    """Handles `embedding`; steps: embed, store."""

    def __init__(self, files: DocumentFiles, embedder: Embedder) -> None:
        """Take files and the embedder that the settings choose; there is no other one in its place."""
        self._files = files
        self._embedder = embedder

    async def run(self, work: Work) -> TextsEmbedded:
        """See JobHandler."""
        order = work.payload
        assert isinstance(order, EmbedTexts)
        try:
            made = await self._embedded(work, order.texts)
        except ModelError as error:
            raise model_failure(error) from error
        async with self._files.folder(work) as folder:
            path = folder / f"vectors.{order.format}"
            await asyncio.to_thread(_write, path, order.format, made)
            name = f"embeddings {made.model} {made.dimension}.{order.format}"
            kept = MadeFile(path, DocumentPurpose.EXPORT, name, _TYPES[order.format])
            document = await self._files.keep(work, kept)
        work.report("store", 1.0)
        return TextsEmbedded(
            count=len(made.vectors),
            model=made.model,
            dimension=made.dimension,
            metric=made.metric,
            usage=usage_of(made.usage),
            document=document,
        )

    async def _embedded(self, work: Work, texts: tuple[str, ...]) -> Embedded:
        """Embed in portions, so that the job shows that it is alive. Raises ModelError."""
        vectors: list[array[float]] = []
        usage, first = Usage(), None
        for start in range(0, len(texts), _PORTION):
            part = await self._embedder.embed(texts[start : start + _PORTION])
            first = first or part
            if (part.model, part.dimension, part.metric) != (first.model, first.dimension, first.metric):
                detail = f"{first.model} {first.dimension} became {part.model} {part.dimension}"
                raise ModelAnswerInvalid(replace(MODEL_ANSWER_INVALID, detail=detail))
            vectors += part.vectors
            usage += part.usage
            work.report("embed", len(vectors) / len(texts))
        assert first is not None
        return replace(first, vectors=vectors, usage=usage)


def _write(path: Path, form: str, made: Embedded) -> None:
    if form == "npy":
        write_npy(path, made.vectors, made.dimension)
        return
    about = {"model": made.model, "dimension": made.dimension, "metric": made.metric}
    write_json(path, made.vectors, {**about, "count": len(made.vectors)})
