"""By which way a message goes out, and what each costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["MOST_WON_A_MESSAGE", "Channel", "Prices"]

MOST_WON_A_MESSAGE = 100_000
"""Largest price that may be agreed on: a slip of the finger is caught."""


class Channel(StrEnum):
    """SMS: up to 90 bytes; LMS: up to 2,000; ALIMTALK: an approved template through KakaoTalk (알림톡)."""

    SMS = "sms"
    LMS = "lms"
    ALIMTALK = "alimtalk"


@dataclass(frozen=True, slots=True)
class Prices:
    """What one message costs an academy, in whole won, none below zero."""

    sms: int
    lms: int
    alimtalk: int

    def __post_init__(self) -> None:
        """Refuse a price below zero."""
        if min(self.sms, self.lms, self.alimtalk) < 0:
            raise ValueError("a price is zero or more, in whole won")

    def of(self, channel: Channel) -> int:
        """Return the price of one message."""
        prices: Mapping[Channel, int] = {
            Channel.SMS: self.sms,
            Channel.LMS: self.lms,
            Channel.ALIMTALK: self.alimtalk,
        }
        return prices[channel]
