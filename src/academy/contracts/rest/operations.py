"""Health and queues, for operators."""

from typing import Literal

from pydantic import Field

from academy.contracts.rest.common import RestResponse

__all__ = ["Health", "QueueList", "QueueView", "Readiness"]


class Health(RestResponse):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class Readiness(RestResponse):
    """Whether everything that requests need can be reached."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, Literal["ok", "unavailable"]]


class QueueView(RestResponse):
    """Counts of one queue; approximate on SQS."""

    name: str
    exists: bool = Field(
        description="False before `academy queues create` made it and its dead-letter queue."
    )
    visible: int = Field(description="Ready to be received.")
    in_flight: int = Field(description="Received and not acked.")
    delayed: int = Field(description="Not visible yet.")
    oldest_seconds: float | None = Field(description="Age of the oldest message; null if none or not known.")
    dead: int = Field(description="Messages in its dead-letter queue.")


class QueueList(RestResponse):
    """Every queue."""

    items: list[QueueView]
