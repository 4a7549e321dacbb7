"""What may arrive on a job queue: our envelope, or a format of the producers that exist today (CON-2)."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
)

from academy.contracts.base import InvalidMessage, LenientContract, explain
from academy.contracts.envelope import Envelope, TypeName
from academy.contracts.incoming_fields import (
    PRINTABLE,
    FileKey,
    Incoming,
    LooseId,
    OptionalId,
    OptionalKey,
    as_text,
    none_as_empty,
    short_enough,
)
from academy.contracts.strict_json import read_object
from academy.contracts.video import OWN_KEY, OWN_PREFIX

__all__ = [
    "Incoming",
    "LegacyAiJob",
    "LegacyMessage",
    "LegacyVideoDelete",
    "LegacyVideoJob",
    "is_graph_request",
    "parse_incoming",
]

_MOST_FIELDS = 100
"""No format has more; a model that refuses unknown fields would write a complaint about each."""
_TASK_NAME = re.compile(r"[A-Z][A-Z_]{1,60}")
_TASK_FIELDS = frozenset({"taskType", "task_type", "taskId", "task_id"})
"""Fields that a request for a graph has and no other format."""


_Short = Annotated[str, StringConstraints(max_length=1000)]
_Phone = Annotated[str, StringConstraints(min_length=1, max_length=40)]
_Number = Annotated[str, StringConstraints(max_length=40, pattern=PRINTABLE)]
_Sender = Annotated[
    _Number,
    BeforeValidator(none_as_empty),
    BeforeValidator(as_text, json_schema_input_type=_Number | int | None),
]


class LegacyVideoJob(LenientContract):
    """`{video_id, file_key, tenant_id?, tenant_code, created_at, attempt}` on the video queue."""

    video_id: LooseId = Field(description="Number or text; leading zeros of a text are kept.")
    file_key: FileKey = Field(description=f"Key of the uploaded source in the video bucket. {OWN_KEY}")
    tenant_id: OptionalId = Field(None, description="The academy's id; wins over `tenant_code`.")
    tenant_code: OptionalId = Field(None, description="The academy's short name.")
    created_at: JsonValue = Field(None, description="Taken in any form and not used.")
    attempt: JsonValue = Field(None, description="Taken in any form and not used: attempts are counted here.")

    def incoming(self) -> Incoming:
        """Return this as a `video.transcode` job keyed by video and file."""
        key = short_enough(f"video:{self.video_id}:", self.file_key)
        payload = {"video_id": self.video_id, "file_key": self.file_key}
        return _legacy("video.transcode", key, self.tenant_id, self.tenant_code, payload)


class LegacyVideoDelete(LenientContract):
    """`{action:"delete_r2", tenant_id, video_id, file_key, hls_prefix, created_at}` on the video queue."""

    action: Literal["delete_r2"]
    video_id: LooseId = Field(description="Number or text; leading zeros of a text are kept.")
    file_key: OptionalKey = Field("", description=f"Source to remove. {OWN_KEY}")
    hls_prefix: OptionalKey = Field(
        "",
        validation_alias=AliasChoices("hls_prefix", "hlsPrefix"),
        description=f"Published stream to remove. {OWN_PREFIX}",
    )
    tenant_id: OptionalId = Field(None, description="The academy's id; wins over `tenant_code`.")
    tenant_code: OptionalId = Field(None, description="The academy's short name.")
    created_at: JsonValue = Field(None, description="Taken in any form and not used.")

    def incoming(self) -> Incoming:
        """Return this as a `video.purge` job."""
        payload = {"video_id": self.video_id, "file_key": self.file_key, "hls_prefix": self.hls_prefix}
        return _legacy(
            "video.purge", f"video-purge:{self.video_id}", self.tenant_id, self.tenant_code, payload
        )


class LegacyVariable(LenientContract):
    """One variable of an AlimTalk template: `{key, value}`."""

    key: str = Field(min_length=1, max_length=40, description="With or without `#{…}` around it.")
    value: Annotated[_Short, BeforeValidator(as_text, json_schema_input_type=_Short | int)]


class LegacyMessage(LenientContract):
    """`{tenant_id, to, text, sender?, reservation_id?, use_alimtalk_first?, alimtalk_replacements?, template_id?, created_at}` on the messaging queue."""

    tenant_id: OptionalId = Field(None, description="The academy's id.")
    to: Annotated[_Phone, BeforeValidator(as_text, json_schema_input_type=_Phone | int)] = Field(
        description="A Korean mobile number, however it is written."
    )
    text: str = Field(max_length=4000)
    sender: _Sender = Field("", description="Must be the academy's registered number; empty: that number.")
    reservation_id: OptionalId = Field(
        None, description="The same text of one reservation goes to the same number once."
    )
    use_alimtalk_first: bool | None = Field(None, description="AlimTalk, with SMS or LMS as second try.")
    alimtalk_replacements: tuple[LegacyVariable, ...] | None = Field(None, max_length=50)
    template_id: OptionalId = Field(None, description="The academy's template.")
    created_at: JsonValue = Field(None, description="Taken in any form and not used.")

    def incoming(self) -> Incoming:
        """Return this as a `message.direct` job.

        Its key is the reservation with who reads what: one reservation concerns both parents, and changes later. Without a
        reservation it is the broker's id of the message.
        """
        payload: dict[str, Any] = {
            "to": self.to,
            "text": self.text,
            "sender": self.sender,
            "use_alimtalk_first": bool(self.use_alimtalk_first),
            "variables": [
                {"key": each.key.strip().removeprefix("#{").removesuffix("}").strip(), "value": each.value}
                for each in self.alimtalk_replacements or ()
            ],
            "template_id": self.template_id or "",
        }
        read = json.dumps(
            [_digits(self.to), *(payload[name] for name in ("text", "template_id", "variables"))]
        )
        digest = hashlib.sha256(read.encode()).hexdigest()[:32]
        key = f"message-reservation:{self.reservation_id}:{digest}" if self.reservation_id else ""
        return _legacy("message.direct", key, self.tenant_id, None, payload)


class LegacyAiJob(LenientContract):
    """`{job_id, job_type, tier, payload, tenant_id?, source_domain?, source_id?, created_at, attempt}` on a queue of the AI worker."""

    job_id: LooseId = Field(description="The producer's own id; the same one is done once.")
    job_type: TypeName = Field(description="As our own messages name it.")
    tier: OptionalId = Field(
        None, description="lite, basic or premium, as the job type allows; empty: as the queue says."
    )
    payload: dict[str, JsonValue] = Field(description="As our own messages have it for this job type.")
    tenant_id: OptionalId = Field(None, description="The academy's id; empty: the setting of the queue.")
    source_domain: JsonValue = Field(None, description="Taken in any form and not used.")
    source_id: JsonValue = Field(None, description="Taken in any form and not used.")
    created_at: JsonValue = Field(None, description="Taken in any form and not used.")
    attempt: JsonValue = Field(None, description="Taken in any form and not used: attempts are counted here.")

    def incoming(self) -> Incoming:
        """Return this as a job of its type, keyed by the producer's id."""
        found = _legacy(self.job_type, short_enough("ai:", self.job_id), self.tenant_id, None, self.payload)
        return replace(found, tier=(self.tier or "").lower())


def _digits(phone: str) -> str:
    """Return a number so that two ways of writing it are one; whether it is one at all is judged later."""
    digits = "".join(letter for letter in phone if letter.isdecimal())
    return "0" + digits.removeprefix("82").lstrip("0") if digits.startswith("82") else digits


def _legacy(
    job_type: str, key: str, tenant_id: str | None, tenant_code: str | None, payload: dict[str, Any]
) -> Incoming:
    return Incoming("", job_type, tenant_id or "", tenant_code or "", payload, key, "", "", legacy=True)


def _read_legacy(data: dict[str, Any]) -> Incoming:
    action = data.get("action")
    if action == "delete_r2":
        return LegacyVideoDelete.model_validate(data).incoming()
    if action not in (None, ""):
        raise InvalidMessage('an action other than "delete_r2"')
    if "video_id" in data and "file_key" in data:
        return LegacyVideoJob.model_validate(data).incoming()
    if "to" in data and "text" in data:
        return LegacyMessage.model_validate(data).incoming()
    raise InvalidMessage("neither an envelope ({v, id, type, …}) nor a known older format")


def is_graph_request(data: Mapping[str, Any]) -> bool:
    """Return whether a message is meant to be a request for a graph, though it may be wrong in every other way."""
    if "v" in data:
        return False
    return not _TASK_FIELDS.isdisjoint(data) or bool(
        isinstance(name := data.get("type"), str) and _TASK_NAME.fullmatch(name)
    )


def _read_graph_request(data: dict[str, Any]) -> Incoming:
    # A worker of another queue does without the models of graphs: they are a tenth of what its start costs.
    from academy.contracts.graph_wire import GraphRequest  # noqa: PLC0415

    return GraphRequest.read(data)


def parse_incoming(body: str) -> Incoming:
    """Understand the text of a message, or raise InvalidMessage with a reason fit for the dead-letter queue."""
    data = read_object(body)
    if len(data) > _MOST_FIELDS:
        raise InvalidMessage(f"more than {_MOST_FIELDS} fields, where no known format has so many")
    try:
        if "v" not in data and "job_id" in data and "job_type" in data:
            return LegacyAiJob.model_validate(data).incoming()
        if is_graph_request(data):
            return _read_graph_request(data)
        if "payload" in data and "v" not in data and "type" not in data:
            raise InvalidMessage(
                "neither taskType (a request for a graph) nor v, id and type (an envelope) stand beside payload",
                korean="payload 옆에 taskType(그래프 요청)도 v, id, type(봉투)도 없습니다.",
            )
        if "v" in data or "payload" in data:
            return _from_envelope(Envelope.model_validate(data))
        return _read_legacy(data)
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
