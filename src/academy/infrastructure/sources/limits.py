"""How much of an input is read (SEC-2)."""

from dataclasses import dataclass

__all__ = ["SourceLimits"]

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """Bounds; what goes beyond one has an outcome that says so, nothing is cut short.

    Attributes:
        text_bytes: of the text of one note, document or turn, in UTF-8.
        chat_bytes: of all turns of one chat together.
        messages: of one chat, those that nobody saw too.
        page_bytes: of a web page with its markup.
        value_characters: of one value inside a JSON file (of a chat: one message, not the chat).
        document_bytes: of one PDF, DOCX or PPTX; of the last two also what they unpack to.
        markup_bytes: of the XML inside a DOCX or PPTX, unpacked.
        pages: of a PDF, or slides.
        unpacked_bytes: of an archive with all archives inside.
        unpacked_ratio: of one thing in an archive, once it is larger than `ratio_from`.
        ratio_from: bytes.
        members: things in an archive with all archives inside.
        directory_bytes: of an archive's table of contents.
        depth: archives within one another.
        id_characters: of a document's id.
    """

    text_bytes: int = 5 * _MIB
    chat_bytes: int = 50 * _MIB
    messages: int = 250_000
    page_bytes: int = 20 * _MIB
    value_characters: int = 16 * _MIB
    document_bytes: int = 200 * _MIB
    markup_bytes: int = 40 * _MIB
    pages: int = 5_000
    unpacked_bytes: int = 2_000 * _MIB
    unpacked_ratio: int = 250
    ratio_from: int = 16 * _MIB
    members: int = 50_000
    directory_bytes: int = 16 * _MIB
    depth: int = 3
    id_characters: int = 1_000
