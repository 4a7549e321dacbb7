"""How long a text is and which channel carries it.

Korean carriers count bytes of EUC-KR in its extended form (code page 949): a Latin letter one, a Hangul syllable two. Up to 90 bytes
are an SMS, up to 2,000 an LMS.
"""

import unicodedata

from academy.domain.failures import Failure
from academy.domain.messaging.channel import Channel

__all__ = ["LMS_BYTES", "SMS_BYTES", "TextRefused", "byte_length", "channel_of", "sendable", "unsendable"]

SMS_BYTES = 90
LMS_BYTES = 2000
_CODEC = "cp949"
_MOST_SHOWN = 10


class TextRefused(ValueError):
    """A text that no text message can carry; `failure` says why and how to mend it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def sendable(text: str) -> str:
    """Return a text with what EUC-KR spells otherwise: Hangul that was taken apart (as macOS writes it) put together, ₩ as ￦."""
    return unicodedata.normalize("NFC", text).replace("\N{WON SIGN}", "\N{FULLWIDTH WON SIGN}")


def unsendable(text: str) -> tuple[str, ...]:
    """Return the characters that EUC-KR has no code for (emoji, rare letters), each once, in order."""
    return tuple(dict.fromkeys(letter for letter in text if not _codable(letter)))


def byte_length(text: str) -> int:
    """Return how many bytes carriers count. Raises TextRefused for characters that cannot be sent."""
    try:
        return len(text.encode(_CODEC))
    except UnicodeEncodeError:
        letters = " ".join(_named(letter) for letter in unsendable(text)[:_MOST_SHOWN])
        raise TextRefused(
            Failure(
                "text_not_encodable",
                f"Text messages cannot carry these characters: {letters}. Remove or replace them.",
                f"문자로 보낼 수 없는 글자가 있습니다: {letters}. 지우거나 바꿔 주세요.",
            )
        ) from None


def channel_of(text: str) -> Channel:
    """Return SMS or LMS by length. Raises TextRefused for a text that is empty, too long or cannot be encoded."""
    if not text.strip():
        raise TextRefused(
            Failure(
                "text_empty",
                "The message says nothing; write a text.",
                "내용이 없습니다. 내용을 입력해 주세요.",
            )
        )
    length = byte_length(text)
    if length > LMS_BYTES:
        raise TextRefused(
            Failure(
                "text_too_long",
                f"The text has {length} bytes; a message carries {LMS_BYTES}, a Hangul syllable counting two. Shorten it.",
                f"내용이 {length}바이트입니다. {LMS_BYTES}바이트(한글 {LMS_BYTES // 2}자)까지 보낼 수 있으니 줄여 주세요.",
            )
        )
    return Channel.SMS if length <= SMS_BYTES else Channel.LMS


def _named(letter: str) -> str:
    """Return a letter as a person can find it: one that cannot be seen by its number."""
    seen = letter.isprintable() and not unicodedata.category(letter).startswith(("M", "Z"))
    return letter if seen else f"U+{ord(letter):04X}"


def _codable(letter: str) -> bool:
    try:
        letter.encode(_CODEC)
    except UnicodeEncodeError:
        return False
    return True
