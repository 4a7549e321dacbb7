"""What a text may hold, how long it is and which channel carries it.

Korean carriers count bytes of EUC-KR in its extended form (code page 949): a Latin letter one, a Hangul syllable two. Up to 90 bytes
are an SMS, up to 2,000 an LMS.
"""

import unicodedata

from academy.domain.failures import Failure
from academy.domain.messaging.channel import Channel

__all__ = [
    "LMS_BYTES",
    "SMS_BYTES",
    "TextRefused",
    "byte_length",
    "channel_of",
    "check_line",
    "says_nothing",
    "sendable",
    "unsendable",
]

SMS_BYTES = 90
LMS_BYTES = 2000
_CODEC = "cp949"
_MOST_SHOWN = 10
_UNSEEN = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
"""Letters by Unicode's reckoning that show nothing: a joiner, the Hangul fillers, Braille without a dot."""
_LINE_ENDS = str.maketrans({"\r": "\n", "\t": " "})


class TextRefused(ValueError):
    """A text that no text message can carry; `failure` says why and how to mend it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def sendable(text: str) -> str:
    """Return a text as it goes out: every line ends with LF, a tab is a blank, and what EUC-KR spells otherwise is spelt so.

    That is Hangul that was taken apart (as macOS writes it), which is put together, and ₩, which becomes ￦.
    """
    plain = text.replace("\r\n", "\n").translate(_LINE_ENDS)
    return unicodedata.normalize("NFC", plain).replace("\N{WON SIGN}", "\N{FULLWIDTH WON SIGN}")


def says_nothing(text: str) -> bool:
    """Return whether nobody could see anything of a text: blanks, what has no width, Hangul fillers."""
    return all(
        letter.isspace()
        or letter in _UNSEEN
        or unicodedata.category(letter) == "Cf"
        or "\ufe00" <= letter <= "\ufe0f"
        for letter in text
    )


def check_line(line: str) -> None:
    """Raise TextRefused for a note or a name that is more than one line or holds another control character."""
    _check_controls(line, "")


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
    """Return SMS or LMS by length.

    Raises TextRefused for a text that is empty, too long, cannot be encoded, or holds a control character other than LF.
    """
    if says_nothing(text):
        raise TextRefused(
            Failure(
                "text_empty",
                "The message says nothing; write a text.",
                "내용이 없습니다. 내용을 입력해 주세요.",
            )
        )
    _check_controls(text, "\n")
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


def _check_controls(text: str, allowed: str) -> None:
    found = dict.fromkeys(each for each in text if unicodedata.category(each) == "Cc" and each not in allowed)
    if found:
        letters = " ".join(_named(letter) for letter in list(found)[:_MOST_SHOWN])
        raise TextRefused(
            Failure(
                "text_control",
                f"There are control characters in it: {letters}. Remove them.",
                f"제어 문자가 있습니다: {letters}. 지워 주세요.",
            )
        )


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
