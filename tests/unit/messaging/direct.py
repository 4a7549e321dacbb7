"""Messages that other systems ask for."""

from tests.unit.messaging.post import TENANT, Post

from academy.application.jobs.submit import submit
from academy.application.messaging.names import DIRECT
from academy.application.ports.messaging import MessageFilter
from academy.contracts.messaging import DirectMessage
from academy.domain.messaging.message import Message


def direct(post: Post, job_id: str = "d1", **changes: object) -> str:
    """Record a job as a message from another system brings it, and return its id."""
    payload = DirectMessage.model_validate({"to": "010-1234-5678", "text": "결석", **changes})
    post.plain.run_sync(
        lambda tx: submit(
            tx,
            post.types,
            job_id=job_id,
            tenant_id=TENANT,
            type_name=DIRECT,
            payload=payload,
            idempotency_key=job_id,
        )
    )
    return job_id


def logged(post: Post) -> list[Message]:
    """Return every message of the academy, newest first."""
    page = post.plain.read_sync(lambda tx: tx.messages.list(TENANT, MessageFilter(), "", 1000))
    return list(page.items)
