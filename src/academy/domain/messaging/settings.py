"""How an academy sends: its number, its KakaoTalk channel, what it pays. Never another academy's (MSG-5)."""

from dataclasses import dataclass
from datetime import datetime

from academy.domain.messaging.channel import Prices

__all__ = ["MessagingSettings"]


@dataclass(frozen=True, slots=True)
class MessagingSettings:
    """Settings of one academy; without them, or with `enabled` False, nothing of it is sent.

    Attributes:
        sender: the number that recipients see, digits; registered with the provider (발신번호 등록).
        kakao_channel: id of its KakaoTalk channel with the provider (pfId), "" for none.
        alimtalk_first: whether a text with an approved AlimTalk template goes by AlimTalk, with SMS or LMS as second try.
    """

    tenant_id: str
    enabled: bool
    sender: str
    kakao_channel: str
    alimtalk_first: bool
    prices: Prices
    updated_at: datetime

    @property
    def by_alimtalk(self) -> bool:
        """Whether a text with an AlimTalk template goes by AlimTalk; else it goes as SMS or LMS and needs no approval."""
        return bool(self.kakao_channel) and self.alimtalk_first
