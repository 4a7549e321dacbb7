"""What may arrive on a job queue: our envelope, or a format of the producers that exist today (CON-2)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, ValidationError

from academy.contracts.base import InvalidMessage, LenientContract, explain
from academy.contracts.envelope import Envelope

__all__ = ["Incoming", "LegacyVideoDelete", "LegacyVideoJob", "parse_incoming"]


def _as_text(value: object) -> object:
    """Older producers send ids as numbers or text; a number becomes text, text keeps its leading zeros."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


LooseId = Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message in our words.

    Attributes:
        tenant_id: owner; "" when the message names none, then `tenant_code` or the queue's setting decides.
        tenant_code: the academy's short name in older formats, else "".
        legacy: whether an older producer sent it.
    """

    id: str
    type: str
    tenant_id: str
    tenant_code: str
    payload: Mapping[str, Any]
    idempotency_key: str
    trace: str
    reply_to: str
    legacy: bool


class LegacyVideoJob(LenientContract):
    """`{video_id, file_key, tenant_id?, tenant_code, created_at, attempt}` on the video queue."""

    video_id: LooseId
    file_key: str = Field(min_length=1, max_length=1024)
    tenant_id: LooseId | None = None
    tenant_code: str | None = None
    created_at: str | float | int | None = None
    attempt: int = 1

    def incoming(self) -> Incoming:
        """Return this as a `video.transcode` job keyed by video and file."""
        key = f"video:{self.video_id}:{self.file_key}"
        payload = {"video_id": str(self.video_id), "file_key": self.file_key}
        return _legacy("video.transcode", key, self.tenant_id, self.tenant_code, payload)


class LegacyVideoDelete(LenientContract):
    """`{action:"delete_r2", tenant_id, video_id, file_key, hls_prefix, created_at}` on the video queue."""

    action: Literal["delete_r2"]
    video_id: LooseId
    file_key: str = ""
    hls_prefix: str = Field("", validation_alias=AliasChoices("hls_prefix", "hlsPrefix"))
    tenant_id: LooseId | None = None
    tenant_code: str | None = None

    def incoming(self) -> Incoming:
        """Return this as a `video.purge` job."""
        payload = {"video_id": str(self.video_id), "file_key": self.file_key, "hls_prefix": self.hls_prefix}
        return _legacy(
            "video.purge", f"video-purge:{self.video_id}", self.tenant_id, self.tenant_code, payload
        )


def _legacy(
    job_type: str, key: str, tenant_id: str | None, tenant_code: str | None, payload: dict[str, Any]
) -> Incoming:
    return Incoming("", job_type, tenant_id or "", tenant_code or "", payload, key, "", "", legacy=True)


def _detect(data: dict[str, Any]) -> type[LegacyVideoJob] | type[LegacyVideoDelete] | None:
    if data.get("action") == "delete_r2":
        return LegacyVideoDelete
    if "video_id" in data and "file_key" in data:
        return LegacyVideoJob
    return None


def parse_incoming(body: str) -> Incoming:
    """Understand the text of a message, or raise InvalidMessage with a reason fit for the dead-letter queue."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidMessage(f"not JSON: {type(error).__name__}") from None
    if not isinstance(data, dict):
        raise InvalidMessage("not a JSON object")
    try:
        if "v" in data or "payload" in data:
            return _from_envelope(Envelope.model_validate_json(body))
        legacy = _detect(data)
        if legacy is None:
            raise InvalidMessage("neither an envelope ({v, id, type, …}) nor a known older format")
        return legacy.model_validate(data).incoming()
    except ValidationError as error:
        raise InvalidMessage(explain(error)) from None


def _from_envelope(envelope: Envelope) -> Incoming:
    return Incoming(
        envelope.id,
        envelope.type,
        envelope.tenant_id,
        "",
        envelope.payload,
        envelope.idempotency_key,
        envelope.trace or "",
        envelope.reply_to,
        legacy=False,
    )
