"""What an input holds once it was read: documents, or why there are none (GRA-3)."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Kind", "Outcome", "SourceDocument", "Status", "Turn"]


class Kind(StrEnum):
    """What a node is."""

    CHAT = "chat"
    NOTE = "note"
    DOCUMENT = "document"


class Status(StrEnum):
    """How reading an input, or a thing in it, ended."""

    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat.

    Attributes:
        id: as the export names it, "" when it does not.
        parent: id of the message it answers, "" for the first.
        role: user, assistant, system or tool.
        text: as plain text, Markdown kept.
        active: whether it is on the path that the user saw last; the others are branches that were left.
        at: RFC 3339, "" when unknown.
    """

    id: str
    parent: str
    role: str
    text: str
    active: bool = True
    at: str = ""


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One node to be.

    Attributes:
        id: as the source names it, unchanged: any Unicode, slashes too.
        kind: chat, note or document.
        title: "" where there is none.
        text: what stands in it, in reading order; of a chat the turns of its active path, one after the other.
        turns: of a chat all of them, branches too.
        created_at, updated_at: RFC 3339, "" when unknown.
    """

    id: str
    kind: Kind
    title: str
    text: str
    turns: tuple[Turn, ...] = ()
    created_at: str = ""
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an input (`id` "") or of one thing in it.

    Attributes:
        code: snake_case, stable; "" for OK.
        message: English sentence that says what to do.
    """

    id: str
    status: Status
    code: str = ""
    message: str = ""
