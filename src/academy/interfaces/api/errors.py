"""Turn what use cases and adapters raise into problems."""

import logging
import traceback

from pydantic import ValidationError

from academy.application.errors import Conflict, NotFound, Refused
from academy.application.ports.database import DatabaseUnavailable, IdempotencyConflict
from academy.application.ports.job_queue import QueueError
from academy.application.ports.object_store import ObjectMissing, ObjectStoreError
from academy.application.ports.progress import ProgressUnavailable
from academy.domain.job.states import IllegalTransition
from academy.domain.video.video import IllegalVideoMove
from academy.interfaces.api import kinds
from academy.interfaces.api.language import Language
from academy.interfaces.api.missing import missing_trouble
from academy.interfaces.api.portal import PortalClosed
from academy.interfaces.api.problems import MOST_FAULTS, Kind, Trouble, fault_problems, refusal_status
from academy.interfaces.api.validation import field_problems

__all__ = ["OUTAGES", "log_crash", "trouble_of"]

log = logging.getLogger(__name__)
OUTAGES = (DatabaseUnavailable, ObjectStoreError, QueueError, ProgressUnavailable, PortalClosed)
RETRY_SECONDS = 5
_KINDS: dict[type[BaseException], Kind] = {
    ObjectMissing: kinds.NOT_FOUND,
    IdempotencyConflict: kinds.IDEMPOTENCY_CONFLICT,
    IllegalTransition: kinds.STATE_CONFLICT,
    IllegalVideoMove: kinds.STATE_CONFLICT,
}


def trouble_of(error: BaseException, language: Language) -> Trouble | None:
    """Return the problem that an error of ours is, its fields told in `language`; None for one that nobody foresaw."""
    if isinstance(error, Trouble):
        return error
    if isinstance(error, Refused):
        failure = error.failure
        status = 409 if isinstance(error, Conflict) else refusal_status(failure)
        kind = Kind(status, failure.code, failure.message, failure.message_ko)
        return Trouble(kind, errors=fault_problems(error.faults[:MOST_FAULTS], language))
    if isinstance(error, ValidationError):
        return Trouble(kinds.INVALID, errors=field_problems(error, language))
    if isinstance(error, NotFound):
        return missing_trouble(error, language)
    # Before the outages: an object that is missing is an error of its store as well.
    known = next((kind for type_, kind in _KINDS.items() if isinstance(error, type_)), None)
    if known is not None:
        return Trouble(known)
    if isinstance(error, OUTAGES):
        log.warning("request_hit_outage", extra={"error": type(error).__name__})
        return Trouble(kinds.UNAVAILABLE, retry_after=RETRY_SECONDS)
    return None


def log_crash(event: str, error: BaseException, **fields: str) -> None:
    """Log an error that nobody foresaw: its type and where it came from, not its text, which may hold private values."""
    where = "".join(traceback.format_tb(error.__traceback__)[-8:])
    log.error(event, extra={"error": type(error).__name__, "where": where, **fields})
