"""What became of the inputs of a task of which nothing came: kept with its failure, told with its result (GRA-1, GRA-3)."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from academy.application.graph.files import GraphFiles
from academy.application.graph.refusals import NO_READABLE_INPUT
from academy.application.graph.tally import OUTCOMES_FILE, Tally
from academy.application.jobs.attempt import Work
from academy.domain.failures import Failure
from academy.domain.tenant.graph_keys import outcomes_key

__all__ = ["told_outcomes", "unreadable"]

_ROOM = 1_900
"""Characters of a failure's detail that the first outcomes may take; all of them lie in a file."""


async def unreadable(files: GraphFiles, work: Work, user_id: str, folder: Path, tally: Tally) -> Failure:
    """Keep the outcomes of inputs of which none could be read; return the failure that tells of them."""
    key = outcomes_key(work.job.tenant_id, user_id, work.job.id, work.job.token)
    await files.store.put(key, folder / OUTCOMES_FILE, content_type="application/x-ndjson")
    told: dict[str, Any] = {
        "outcomesS3Key": key,
        "outcomeCounts": tally.counts.model_dump(by_alias=True),
        "outcomes": [],
    }
    for outcome in tally.listed:
        more = {**told, "outcomes": [*told["outcomes"], outcome.model_dump(by_alias=True)]}
        if len(json.dumps(more, ensure_ascii=False)) > _ROOM:
            break
        told = more
    first = "; ".join(f"{each.key[-80:]}: {each.code}" for each in tally.listed[:3])
    message = f"{NO_READABLE_INPUT.message} {len(tally.outcomes)} in all, first {first}."
    return replace(NO_READABLE_INPUT, message=message, detail=json.dumps(told, ensure_ascii=False))


def told_outcomes(failure: Failure) -> dict[str, Any]:
    """Return what a result tells of the inputs of a task that failed."""
    nothing: dict[str, Any] = {"outcomes": []}
    if failure.code != NO_READABLE_INPUT.code:
        return nothing
    try:
        told = json.loads(failure.detail)
    except ValueError:
        return nothing
    return told if isinstance(told, dict) else nothing
