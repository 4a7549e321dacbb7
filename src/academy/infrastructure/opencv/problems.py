"""Why a page cannot be read, for the person who scanned it."""

from academy.domain.failures import Failure

__all__ = ["PageUnread", "problem"]

_SENTENCES: dict[str, tuple[str, str]] = {
    "markers_missing": (
        "Too few of the sheet's position marks can be seen. Please scan the whole page, flat, with nothing on its corners.",
        "답안지의 위치 표시를 충분히 찾지 못했습니다. 모서리를 가리지 말고 전체를 평평하게 펴서 다시 스캔해 주세요.",
    ),
    "not_a_sheet": (
        "This page does not look like the answer sheet. Please check that it is the right sheet and scan it again.",
        "답안지로 보이지 않는 페이지입니다. 올바른 답안지인지 확인하고 다시 스캔해 주세요.",
    ),
    "other_sheet": (
        "This is a page of another answer sheet: its code names {said}, and {wanted} was to be read. Please read it with the specification that its code names.",
        "다른 양식의 답안지입니다. QR 코드의 양식은 {said}이고, 읽으려는 양식은 {wanted}입니다. QR 코드에 적힌 양식으로 읽어 주세요.",
    ),
    "several_sheets": (
        "There is more than one answer sheet in this picture. Please scan each sheet as a page of its own.",
        "한 사진에 답안지가 여러 장 있습니다. 한 장씩 따로 스캔해 주세요.",
    ),
    "corner_cut_off": (
        "A part of the sheet lies outside of the picture. Please scan the whole page with all four corners.",
        "답안지의 일부가 사진 밖으로 잘렸습니다. 네 모서리가 모두 보이도록 다시 스캔해 주세요.",
    ),
    "page_broken": (
        "The page is damaged and cannot be decoded. Please scan this page again.",
        "페이지가 손상되어 읽을 수 없습니다. 이 페이지를 다시 스캔해 주세요.",
    ),
    "blank_broken": (
        "The file of the exam's empty sheet cannot be opened; the scan itself may be good. Please upload the empty sheet again, set it for the exam and have the scan read again.",
        "이 시험에 등록된 빈 답안지 파일을 열 수 없습니다. 스캔 파일의 문제가 아닙니다. 빈 답안지를 다시 업로드해 시험에 등록한 뒤 스캔을 다시 읽어 주세요.",
    ),
    "blank_missing": (
        "This sheet is read by comparison with its empty form, and no scan of that is at hand. Please upload one.",
        "빈 답안지와 비교해 읽는 답안지인데 빈 양식의 스캔이 없습니다. 빈 양식을 먼저 업로드해 주세요.",
    ),
}


class PageUnread(Exception):
    """One page cannot be read; `failure` says why and how to mend it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def problem(code: str, detail: str = "", stage: str = "find", **said: str) -> PageUnread:
    """Return the error of a code of this module; `detail` is for operators, `said` what stands in the sentences."""
    english, korean = (sentence.format(**said) for sentence in _SENTENCES[code])
    return PageUnread(Failure(code, english, korean, stage=stage, detail=detail[:500]))
