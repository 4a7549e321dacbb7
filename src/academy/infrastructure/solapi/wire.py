"""Between our messages and Solapi's.

Sources: https://docs.solapi.com/api-reference/messages/groups/ (addgroupmessages, getgroupmessagelist, getmessagegroupinfo) and
https://docs.solapi.com/api-reference/message-status-codes. By which way a message went follows from two fields of the lists: `type` and
`replacement`, "whether it was sent in place of another" (https://docs.solapi.com/api-reference/messages/getmessagelist). The pages do not
say whether the type of a replaced AlimTalk is that of the text which went in its place, so both are understood; and Solapi's own client
(https://github.com/solapi/solapi-nodejs, storedMessage) takes 0 and 1 for false and true. An AlimTalk that may have been replaced and
does not say it went by a way that is not known.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from academy.application.ports.message_provider import (
    Carried,
    CarriedState,
    OutgoingText,
    ProviderUnavailable,
)
from academy.domain.messaging.channel import Channel
from academy.domain.messaging.text import TextRefused, channel_of
from academy.infrastructure.solapi.errors import status_failure

__all__ = ["Entry", "GroupState", "added", "bodies", "entries_of"]

REQUEST_BYTES = 14_000_000
"""One request carries 15 MB at most (addgroupmessages)."""
_ID = "id"
_TYPES = {Channel.SMS: "SMS", Channel.LMS: "LMS", Channel.ALIMTALK: "ATA"}
_CHANNELS = {name: channel for channel, name in _TYPES.items()}
_STATUS = re.compile(r"[1-4]\d{3}")
_ON_THE_WAY = frozenset({"2000", "3000"})
_RECEIVED = "4000"
_GONE_OUT = frozenset({"SENDING", "COMPLETE"})


@dataclass(frozen=True, slots=True)
class GroupState:
    """What stands of a group as a whole.

    Attributes:
        sent: whether it was sent, also when it was deleted since.
        deleted, failed, complete: Solapi's status of it.
        accepted: how many of its messages go out with it, None when Solapi does not say.
    """

    sent: bool
    deleted: bool
    failed: bool
    complete: bool
    accepted: int | None

    @classmethod
    def read(cls, name: str, answer: Mapping[str, Any]) -> Self:
        """Return the state that an answer tells. Raises ProviderUnavailable for one that tells none."""
        status, date_sent = answer.get("status"), answer.get("dateSent")
        if not isinstance(status, str) or not status or not (date_sent is None or isinstance(date_sent, str)):
            raise ProviderUnavailable(f"Solapi {name}: an answer without the group's state")
        count = answer.get("count")
        accepted = count.get("registeredSuccess") if isinstance(count, dict) else None
        return cls(
            # A group that was deleted after it was sent says DELETED; only its date tells that it went out.
            sent=bool(date_sent) or status in _GONE_OUT,
            deleted=status == "DELETED",
            failed=status == "FAILED",
            complete=status == "COMPLETE",
            accepted=accepted if isinstance(accepted, int) and not isinstance(accepted, bool) else None,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as a list of Solapi's shows it.

    Attributes:
        id: ours.
        code: Solapi's status; "" for one that is none of its codes.
        type: "SMS", "LMS", "ATA"; "" for another.
        replaced: whether it went as SMS or LMS in place of AlimTalk; None when Solapi does not say it.
        replaceable: whether it may still do so.
    """

    id: str
    provider_id: str
    code: str
    type: str
    text: str
    replaced: bool | None
    replaceable: bool

    @property
    def accepted(self) -> bool:
        """Return whether it goes out with its group, or went."""
        return not self.code.startswith("1")

    def carried(self, *, complete: bool) -> Carried:
        """Return what became of it; `complete` says that Solapi has nothing left to do for its group."""
        if self.code == _RECEIVED:
            return Carried(CarriedState.DELIVERED, self.provider_id, self._way())
        open_still = self.replaceable and not self.replaced and not complete
        if self.code in _ON_THE_WAY or not self.code or (self.code[0] == "3" and open_still):
            return Carried(CarriedState.TAKEN, self.provider_id, None if open_still else self._way())
        failure = status_failure(self.code)
        if self.code[0] == "3":
            return Carried(CarriedState.UNDELIVERED, self.provider_id, self._way(), failure)
        return Carried(CarriedState.REFUSED, self.provider_id, None, failure)

    def _way(self) -> Channel | None:
        channel = _CHANNELS.get(self.type)
        if channel is not Channel.ALIMTALK:
            return channel
        if self.replaceable and self.replaced is None:
            return None
        if self.replaced:
            try:
                return channel_of(self.text)
            except TextRefused:
                return None
        return channel


def bodies(messages: Sequence[OutgoingText]) -> list[bytes]:
    """Return the bodies of the requests that put messages into a group."""
    found: list[bytes] = []
    pieces: list[bytes] = []
    size = 0
    for piece in (json.dumps(_outgoing(one), ensure_ascii=False).encode() for one in messages):
        if pieces and size + len(piece) > REQUEST_BYTES:
            found.append(_joined(pieces))
            pieces, size = [], 0
        pieces.append(piece)
        size += len(piece) + 1
    return [*found, _joined(pieces)] if pieces else found


def _joined(pieces: list[bytes]) -> bytes:
    return b'{"messages":[' + b",".join(pieces) + b"]}"


def _outgoing(message: OutgoingText) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "to": message.to,
        "from": message.sender,
        "text": message.text,
        "type": _TYPES[message.channel],
        "autoTypeDetect": False,
        "customFields": {_ID: message.id},
    }
    # Solapi refuses a subject with anything but an LMS (1013).
    if message.subject and message.channel is Channel.LMS:
        sent["subject"] = message.subject
    if message.channel is Channel.ALIMTALK:
        sent["kakaoOptions"] = {
            "pfId": message.kakao_channel,
            "templateId": message.kakao_template_id,
            "disableSms": not message.fallback,
        }
    return sent


def added(answer: Mapping[str, Any]) -> dict[str, Carried]:
    """Return what was said of the messages of one request, by our id; those without our id or a known status are left out.

    Raises ProviderUnavailable for an answer that has no results.
    """
    results = answer.get("resultList")
    if not isinstance(results, list):
        raise ProviderUnavailable("Solapi add: an answer without results")
    entries = [entry for entry in map(_entry, results) if entry is not None and entry.code]
    return {entry.id: entry.carried(complete=False) for entry in entries}


def entries_of(answer: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield the messages of one page that are ours. Raises ProviderUnavailable for an answer that is no page."""
    listed = answer.get("messageList")
    if not isinstance(listed, dict):
        raise ProviderUnavailable("Solapi list: an answer without messages")
    for one in listed.values():
        entry = _entry(one)
        if entry is not None:
            yield entry


def _entry(said: object) -> Entry | None:
    fields = said.get("customFields") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(fields, dict) or not isinstance(fields.get(_ID), str):
        return None
    options = said.get("kakaoOptions")
    kind, code = _text(said, "type"), _text(said, "statusCode")
    without = isinstance(options, dict) and options.get("disableSms") is True
    return Entry(
        id=fields[_ID],
        provider_id=_text(said, "messageId"),
        code=code if _STATUS.fullmatch(code) else "",
        type=kind,
        text=_text(said, "text"),
        replaced=_flag(said.get("replacement")),
        replaceable=kind == _TYPES[Channel.ALIMTALK] and not without,
    )


def _flag(value: object) -> bool | None:
    """Return a flag that is written as true or false, 1 or 0; None for anything else."""
    return bool(value) if isinstance(value, int) and value in {0, 1} else None


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
