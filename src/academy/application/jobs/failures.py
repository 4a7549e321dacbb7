"""Failures that any job may end with."""

from academy.domain.failures import Failure

__all__ = [
    "MAX_RESULT_BYTES",
    "NOT_CANCELLABLE",
    "OUTAGE",
    "PAYLOAD_INVALID",
    "RESULT_TOO_LARGE",
    "STALLED",
    "TIME_LIMIT",
    "WORKER_LOST",
    "internal",
]

MAX_RESULT_BYTES = 256 << 10
"""Largest result, as JSON, of a job: it stands in a row and may travel in a message. What is larger belongs into the object store."""

WORKER_LOST = Failure(
    "worker_lost",
    "The worker vanished again and again while it did this job; it is set aside until an operator retries it.",
    "작업을 처리하던 서버가 여러 번 중단되어 작업을 보류했습니다. 관리자가 다시 시작할 수 있습니다.",
)
PAYLOAD_INVALID = Failure(
    "payload_invalid",
    "The stored input of this job does not fit this version of the system; submit it again.",
    "저장된 작업 내용이 현재 버전과 맞지 않습니다. 다시 요청해 주세요.",
)
STALLED = Failure(
    "stalled",
    "The work stopped making progress and was ended.",
    "작업이 더 이상 진행되지 않아 중단했습니다.",
    retryable=True,
)
TIME_LIMIT = Failure(
    "time_limit",
    "The work took longer than it may and was ended.",
    "작업이 제한 시간을 넘어 중단했습니다.",
    retryable=True,
)
RESULT_TOO_LARGE = Failure(
    "result_too_large",
    "The result is larger than a job may keep; give it less to do at once.",
    "작업 결과가 너무 큽니다. 나누어서 요청해 주세요.",
)
OUTAGE = Failure(
    "service_unavailable",
    "A service that the work needs could not be reached.",
    "작업에 필요한 서비스에 연결할 수 없습니다.",
    retryable=True,
    costs_attempt=False,
)
NOT_CANCELLABLE = Failure(
    "job_not_cancellable",
    "This job finishes what another one began and ends by itself; it cannot be cancelled.",
    "다른 작업의 뒷정리를 하는 작업이라 취소할 수 없습니다. 스스로 끝납니다.",
)


def internal(error: BaseException) -> Failure:
    """Return the failure for an error that nobody foresaw; its type, never its text, is the evidence."""
    return Failure(
        "internal_error",
        "Something went wrong on our side. Order the work again; if it fails again, tell the operator the job's id, by which the log can be searched.",
        "시스템 오류가 발생했습니다. 다시 요청해 보고, 계속되면 관리자에게 작업 ID를 알려 주세요. 로그에서 찾을 수 있습니다.",
        retryable=True,
        detail=type(error).__name__,
    )
