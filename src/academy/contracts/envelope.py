"""The envelope of every message of ours (CON-1)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints

from academy.contracts.base import Contract

__all__ = ["Envelope", "JobKey", "OpaqueId", "TypeName"]

OpaqueId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
JobKey = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")]
TypeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=100)]


class Envelope(Contract):
    """A message that announces one job.

    The same envelope may be delivered more than once and in any order; `id` makes that harmless.
    """

    v: Literal[1] = Field(1, description="Version of the envelope.")
    id: OpaqueId = Field(
        description="Id of the job; the same for every delivery. UUIDv7 when made by this system."
    )
    type: TypeName = Field(
        description="Job type, for example `video.transcode`; decides the payload's schema."
    )
    tenant_id: OpaqueId = Field(description="The academy that owns the job and everything it touches.")
    payload: dict[str, JsonValue] = Field(description="Input of the job; see the schema of its type.")
    created_at: Annotated[AwareDatetime, Field(strict=False)] = Field(
        description="When the job was asked for: RFC 3339 with an offset."
    )
    idempotency_key: JobKey = Field(
        description="Unique per tenant: a second job with the same key is the first one."
    )
    trace: str | None = Field(None, max_length=200, description="W3C traceparent of the request.")
    reply_to: str = Field("", max_length=100, description="Queue that gets the result; empty: none is sent.")

    def to_json(self) -> str:
        """Return the JSON text that goes on the queue."""
        return self.model_dump_json()
