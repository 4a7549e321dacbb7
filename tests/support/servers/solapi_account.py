"""The account behind the local Solapi server: groups, messages, money, phones.

Sources, read without a look at our adapter: https://docs.solapi.com/api-reference/messages/groups/ (createmessagegroup, addgroupmessages,
sendgroupmessage, deletemessagegroup, getmessagegroupinfo, getgroupmessagelist), https://docs.solapi.com/api-reference/message-status-codes,
https://docs.solapi.com/api-reference/cash/getbalance, https://docs.solapi.com/api-reference/overview (errorCode, errorMessage).
https://docs.solapi.com/api-reference/messages/getmessagelist (replacement: whether it was sent in place of another).
The pages leave open, so these are assumptions: status and name of the errors ResourceNotFound (404), GroupAlreadySent, GroupDeleted,
NotEnoughBalance and DailyQuotaExceeded (400), and that a page holds 500 messages at most. They
leave open as well what `type` says of a replaced message: `replaced_keep_type`.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.support.servers.solapi_rules import PRICES, fields_fit, kind_by_length, status_of

__all__ = ["Account", "Group", "Held", "Out", "Refusal"]

MOST_IN_REQUEST = 10_000
MOST_IN_GROUP = 1_000_000
_MEANINGS = {"2000": "정상 접수(이통사로 접수 예정) "}


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Out:
    """A text that went out to a phone, and by which way."""

    to: str
    text: str
    id: str
    type: str


@dataclass(slots=True)
class Held:
    """A message in a group: as it was handed over, and the status it got then."""

    message_id: str
    said: Mapping[str, Any]
    code: str

    @property
    def accepted(self) -> bool:
        return self.code == "2000"


@dataclass(slots=True)
class Group:
    id: str
    custom_fields: Mapping[str, Any]
    allow_duplicates: bool
    created: str
    messages: dict[str, Held] = field(default_factory=dict)
    recipients: set[str] = field(default_factory=set)
    date_sent: str | None = None
    sent_at: float = 0.0
    deleted: bool = False


@dataclass(slots=True)
class Account:
    """Everything may be changed at any time.

    Attributes:
        balance, point: won; points are taken first.
        senders: registered numbers.
        channels: KakaoTalk channels (pfId) and their approved templates.
        refused: numbers that are refused when they are handed over, with the status ("1060").
        undeliverable: numbers that cannot be reached, with the status ("3042").
        without_kakao: numbers that AlimTalk cannot reach (3104).
        report_after: seconds from sending to the carrier's report; half of it the messages are accepted only (2000), then 3000.
        quota_left: messages that may be sent today, None for any number.
        forgets_deleted: whether a deleted group is unknown from then on (404) in place of being shown as DELETED.
        replaced_keep_type: whether a message that went as SMS or LMS in place of AlimTalk is listed as "ATA" all the same.
        replacement_said: how `replacement` is written: the value itself, its number, or (None) not at all.
        lagging: how many of a group's last messages its list does not show yet.
        names_in_results: whether results of `add` carry the customFields; the page on it does not show them.
    """

    balance: int = 1_000_000
    point: int = 0
    senders: set[str] = field(default_factory=lambda: {"0212345678"})
    channels: dict[str, set[str]] = field(default_factory=lambda: {"PF1": {"TP1"}})
    refused: dict[str, str] = field(default_factory=dict)
    undeliverable: dict[str, str] = field(default_factory=dict)
    without_kakao: set[str] = field(default_factory=set)
    report_after: float = 0.0
    quota_left: int | None = None
    forgets_deleted: bool = False
    replaced_keep_type: bool = False
    replacement_said: Callable[[bool], Any] | None = bool
    names_in_results: bool = False
    largest_page: int = 500
    lagging: dict[str, int] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    went_out: list[Out] = field(default_factory=list)
    monotonic: Callable[[], float] = time.monotonic
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def counts(self) -> Counter[tuple[str, str, str]]:
        """Return how often each (to, text, id) went out."""
        return Counter((out.to, out.text, out.id) for out in self.went_out)

    def spent(self) -> int:
        """Return what everything that went out cost, in won."""
        return sum(PRICES[out.type] for out in self.went_out)

    def open(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """POST /messages/v4/groups"""
        fields, duplicates = said.get("customFields", {}), said.get("allowDuplicates", False)
        if not isinstance(fields, dict) or not isinstance(duplicates, bool) or not fields_fit(fields):
            raise Refusal(400, "ValidationError")
        group = Group(f"G4V{next(self._numbers):028d}", fields, duplicates, _now())
        self.groups[group.id] = group
        return self.shown(group)

    def group(self, group_id: str) -> Group:
        """Return a group or refuse."""
        group = self.groups.get(group_id)
        if group is None or (group.deleted and self.forgets_deleted):
            raise Refusal(404, "ResourceNotFound")
        return group

    def add(self, group_id: str, said: Mapping[str, Any], *, partly: bool = False) -> dict[str, Any]:
        """PUT /messages/v4/groups/{groupId}/messages; `partly` refuses every second one."""
        group, messages = self._unsent(group_id), said.get("messages")
        if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
            raise Refusal(400, "ValidationError")
        if len(messages) > MOST_IN_REQUEST or len(group.messages) + len(messages) > MOST_IN_GROUP:
            raise Refusal(400, "TooManyMessages")
        results = []
        for index, one in enumerate(messages):
            code = "1024" if partly and index % 2 else self._code(group, one)
            held = Held(f"M4V{next(self._numbers):028d}", one, code)
            group.messages[held.message_id] = held
            if held.accepted:
                group.recipients.add(one["to"])
            results.append(self._result(held))
        return {"errorCount": sum(one["statusCode"] != "2000" for one in results), "resultList": results}

    def send(self, group_id: str) -> dict[str, Any]:
        """POST /messages/v4/groups/{groupId}/send"""
        group = self._unsent(group_id)
        outs = [self._out(held) for held in group.messages.values() if held.accepted]
        price = sum(PRICES[out.type] for out in outs)
        if not outs:
            raise Refusal(400, "MessagesNotFound")
        if price > self.balance + self.point:
            raise Refusal(400, "NotEnoughBalance")
        if self.quota_left is not None:
            if len(outs) > self.quota_left:
                raise Refusal(400, "DailyQuotaExceeded")
            self.quota_left -= len(outs)
        points = min(self.point, price)
        self.point, self.balance = self.point - points, self.balance - (price - points)
        group.date_sent, group.sent_at = _now(), self.monotonic()
        self.went_out += outs
        return self.shown(group)

    def delete(self, group_id: str) -> dict[str, Any]:
        """DELETE /messages/v4/groups/{groupId}: the page's own sample deletes a group that was sent, and shows its dateSent."""
        group = self.group(group_id)
        group.deleted = True
        return self.shown(group)

    def page(self, group_id: str, start: str | None, limit: int) -> dict[str, Any]:
        """GET /messages/v4/groups/{groupId}/messages"""
        group = self.group(group_id)
        ids = list(group.messages)[: len(group.messages) - self.lagging.get(group_id, 0)]
        if start is not None and start not in group.messages:
            raise Refusal(400, "ValidationError")
        first = ids.index(start) if start is not None else 0
        limit = min(limit, self.largest_page)
        shown = {one: self._listed(group, group.messages[one]) for one in ids[first : first + limit]}
        answer: dict[str, Any] = {"startKey": start, "limit": limit, "messageList": shown}
        if first + limit < len(ids):
            answer["nextKey"] = ids[first + limit]
        return answer

    def money(self) -> dict[str, Any]:
        """GET /cash/v1/balance"""
        return {"accountId": "13628535", "balance": self.balance, "point": self.point, "minimumCash": 0}

    def shown(self, group: Group) -> dict[str, Any]:
        """Return a group as its pages show it."""
        accepted = [held for held in group.messages.values() if held.accepted]
        stages = [self._stage(group, held) for held in accepted] if group.date_sent else []
        done = sum(final for *_, final in stages)
        good = sum(code == "4000" for code, *_ in stages)
        status = "PENDING"
        if group.date_sent:
            status = "COMPLETE" if done == len(accepted) else "SENDING"
        return {
            "groupId": group.id,
            "_id": group.id,
            "accountId": "12925149",
            "apiVersion": "4",
            "allowDuplicates": group.allow_duplicates,
            "customFields": group.custom_fields,
            "strict": False,
            "status": "DELETED" if group.deleted else status,
            "dateSent": group.date_sent,
            "dateCompleted": group.date_sent if status == "COMPLETE" else None,
            "dateCreated": group.created,
            "dateUpdated": group.date_sent or group.created,
            "isRefunded": False,
            "log": [],
            "count": {
                "total": len(group.messages),
                "registeredSuccess": len(accepted),
                "registeredFailed": len(group.messages) - len(accepted),
                "sentTotal": len(stages),
                "sentSuccess": good,
                "sentFailed": done - good,
                "sentPending": len(stages) - done,
                "sentReplacement": sum(replaced for _, _, replaced, _ in stages),
                "refund": 0,
            },
        }

    def _unsent(self, group_id: str) -> Group:
        group = self.group(group_id)
        if group.deleted:
            raise Refusal(400, "GroupDeleted")
        if group.date_sent:
            raise Refusal(400, "GroupAlreadySent")
        return group

    def _code(self, group: Group, said: Mapping[str, Any]) -> str:
        code = status_of(said, self.senders, self.channels)
        if code != "2000":
            return code
        if said["to"] in group.recipients and not group.allow_duplicates:
            return "1026"
        return self.refused.get(said["to"], code)

    def _result(self, held: Held) -> dict[str, Any]:
        said = held.said
        result = {
            "to": said.get("to"),
            "from": said.get("from"),
            "type": said.get("type"),
            "country": "82",
            "messageId": held.message_id,
            "statusCode": held.code,
            "statusMessage": _MEANINGS.get(held.code, "접수 실패"),
            "accountId": "12925149",
        }
        return result | ({"customFields": said.get("customFields", {})} if self.names_in_results else {})

    def _replaced(self, said: Mapping[str, Any]) -> bool:
        kakao = said.get("kakaoOptions") or {}
        return said["type"] == "ATA" and said["to"] in self.without_kakao and not kakao.get("disableSms")

    def _out(self, held: Held) -> Out:
        said = held.said
        kind = kind_by_length(said["text"]) if self._replaced(said) else said["type"]
        return Out(said["to"], said["text"], str(said.get("customFields", {}).get("id", "")), kind)

    def _stage(self, group: Group, held: Held) -> tuple[str, str, bool, bool]:
        """Return status, type, whether replaced, whether nothing more will happen."""
        said, kind = held.said, str(held.said.get("type"))
        if not held.accepted or group.date_sent is None:
            return held.code, kind, False, not held.accepted
        age = self.monotonic() - group.sent_at
        reported, replaced = age >= self.report_after, self._replaced(said)
        if not reported:
            early = "3104" if replaced else "3000"
            return ("2000" if age < self.report_after / 2 else early), kind, False, False
        if replaced:
            kind = kind_by_length(said["text"])
        elif kind == "ATA" and said["to"] in self.without_kakao:
            return "3104", kind, False, True
        return self.undeliverable.get(said["to"], "4000"), kind, replaced, True

    def _listed(self, group: Group, held: Held) -> dict[str, Any]:
        code, kind, replaced, _ = self._stage(group, held)
        if replaced and self.replaced_keep_type:
            kind = str(held.said["type"])
        listed = {
            **held.said,
            "_id": held.message_id,
            "messageId": held.message_id,
            "groupId": group.id,
            "country": "82",
            "type": kind,
            "statusCode": code,
            "log": [],
            "networkName": "ETC",
        }
        if self.replacement_said is not None:
            listed["replacement"] = self.replacement_said(replaced)
        return listed


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
