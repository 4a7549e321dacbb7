"""What an operator does about an adapter or a tool that does not work."""

from academy.bootstrap.settings import Messages, Objects, ProgressBackend, Queues, Settings, Vectors

__all__ = [
    "AI_REMEDY",
    "GRAPH_REMEDY",
    "MEDIA_REMEDY",
    "RECONCILER_REMEDY",
    "RECONCILER_STUCK_REMEDY",
    "RELAY_REMEDY",
    "RELAY_STUCK_REMEDY",
    "graph_remedies",
    "remedies",
    "worker_remedy",
]

MEDIA_REMEDY = "Install the extra worker-video, or name the programs in ACADEMY_FFMPEG and ACADEMY_FFPROBE."
AI_REMEDY = "Install the extra worker-ai."
GRAPH_REMEDY = "Install the extra worker-graph."
MODEL_REMEDY = (
    "See that {name} and the model and key beside it are right and that this machine reaches that address."
)
_START = "Start one: `academy worker {name}`, or everything at once on one machine: `academy up`."
RELAY_REMEDY = _START.format(name="outbox_relay")
RECONCILER_REMEDY = _START.format(name="reconciler")
RECONCILER_STUCK_REMEDY = "Look for reconcile_failed in the reconciler's log."
RELAY_STUCK_REMEDY = (
    "Look for publish_failed and relay_failed in the relay's log: the broker does not take what it publishes."
)


def worker_remedy(settings: Settings, queue: str) -> str:
    """Return how a worker of a queue is started, "" for a queue that no worker of ours serves."""
    names = {
        settings.queue_video: "video",
        settings.queue_ai_lite: "ai",
        settings.queue_ai_basic: "ai",
        settings.queue_ai_premium: "ai_gpu",
        settings.queue_messaging: "messaging",
        settings.queue_graph_requests: "graph",
    }
    return _START.format(name=names[queue]) if queue in names else ""


def remedies(settings: Settings) -> dict[str, str]:
    """Return the remedy by what `check_backends` and the doctor call it, naming the variables."""
    return {
        "database": _database(settings),
        "queue": _queue(settings),
        "objects": _objects(settings, "R2_VIDEO_BUCKET"),
        "documents": _objects(settings, "R2_AI_BUCKET"),
        "progress": _progress(settings),
        "provider": _provider(settings),
        "ffmpeg": MEDIA_REMEDY,
        "libraries": AI_REMEDY,
    }


def graph_remedies(settings: Settings) -> dict[str, str]:
    """Return the remedies of what the graph worker asks, by what its check and the doctor call it."""
    models = ("ACADEMY_LLM_URL", "ACADEMY_EMBEDDING_URL")
    return {
        **remedies(settings),
        "libraries": GRAPH_REMEDY,
        "vectors": _vectors(settings),
        **{name: MODEL_REMEDY.format(name=name) for name in models},
    }


def _database(settings: Settings) -> str:
    if settings.database.startswith("sqlite"):
        return f"Run `academy migrate`; the folder {settings.data_dir} (ACADEMY_DATA_DIR) must be writable."
    return "Run `academy migrate`, or see that PostgreSQL runs and ACADEMY_DATABASE_URL is right."


def _queue(settings: Settings) -> str:
    if settings.queue_backend is Queues.SQS:
        names = "ACADEMY_AWS_REGION, ACADEMY_SQS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return f"See that {names} are right."
    return "Fix the database first: the queues are tables in it."


def _objects(settings: Settings, bucket: str) -> str:
    if settings.objects_backend is Objects.S3:
        return f"See that R2_ENDPOINT_URL, {bucket}, R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY are right and may write."
    return f"The folder {settings.objects_dir} (below ACADEMY_DATA_DIR) must be writable."


def _progress(settings: Settings) -> str:
    if settings.progress_backend is ProgressBackend.REDIS:
        return "See that Redis runs and ACADEMY_REDIS_URL is right."
    return "Fix the database first: progress is kept in it."


def _vectors(settings: Settings) -> str:
    if settings.vectors_backend is Vectors.PGVECTOR:
        return (
            "See that PostgreSQL runs, has the extension `vector` (pgvector) and lets our user make a schema."
        )
    return (
        f"The folder {settings.vectors_dir} (below ACADEMY_DATA_DIR) must be writable, and one process at a time owns it: for several graph "
        "workers set ACADEMY_VECTORS_BACKEND=pgvector."
    )


def _provider(settings: Settings) -> str:
    if settings.message_provider is Messages.SOLAPI:
        return (
            "See that ACADEMY_SOLAPI_API_KEY, ACADEMY_SOLAPI_API_SECRET and ACADEMY_SOLAPI_URL are right, that this machine reaches that "
            "address, and that the account there has money."
        )
    return f"The folder {settings.data_dir / 'messages'} (below ACADEMY_DATA_DIR) must be writable."
