"""Text messages through Solapi, in groups.

Source: https://docs.solapi.com/api-reference/messages/groups/. Two rules keep a message from going out twice. A group that may have been
sent is looked at before it is deleted, and its `dateSent` decides, for deletion is answered whether it was sent or not. And a
group is sent only when it holds no message of ours twice, as it does when a proxy on the way repeats a request.
"""

import asyncio
import json
import math
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TypeGuard
from urllib.parse import quote, urlencode

from academy.application.ports.clock import Clock
from academy.application.ports.message_provider import (
    Carried,
    CarriedState,
    GroupSpent,
    OutgoingText,
    ProviderRefused,
    ProviderUnavailable,
)
from academy.domain.failures import Failure
from academy.infrastructure.http.client import HttpLimits
from academy.infrastructure.solapi.client import LIMITS, GroupGone, SolapiClient
from academy.infrastructure.solapi.wire import Entry, GroupState, added, bodies, entries_of

__all__ = ["SOLAPI_URL", "SolapiMessageProvider"]

SOLAPI_URL = "https://api.solapi.com"
LARGEST_GROUP = 10_000
"""Recipients of one request (addgroupmessages)."""
PAGE = 500
MOST_FIELD = 100
"""Longest value of a custom field, in characters."""
_TOO_MUCH = 2**53
"""Won that nobody has; from here on a float is no longer exact."""
_GROUPS = "/messages/v4/groups"
_LIKELIEST = (CarriedState.DELIVERED, CarriedState.TAKEN, CarriedState.UNDELIVERED, CarriedState.REFUSED)
_SPENT = Failure(
    "provider_refused",
    "This group of messages was sent or called off before; look at what became of it.",
    "이미 발송했거나 취소한 메시지 묶음입니다. 발송 결과를 확인해 주세요.",
)
_FAILED = Failure(
    "provider_refused",
    "Solapi could not send this group of messages; look at the account with Solapi.",
    "솔라피가 메시지 묶음을 발송하지 못했습니다. 솔라피 계정을 확인해 주세요.",
)


class SolapiMessageProvider:
    """The `MessageProvider` port on Solapi's API, version 4."""

    def __init__(
        self,
        url: str,
        api_key: str,
        api_secret: str,
        clock: Clock,
        limits: HttpLimits = LIMITS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; nothing is sent. Raises ValueError for an address or a key that is none.

        Args:
            url: scheme, host and port, `SOLAPI_URL` for the real one; anything but https sends numbers and texts in the clear.
            api_key, api_secret: of the account.
            clock: for signatures; more than 15 minutes off, every request is refused.
            limits: of the connections that are kept, and once more of those made for a single request.
            trust: whom to believe to be the server; default: the system's certificates.
        """
        self._client = SolapiClient(url, api_key, api_secret, clock, limits, trust)
        self._taken: dict[str, int] = {}

    @property
    def name(self) -> str:
        """See MessageProvider."""
        return "solapi"

    @property
    def largest_group(self) -> int:
        """See MessageProvider."""
        return LARGEST_GROUP

    async def open(self, reference: str) -> str:
        """See MessageProvider. Up to 100 characters of the reference are shown in Solapi's console."""
        wanted: dict[str, object] = {"allowDuplicates": True, "strict": False}
        if reference:
            wanted["customFields"] = {"reference": reference[:MOST_FIELD]}
        answer = await self._client.call("open", "POST", _GROUPS, json.dumps(wanted).encode(), once=True)
        group = answer.get("groupId")
        if not _is_name(group):
            raise ProviderUnavailable("Solapi open: an answer without the group's name")
        return group

    async def add(self, group: str, messages: Sequence[OutgoingText]) -> Mapping[str, Carried]:
        """See MessageProvider. Raises ValueError for more than `largest_group`."""
        if len(messages) > LARGEST_GROUP:
            raise ValueError(f"at most {LARGEST_GROUP} messages at once, not {len(messages)}")
        said: dict[str, Carried] = {}
        for body in await asyncio.to_thread(bodies, messages):
            try:
                answer = await self._client.call("add", "PUT", f"{_path(group)}/messages", body, once=True)
            except ProviderRefused:
                if _is_spent(await self._look(group)):
                    raise GroupSpent(_SPENT) from None
                raise
            said |= added(answer)
        if any(one.id not in said for one in messages):
            # The pages show our id in lists of messages, but not for certain in the results of this call.
            said |= {
                entry.id: entry.carried(complete=False) async for entry in self._entries(group) if entry.code
            }
        if any(one.id not in said for one in messages):
            raise ProviderUnavailable("Solapi add: nothing was said of some messages")
        asked = {one.id: said[one.id] for one in messages}
        taken = sum(one.state is not CarriedState.REFUSED for one in asked.values())
        self._taken[group] = self._taken.get(group, 0) + taken
        return asked

    async def send(self, group: str) -> None:
        """See MessageProvider. A group that holds a message twice is not sent, and raises ProviderUnavailable: withdraw it."""
        before = await self._look(group)
        if _is_spent(before):
            raise GroupSpent(_SPENT)
        await self._check_single(group, before)
        try:
            answer = await self._client.call("send", "POST", f"{_path(group)}/send", once=True)
        except ProviderRefused:
            now = await self._look(group)
            # Repeated on the way, the request is refused the second time although it was done the first time.
            if now.sent:
                raise ProviderUnavailable("Solapi send: refused, yet the group was sent") from None
            if now.deleted:
                raise GroupSpent(_SPENT) from None
            raise
        after = GroupState.read("send", answer)
        if after.failed and not after.sent:
            raise ProviderRefused(_FAILED)
        if not after.sent:
            raise ProviderUnavailable("Solapi send: an answer that does not say that the group was sent")
        self._taken.pop(group, None)

    async def withdraw(self, group: str) -> bool:
        """See MessageProvider. A group that Solapi no longer knows was withdrawn before."""
        try:
            state = await self._look(group)
            sent = state.sent if state.sent or state.deleted else await self._delete(group)
        except GroupGone:
            sent = False
        self._taken.pop(group, None)
        return sent

    async def outcomes(self, group: str) -> Mapping[str, Carried]:
        """See MessageProvider. Solapi keeps groups for six months."""
        try:
            state = await self._look(group)
            if not state.sent and (state.deleted or state.failed):
                return {}
            entries = await self._all_entries(group, state)
        except GroupGone:
            return {}
        found: dict[str, Carried] = {}
        for entry in entries:
            carried = entry.carried(complete=state.complete)
            found[entry.id] = _likelier(found.get(entry.id), carried)
        return found

    async def balance(self) -> int:
        """See MessageProvider: money and points together, for Solapi takes both."""
        answer = await self._client.call("balance", "GET", "/cash/v1/balance")
        money, points = answer.get("balance"), answer.get("point", 0)
        if not _is_amount(money) or not _is_amount(points):
            raise ProviderUnavailable("Solapi balance: an answer without an amount")
        return math.floor(money + points)

    async def close(self) -> None:
        """See MessageProvider."""
        await self._client.aclose()

    async def _look(self, group: str) -> GroupState:
        if not group:
            # It would be asked of the address of all groups.
            raise GroupGone(_SPENT)
        return GroupState.read("look", await self._client.call("look", "GET", _path(group)))

    async def _delete(self, group: str) -> bool:
        try:
            answer = await self._client.call("withdraw", "DELETE", _path(group), once=True)
        except GroupGone:
            raise
        except ProviderRefused:
            # A group that is being sent may be refused deletion; then it is sent, and a look says so.
            if (await self._look(group)).sent:
                return True
            raise
        state = GroupState.read("withdraw", answer)
        if not state.sent and not state.deleted:
            raise ProviderUnavailable(
                "Solapi withdraw: an answer that does not say that the group is deleted"
            )
        return state.sent

    async def _check_single(self, group: str, state: GroupState) -> None:
        if state.accepted is not None and state.accepted == self._taken.get(group):
            return
        counts = Counter(entry.id for entry in await self._all_entries(group, state) if entry.accepted)
        if any(count > 1 for count in counts.values()):
            raise ProviderUnavailable("Solapi send: the group holds messages twice")

    async def _all_entries(self, group: str, state: GroupState) -> list[Entry]:
        entries = [entry async for entry in self._entries(group)]
        # A list that lags behind its group would make a message that went out look like one that did not. What was refused is no
        # part of the group's count, and a message that two pages show is one.
        shown = {entry.provider_id or entry.id for entry in entries if entry.accepted}
        if len(shown) < max(state.accepted or 0, state.sent):
            raise ProviderUnavailable("Solapi list: fewer messages than the group has")
        return entries

    async def _entries(self, group: str) -> AsyncIterator[Entry]:
        query, seen = {"limit": str(PAGE)}, set[str]()
        while True:
            target = f"{_path(group)}/messages?{urlencode(query)}"
            answer = await self._client.call("list", "GET", target)
            for entry in entries_of(answer):
                yield entry
            following = answer.get("nextKey")
            if following is None or following == "":
                return
            if not _is_name(following) or following in seen:
                raise ProviderUnavailable("Solapi list: pages without an end")
            seen.add(following)
            query["startKey"] = following


def _path(group: str) -> str:
    return f"{_GROUPS}/{quote(group, safe='')}"


def _is_spent(state: GroupState) -> bool:
    return state.sent or state.deleted


def _is_amount(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _TOO_MUCH


def _is_name(value: object) -> TypeGuard[str]:
    """Return whether a value can be named in an address: a text without half of a surrogate pair."""
    return isinstance(value, str) and bool(value) and value.encode("utf-8", "ignore").decode() == value


def _likelier(one: Carried | None, other: Carried) -> Carried:
    """Of a message that went out twice against all care, whoever got it counts."""
    if one is None:
        return other
    return min(one, other, key=lambda carried: _LIKELIEST.index(carried.state))
