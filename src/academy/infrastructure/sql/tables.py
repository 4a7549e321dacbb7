"""The tables of jobs, queues, tenants and videos. Migrations make them; `tests/contract/database` proves that both say the same.

Times are UTC milliseconds, JSON is text, identifiers compare byte by byte: one definition for both dialects.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from academy.domain.job.states import EndReason, JobState
from academy.domain.video.video import AccessMode, VideoState
from academy.infrastructure.sql.columns import (
    Choice,
    FailureText,
    JsonText,
    Key,
    RowNumber,
    UtcFine,
    UtcMillis,
)
from academy.infrastructure.sql.metadata import index_part, metadata
from academy.infrastructure.sql.turns import IN_GROUP

__all__ = [
    "idempotency_keys",
    "job_progress",
    "jobs",
    "lines",
    "outbox",
    "playback_sessions",
    "queue_messages",
    "queues",
    "rate_buckets",
    "rate_lines",
    "tenants",
    "videos",
    "watched",
    "workers",
]

# Rows come and go: PostgreSQL clears away after thousands of them, not after a fifth of a table that may hold a million.
_BUSY = {"autovacuum_vacuum_scale_factor": 0.01, "autovacuum_vacuum_threshold": 5000}

# The columns stand in the order of the fields of domain.job.job.Job.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("type", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("idempotency_key", Key, nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("subject", Key, nullable=False),
    Column("reply_to", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("state", Choice(JobState), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("interruptions", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("due_at", UtcMillis),
    Column("cancel_requested", Boolean, nullable=False),
    Column("end_reason", Choice(EndReason)),
    Column("failure", FailureText),
    Column("result", JsonText),
    Column("created_at", UtcMillis, nullable=False),
    Column("started_at", UtcMillis),
    Column("finished_at", UtcMillis),
    UniqueConstraint("tenant_id", "idempotency_key"),
)
Index("ix_jobs_list", jobs.c.tenant_id, jobs.c.created_at, jobs.c.id)
_about = jobs.c.subject != ""
index_part("ix_jobs_subject", _about, jobs.c.tenant_id, jobs.c.subject, jobs.c.created_at, jobs.c.id)
# Only active jobs have a timer: finished ones leave this index and never slow the reconciler or the counts.
_active = jobs.c.due_at.is_not(None)
index_part("ix_jobs_timer", _active, jobs.c.due_at, jobs.c.type, jobs.c.state)
_finished = jobs.c.finished_at.is_not(None)
index_part("ix_jobs_finished", _finished, jobs.c.finished_at, jobs.c.type, jobs.c.state)

job_progress = Table(
    "job_progress",
    metadata,
    Column("job_id", Key, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("step", Text, nullable=False),
    Column("step_index", Integer, nullable=False),
    Column("step_count", Integer, nullable=False),
    Column("percent", Float, nullable=False),
    Column("remaining_seconds", Float),
    Column("updated_at", UtcMillis, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("queue", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("grp", Key, nullable=False),
    Column("attributes", JsonText, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),
    # When it was first meant to go out; due_at moves with leases and retries.
    Column("ready_at", UtcMillis, nullable=False),
    Column("due_at", UtcMillis, nullable=False),
    # Its place in the line of what is due (see `turns.py`); NULL while scheduled or leased by a relay.
    Column("turn", BigInteger),
    # A number is never given twice: a stale relay cannot remove somebody else's row.
    sqlite_autoincrement=True,
    postgresql_with=_BUSY,
)
_in_line, _scheduled = outbox.c.turn.is_not(None), outbox.c.turn.is_(None)
index_part("ix_outbox_turn", _in_line, outbox.c.turn, outbox.c.id)
index_part("ix_outbox_group", text(IN_GROUP), outbox.c.queue, outbox.c.grp, outbox.c.turn)
index_part("ix_outbox_due", _scheduled, outbox.c.due_at, outbox.c.id)

queues = Table(
    "queues",
    metadata,
    Column("name", Key, primary_key=True),
    # Empty for a queue that is itself a dead-letter queue.
    Column("dead_letter", Key, nullable=False),
    Column("visibility_seconds", Integer, nullable=False),
    Column("max_receives", Integer, nullable=False),
    Column("retention_days", Integer, nullable=False),
    Column("long_poll_seconds", Integer, nullable=False),
)

queue_messages = Table(
    "queue_messages",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("queue", Key, nullable=False),
    # The fairness group: the tenant.
    Column("grp", Key, nullable=False),
    Column("body", Text, nullable=False),
    Column("attributes", JsonText, nullable=False),
    Column("visible_at", UtcMillis, nullable=False),
    Column("receive_count", Integer, nullable=False),
    # Grows with every receive and move, never starts afresh: (id, receipt) names one delivery for ever.
    Column("receipt", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sent_at", UtcMillis, nullable=False),
    # Its place in the line of what is visible (see `turns.py`); NULL while delayed or in flight.
    Column("turn", BigInteger),
    sqlite_autoincrement=True,
    postgresql_with=_BUSY,
)
_visible, _hidden = queue_messages.c.turn.is_not(None), queue_messages.c.turn.is_(None)
index_part(
    "ix_queue_messages_turn", _visible, queue_messages.c.queue, queue_messages.c.turn, queue_messages.c.id
)
index_part(
    "ix_queue_messages_group",
    text(IN_GROUP),
    queue_messages.c.queue,
    queue_messages.c.grp,
    queue_messages.c.turn,
)
index_part(
    "ix_queue_messages_hidden",
    _hidden,
    queue_messages.c.queue,
    queue_messages.c.visible_at,
    queue_messages.c.id,
)

# Where the lines of the queues begin, and that of the outbox, whose name is empty: see `turns.py`.
lines = Table(
    "lines",
    metadata,
    Column("name", Key, primary_key=True),
    Column("round", BigInteger, nullable=False),
)

# Milliseconds since 1970 with a fraction: intervals can be shorter than one.
rate_buckets = Table(
    "rate_buckets",
    metadata,
    Column("name", Key, primary_key=True),
    # When the bucket will be full again: the "theoretical arrival time" of GCRA.
    Column("full_at", UtcFine, nullable=False),
)

rate_lines = Table(
    "rate_lines",
    metadata,
    Column("name", Key, primary_key=True),
    Column("tenant_id", Key, primary_key=True),
    # The latest moment at which a job of this academy, refused by the bucket, was told to come back.
    Column("last_at", UtcFine, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("name", Key, primary_key=True),
    Column("queues", JsonText, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("running", Integer, nullable=False),
    Column("draining", Boolean, nullable=False),
    Column("started_at", UtcMillis, nullable=False),
    Column("seen_at", UtcMillis, nullable=False),
)

tenants = Table(
    "tenants",
    metadata,
    Column("id", Key, primary_key=True),
    Column("code", Key, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
)

# The columns stand in the order of the fields of domain.video.video.Video. The tenant is part of the key: an older
# producer's id in one academy neither blocks nor reveals the same id in another.
videos = Table(
    "videos",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, primary_key=True),
    Column("title", Text, nullable=False),
    Column("state", Choice(VideoState), nullable=False),
    Column("file_key", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("upload_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("encrypted", Boolean, nullable=False),
    Column("duration", Float, nullable=False),
    Column("rungs", JsonText, nullable=False),
    Column("access_mode", Choice(AccessMode), nullable=False),
    Column("failure", FailureText),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)
Index("ix_videos_list", videos.c.tenant_id, videos.c.created_at, videos.c.id)
_uploading = videos.c.state == VideoState.PENDING
index_part("ix_videos_uploading", _uploading, videos.c.created_at)

playback_sessions = Table(
    "playback_sessions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("video_id", Key, nullable=False),
    Column("viewer", Key, nullable=False),
    Column("mode", Text, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("last_beat_at", UtcMillis),
    Index(None, "tenant_id", "video_id"),
)

watched = Table(
    "watched",
    metadata,
    Column("tenant_id", Key, primary_key=True),
    Column("video_id", Key, primary_key=True),
    Column("viewer", Key, primary_key=True),
    Column("spans", JsonText, nullable=False),
    Column("furthest", Float, nullable=False),
    Column("completed", Boolean, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("tenant_id", Key, primary_key=True),
    Column("key", Key, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
)
Index("ix_idempotency_keys_created_at", idempotency_keys.c.created_at)
