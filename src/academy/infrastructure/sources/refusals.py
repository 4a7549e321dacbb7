"""Why an input, or a thing in it, gives no document: each code with the sentence that says what to do."""

from academy.application.ports.sources import SourceUnreadable
from academy.domain.graph.source import Outcome, Status

__all__ = ["ATTACHMENT", "EMPTY", "SYSTEM_FILE", "outcome_of", "refused", "skipped_thing"]

EMPTY = "empty_input"
ATTACHMENT = "attachment"
SYSTEM_FILE = "system_file"

_MESSAGES = {
    EMPTY: "Nothing stands in it.",
    "unsupported_input": "It is none of the kinds that can be read: ChatGPT or Claude export, notes as JSON, Notion export, "
    "Markdown, text, HTML, CSV, PDF, DOCX, PPTX, or a ZIP of these. Save it as one of them.",
    "broken_archive": "The archive is damaged; export or pack it again.",
    "archive_bomb": "The archive unpacks to more than is allowed; hand in what it holds in several smaller ones.",
    "encrypted_input": "It is protected by a password; save it without one.",
    "input_too_large": "It is larger than is allowed; hand it in in parts.",
    "not_text": "It is no text in UTF-8, UTF-16 with a byte order mark, or CP949; save it as UTF-8.",
    "broken_export": "The export is damaged here; what stood before counts. Export it again.",
    "no_text": "It holds pictures only and no text; recognise its text first and save it with a text layer.",
    "broken_document": "The document is damaged; open it in the program it was made with and save it again.",
    "empty_text": "No text stands in it.",
    "unknown_thing": "It has none of the fields of a chat or a note, so it was left out.",
    "duplicate_id": "Another thing in the same input has the same id.",
    "id_too_long": "Its id is longer than 1,000 characters; give it a shorter one.",
    ATTACHMENT: "A picture, sound or film gives no text.",
    SYSTEM_FILE: "It belongs to the archive or the account and is neither a chat nor a note.",
    "same_page": "The same page stands in the export in another form, which was read.",
}

KOREAN = {
    EMPTY: "내용이 없는 파일입니다.",
    "unsupported_input": "읽을 수 있는 형식이 아닙니다. ChatGPT나 Claude 내보내기, JSON 노트, Notion 내보내기, Markdown, 텍스트, HTML, CSV, PDF, DOCX, "
    "PPTX 또는 이들을 담은 ZIP으로 저장해 주세요.",
    "broken_archive": "압축 파일이 손상되었습니다. 다시 내보내거나 다시 압축해 주세요.",
    "archive_bomb": "압축을 풀면 허용된 크기를 넘습니다. 여러 파일로 나누어 주세요.",
    "encrypted_input": "암호로 보호된 파일입니다. 암호 없이 저장해 주세요.",
    "input_too_large": "파일이 너무 큽니다. 나누어 올려 주세요.",
    "not_text": "UTF-8, UTF-16(BOM 포함), CP949 텍스트가 아닙니다. UTF-8로 저장해 주세요.",
    "broken_export": "내보낸 파일이 중간에 손상되었습니다. 다시 내보내 주세요.",
    "no_text": "글자 없이 그림만 있는 파일입니다. 글자를 인식해 텍스트가 있는 PDF로 저장해 주세요.",
    "broken_document": "문서가 손상되었습니다. 만든 프로그램에서 열어 다시 저장해 주세요.",
    "empty_text": "글자가 없는 문서입니다.",
}
"""Of an input as a whole."""


def refused(code: str, detail: str = "", *, skipped: bool = False) -> SourceUnreadable:
    """Return the error for an input as a whole; `detail`: English, added in brackets."""
    return SourceUnreadable(
        code, _sentence(code, detail), KOREAN.get(code, ""), skipped=skipped or code == EMPTY
    )


def outcome_of(thing: str, code: str, detail: str = "") -> Outcome:
    """Return the outcome of a thing that failed."""
    return Outcome(thing, Status.FAILED, code, _sentence(code, detail))


def skipped_thing(thing: str, code: str, detail: str = "") -> Outcome:
    """Return the outcome of a thing where nothing is to be mended."""
    return Outcome(thing, Status.SKIPPED, code, _sentence(code, detail))


def _sentence(code: str, detail: str) -> str:
    message = _MESSAGES[code]
    return f"{message} ({detail[:200]})" if detail else message
