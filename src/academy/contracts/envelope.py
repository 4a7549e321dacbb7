"""The envelope of every message of ours (CON-1)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, JsonValue, StringConstraints

from academy.contracts.base import Contract
from academy.contracts.times import is_rfc_3339

__all__ = ["Envelope", "JobKey", "OpaqueId", "TypeName"]


def _whole_number(value: object) -> object:
    """Refuse True and 1.0, which equal 1 in Python and in no other language."""
    if type(value) is not int:
        raise ValueError("Input should be a whole number")
    return value


def _timestamp(value: object) -> object:
    """Refuse numbers: seconds since 1970 may be taken for milliseconds, the written form cannot."""
    if isinstance(value, int | float) or (isinstance(value, str) and not is_rfc_3339(value)):
        raise ValueError("Input should be a time as RFC 3339 writes it, with an offset")
    return value


OpaqueId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
JobKey = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")]
TypeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=100)]


class Envelope(Contract):
    """A message that announces one job.

    The same envelope may be delivered more than once and in any order; `id` makes that harmless.
    """

    v: Annotated[Literal[1], BeforeValidator(_whole_number)] = Field(description="Version of the envelope.")
    id: OpaqueId = Field(
        description="Id of the job; the same for every delivery. UUIDv7 when made by this system."
    )
    type: TypeName = Field(
        description="Job type, for example `video.transcode`; decides the payload's schema."
    )
    tenant_id: OpaqueId = Field(description="The academy that owns the job and everything it touches.")
    payload: dict[str, JsonValue] = Field(description="Input of the job; see the schema of its type.")
    created_at: Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_timestamp)] = Field(
        description="When the job was asked for: RFC 3339 with an offset."
    )
    idempotency_key: JobKey = Field(
        description="Unique per tenant: a second job with the same key is the first one."
    )
    trace: str | None = Field(None, max_length=200, description="W3C traceparent of the request.")
    reply_to: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_.-]{0,80}$",
        description="Queue that gets the result; empty: none is sent.",
    )

    def to_json(self) -> str:
        """Return the JSON text that goes on the queue."""
        return self.model_dump_json()
