"""A roster is taken once, by the attempt that holds its job, and the job ends with it (XLS-1, JOB-3, JOB-8)."""

from collections.abc import Callable

from academy.application.errors import WorkFailed, Yielded
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.settle import settle
from academy.application.ports.database import Lease, Settlement, StoredResponse, Transaction
from academy.contracts.ai import RosterApplied
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

__all__ = ["ROSTER_APPLIED", "NotApplied", "apply_once", "refuse_applied", "was_applied"]

ROSTER_APPLIED = Failure(
    "roster_applied",
    "The rows of this file were taken already, and the file was removed; upload a new one for further students.",
    "이미 등록을 마친 명단이며 파일은 삭제되었습니다. 학생을 더 등록하려면 새 파일을 올려 주세요.",
)
_DONE = 200


class NotApplied(Exception):
    """Nobody took the rows of a file; rolls back the look for it."""


def apply_once(
    tx: Transaction, types: JobTypes, job: Job, document_id: str, apply: Callable[[], RosterApplied]
) -> RosterApplied:
    """Take a file's rows and end the job as SUCCEEDED with what came of it, in this transaction.

    So whatever happens to the attempt from then on (a wish to stop, the worker's death), the job says what was done: the worker's own
    end finds nothing to write any more, and its message, when it comes back, a job that has ended.

    Raises WorkFailed (`roster_applied`) when the rows were taken before, and Yielded, which rolls all of it back, when this attempt holds
    the job no more or the job is to stop.
    """
    if _begin(tx, job.tenant_id, document_id) is not None:
        raise WorkFailed(ROSTER_APPLIED)
    result = apply()
    told = result.model_dump(mode="json")
    body = {"job_id": job.id, "result": told}
    tx.idempotency.finish(job.tenant_id, _key(document_id), StoredResponse(_DONE, body))
    # Last, so that a wish to stop that came meanwhile counts, and nobody who asks has to wait for all the rows.
    now = tx.jobs.get(job.id, lock=True)
    if now is None or now.token != job.token or now.state is not JobState.RUNNING or now.cancel_requested:
        raise Yielded
    end = Settlement(Lease(job.id, job.token), JobState.SUCCEEDED, result=told)
    settle(tx, types, [(job, end)])
    return result


def refuse_applied(tx: Transaction, tenant_id: str, document_id: str) -> None:
    """Raise WorkFailed (`roster_applied`) for a file whose rows were taken, NotApplied for any other."""
    if not was_applied(tx, tenant_id, document_id):
        raise NotApplied
    raise WorkFailed(ROSTER_APPLIED)


def was_applied(tx: Transaction, tenant_id: str, document_id: str) -> bool:
    """Return whether a file's rows were taken; when not, the caller rolls this transaction back."""
    return _begin(tx, tenant_id, document_id) is not None


def _begin(tx: Transaction, tenant_id: str, document_id: str) -> StoredResponse | None:
    return tx.idempotency.begin(tenant_id, _key(document_id), "roster_apply")


def _key(document_id: str) -> str:
    """Return a key that no request has: theirs begin with who asks."""
    return f":roster_apply:{document_id}"
