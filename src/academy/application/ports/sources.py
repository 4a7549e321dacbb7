"""Port: read what people hand in (chat exports, notes, documents) into documents, whatever the file's name says (GRA-3)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from academy.domain.graph.source import Outcome, SourceDocument

__all__ = ["SourceReader", "SourceUnreadable"]


class SourceUnreadable(Exception):
    """An input as a whole gives nothing.

    Attributes:
        code: snake_case: empty_input, unsupported_input, broken_archive, archive_bomb, encrypted_input, input_too_large,
            not_text, broken_export, no_text, broken_document.
        message, korean: one sentence that says what to do.
        skipped: whether that is nothing to mend (an empty file) and not a failure.
    """

    def __init__(self, code: str, message: str, korean: str = "", *, skipped: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.korean = korean
        self.skipped = skipped


class SourceReader(Protocol):
    """Reads inputs. What they are is told from their first bytes and fields; the name decides only between kinds of plain text."""

    def read(self, source: Path | bytes, name: str) -> Iterator[SourceDocument | Outcome]:
        """Yield what stands in a file, or in its bytes, in its order, and an outcome for each thing in it that gives no document.

        `name`: key or path under which the producer knows it; the id of a document that has none of its own. Constant memory but for
        the largest single thing in it. Raises SourceUnreadable, at once or after some documents: those that came count.
        """
        ...
