"""What each metric means; `docs/runbooks/metrics.md` adds what to do about it.

Names follow https://prometheus.io/docs/practices/naming/: base units, `_total` for what only grows.
"""

from types import MappingProxyType

__all__ = ["HELP", "buckets_of", "help_of"]

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LONG = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200)

HELP = MappingProxyType(
    {
        "academy_database_failures_total": "Database calls of a worker that failed, by operation.",
        "academy_database_up": "Whether the database answered when it was last asked (1) or not (0).",
        "academy_dead_letters_total": "Messages that this worker dead-lettered, by queue.",
        "academy_heartbeat_failures_total": "Heartbeats that failed, by what could not be reached.",
        "academy_heartbeat_lag_seconds": "How late the last heartbeat was done, in seconds after its turn.",
        "academy_http_request_seconds": "Time that answers took, in seconds.",
        "academy_http_requests_total": "Requests answered.",
        "academy_job_attempt_seconds": "How long attempts ran, in seconds.",
        "academy_job_retries_total": "Attempts after which a job waits for another one, by type and reason.",
        "academy_job_wait_seconds": "Time from when a job could begin to when it began, in seconds.",
        "academy_jobs": "Jobs by type and state.",
        "academy_jobs_reconciled_total": "Overdue jobs that the reconciler sent out again.",
        "academy_jobs_running": "Attempts that this worker runs now.",
        "academy_jobs_settled_total": "Attempts settled, by type and outcome.",
        "academy_rows_trimmed_total": "Rows removed by retention, by kind: jobs, answers, workers.",
        "academy_leases_lost_total": "Attempts whose lease another worker took.",
        "academy_logins_total": "Logins by outcome.",
        "academy_media_refused_total": "Media addresses refused, by reason.",
        "academy_messages_total": "Text messages by what became of them.",
        "academy_object_address_refused_total": "Object addresses refused.",
        "academy_outbox_due": "Messages in the outbox that are due.",
        "academy_outbox_oldest_seconds": "Age of the oldest due message in the outbox, in seconds.",
        "academy_poll_failures_total": "Polls that failed.",
        "academy_progress_failures_total": "Writes of progress that failed.",
        "academy_provider_errors_total": "Requests to the provider of text messages that failed, by error.",
        "academy_publish_failures_total": "Messages that the broker did not take.",
        "academy_published_total": "Messages published from the outbox.",
        "academy_queue_dead_letters": "Messages in the dead-letter queue, by the queue they came from.",
        "academy_queue_failures_total": "Queue calls of a worker that failed, by operation.",
        "academy_queue_messages": "Messages by queue and state: visible, in_flight, delayed.",
        "academy_queue_oldest_seconds": "Age of the oldest message in a queue, in seconds; absent when unknown.",
        "academy_queue_up": "Whether the broker answered when it was last asked (1) or not (0).",
        "academy_worker_slots": "Jobs that this worker can run at once.",
        "academy_workers": "Workers by state: working, draining, unseen.",
    }
)


def help_of(name: str) -> str:
    """Return the meaning of a metric; one that is not listed is described by its name."""
    return HELP.get(name, name)


def buckets_of(name: str) -> tuple[float, ...]:
    """Return the upper bounds of a histogram's buckets in seconds: up to hours for jobs, up to ten seconds for the rest."""
    return _LONG if name.startswith("academy_job_") else _QUICK
