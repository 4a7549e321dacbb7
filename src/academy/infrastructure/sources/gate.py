"""The last look at everything that was read: no two documents with one id, none without text, none too large."""

import hashlib
from collections.abc import Iterable, Iterator

from academy.domain.graph.source import Kind, Outcome, SourceDocument
from academy.infrastructure.sources.clean import bytes_of
from academy.infrastructure.sources.limits import SourceLimits
from academy.infrastructure.sources.refusals import outcome_of, skipped_thing

__all__ = ["checked"]

_SHOWN = 200


def checked(
    found: Iterable[SourceDocument | Outcome], limits: SourceLimits
) -> Iterator[SourceDocument | Outcome]:
    """Pass on what may become a node; in the place of anything else its outcome."""
    seen: dict[str, bytes] = {}
    latest: SourceDocument | None = None
    for one in found:
        if latest is not None:
            # Not before something comes after it: most inputs hold one document alone.
            seen[latest.id], latest = _digest(latest), None
        if isinstance(one, Outcome):
            yield one if len(one.id) <= limits.id_characters else _shortened(one)
            continue
        problem = _problem(one, limits)
        if problem is None and one.id in seen:
            again = skipped_thing if seen[one.id] == _digest(one) else outcome_of
            problem = again(one.id, "duplicate_id")
        if problem is None:
            latest = one
        yield problem or one


def _problem(document: SourceDocument, limits: SourceLimits) -> Outcome | None:
    if len(document.id) > limits.id_characters:
        return outcome_of(document.id[:_SHOWN], "id_too_long")
    if not document.text:
        return skipped_thing(document.id, "empty_text")
    if document.kind is not Kind.CHAT and bytes_of(document.text) > limits.text_bytes:
        return outcome_of(document.id, "input_too_large", f"at most {limits.text_bytes:,} bytes of text")
    return None


def _shortened(outcome: Outcome) -> Outcome:
    return Outcome(outcome.id[:_SHOWN], outcome.status, outcome.code, outcome.message)


def _digest(document: SourceDocument) -> bytes:
    told = f"{document.kind}\0{document.title}\0{document.text}"
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=16).digest()
