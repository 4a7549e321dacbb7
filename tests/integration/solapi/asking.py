"""How the tests of this folder ask Solapi."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from tests.support.servers.solapi import API_KEY, API_SECRET

from academy.application.ports.message_provider import OutgoingText, ProviderError
from academy.domain.messaging.channel import Channel
from academy.infrastructure.clock import SystemClock
from academy.infrastructure.http.client import HttpLimits
from academy.infrastructure.solapi.provider import SolapiMessageProvider

__all__ = ["PATIENCE", "provider_of", "settled", "texts_of"]

PATIENCE = 0.3
"""Seconds that the adapter waits for an answer; faults that make it wait last longer."""


def provider_of(url: str, patience: float = PATIENCE) -> SolapiMessageProvider:
    """Return an adapter without much patience, unless more is asked for: for work that takes the server its time."""
    limits = HttpLimits(connections=4, connect_seconds=1.0, answer_seconds=patience, body_bytes=32 << 20)
    return SolapiMessageProvider(url, API_KEY, API_SECRET, SystemClock(), limits)


def texts_of(count: int, **changes: Any) -> list[OutgoingText]:
    """Return messages, each with a text of its own."""
    made = [
        OutgoingText(
            uuid4().hex, f"010{index + 20_000_000:08}", "0212345678", Channel.SMS, f"비밀 {uuid4().hex[:12]}"
        )
        for index in range(count)
    ]
    return [replace(one, **changes) for one in made]


async def settled(provider: SolapiMessageProvider, group: str) -> bool:
    """Withdraw until it is known whether the group was sent."""
    while True:
        try:
            return await provider.withdraw(group)
        except ProviderError:
            continue
