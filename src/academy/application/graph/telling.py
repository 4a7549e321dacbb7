"""Put a language model's words beside a summary that a process made, within its job; see retelling (GRA-4, GRA-7)."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from academy.application.graph.analysing import read_lines
from academy.application.graph.retelling import Retold, retold, with_words
from academy.application.graph.summarising import PARTS_FILE, SUMMARY_FILE
from academy.application.graph.tally import Tally
from academy.application.graph.tools import CHILD, GraphTools
from academy.application.jobs.attempt import Work
from academy.application.ports.models import LanguageModel
from academy.contracts.base import InvalidMessage, validate
from academy.contracts.children.graph import SummarisedAnswer, SummariseGraph
from academy.contracts.graph_retelling import KeptPart, SummaryParts
from academy.contracts.graph_summary import GraphSummary
from academy.domain.tenant.graph_keys import cache_prefix

__all__ = ["WORDS_FILE", "Said", "tell_graph"]

log = logging.getLogger(__name__)

WORDS_FILE = "words.jsonl"
"""Words of a model for parts of a user's summary, in their cache: a line for each (KeptPart)."""
_LONGEST_HEADLINE = 1000


@dataclass(frozen=True, slots=True)
class Said:
    """A summary that lies in the job's folder: its headline and whose words that is, and how many claims it makes."""

    headline: str
    by: Literal["graph", "model"]
    claims: int


async def tell_graph(
    tools: GraphTools, work: Work, request: SummariseGraph, user_id: str, tally: Tally
) -> Said:
    """Write summary.json into the request's folder; with words of a model where one is configured.

    What the model did not do is listed as degraded, and the claims of the graph stand. Raises WorkFailed, ObjectStoreUnavailable.
    """
    language = tools.language
    wanted = request.model_copy(update={"parts": language is not None})
    made = await tools.children.call(work, f"{CHILD}:summarise_graph", wanted, SummarisedAnswer)
    tally.did(made)
    if language is None:
        return Said(made.headline, "graph", made.claims)
    words = await _words(tools, language, work, Path(request.folder), user_id, tally)
    if words:
        return Said(words[:_LONGEST_HEADLINE], "model", made.claims)
    return Said(made.headline, "graph", made.claims)


async def _words(
    tools: GraphTools, language: LanguageModel, work: Work, folder: Path, user_id: str, tally: Tally
) -> str:
    """Put words beside the summary in the folder and keep them; return the headline, "" for none."""
    kept_at = cache_prefix(work.job.tenant_id, user_id)
    summary, asked = await asyncio.to_thread(_read, folder)
    kept_file = folder / f"kept-{WORDS_FILE}"
    there = await tools.files.bring(kept_at + WORDS_FILE, kept_file)
    kept = await asyncio.to_thread(_kept, kept_file) if there else {}

    async def keep(found: Retold) -> None:
        await asyncio.to_thread((folder / WORDS_FILE).write_text, "".join(_lines(found)), encoding="utf-8")
        await tools.files.put(kept_at, folder, {WORDS_FILE: "application/x-ndjson"})

    found = await retold(
        language,
        tools.language_name,
        tools.budget_tokens,
        tally,
        asked,
        kept,
        keep,
        lambda part: work.report("ask", part),
    )
    summary = with_words(summary, asked, found)
    await asyncio.to_thread((folder / SUMMARY_FILE).write_text, summary.model_dump_json(), encoding="utf-8")
    # Words of parts that are no more are kept nowhere: they may tell of a text that was taken out of the graph (GRA-8).
    if not {each.of for each in found.words.values()} >= set(kept):
        await keep(found)
    work.report("ask", 1.0)
    return " ".join(each.text for each in summary.words)


def _read(folder: Path) -> tuple[GraphSummary, SummaryParts]:
    summary = GraphSummary.model_validate_json((folder / SUMMARY_FILE).read_bytes())
    return summary, SummaryParts.model_validate_json((folder / PARTS_FILE).read_bytes())


def _kept(file: Path) -> Mapping[str, KeptPart]:
    """Return what was kept, by what it was made of; a file that cannot be read is as good as none, and said in the log."""
    try:
        return {each.of: each for each in (validate(KeptPart, line) for line in read_lines(file))}
    except (InvalidMessage, ValueError):
        log.warning("kept_words_unreadable", extra={"file": WORDS_FILE})
        return {}


def _lines(found: Retold) -> Iterable[str]:
    return (f"{found.words[at].model_dump_json()}\n" for at in sorted(found.words))
