"""What can be wrong with a scan's file, or with one page of it."""

from academy.application.ports.sheets import ScanInvalid
from academy.domain.failures import Failure

__all__ = ["PAGE_BROKEN", "PAGE_TOO_COMPLEX", "PAGE_TOO_LARGE", "page_failure", "scan_invalid"]

PAGE_BROKEN = "page_broken"
PAGE_TOO_LARGE = "page_too_large"
PAGE_TOO_COMPLEX = "page_too_complex"

_SCAN: dict[str, tuple[str, str]] = {
    "scan_encrypted": (
        "The PDF is protected by a password. Please save it without one and upload it again.",
        "암호로 보호된 PDF입니다. 암호 없이 저장해 다시 업로드해 주세요.",
    ),
    "scan_broken": (
        "The file is damaged and cannot be opened. Please scan the pages again or save the file anew.",
        "파일이 손상되어 열 수 없습니다. 다시 스캔하거나 파일을 새로 저장해 업로드해 주세요.",
    ),
    "scan_too_large": (
        "The file is larger than allowed. Please split it into parts of fewer pages, or scan at 200 dpi.",
        "파일이 허용된 크기보다 큽니다. 페이지를 나누거나 200dpi로 다시 스캔해 업로드해 주세요.",
    ),
    "scan_too_complex": (
        "The file unfolds to more than can be opened. Please print it and scan it, or save its pages as pictures.",
        "파일의 압축을 풀면 허용된 크기를 넘어 열 수 없습니다. 인쇄해서 스캔하거나 그림 파일로 저장해 업로드해 주세요.",
    ),
    "scan_unknown": (
        "This is not a scan. Please upload a PDF, JPEG, PNG or TIFF.",
        "스캔 파일이 아닙니다. PDF, JPEG, PNG, TIFF 파일을 업로드해 주세요.",
    ),
}
_PAGE: dict[str, tuple[str, str]] = {
    PAGE_BROKEN: (
        "The page is damaged and cannot be decoded. Please scan this page again.",
        "페이지가 손상되어 읽을 수 없습니다. 이 페이지를 다시 스캔해 주세요.",
    ),
    PAGE_TOO_LARGE: (
        "The page has more pixels than allowed. Please scan it at 200 to 300 dpi.",
        "페이지의 화소 수가 너무 많습니다. 200~300dpi로 다시 스캔해 주세요.",
    ),
    PAGE_TOO_COMPLEX: (
        "The page holds more drawing than can be rendered. Please print it and scan it, or save it as a picture.",
        "페이지에 그릴 내용이 너무 많아 열 수 없습니다. 인쇄해서 스캔하거나 그림 파일로 저장해 업로드해 주세요.",
    ),
}
_DETAIL = 500


def scan_invalid(code: str, detail: str = "") -> ScanInvalid:
    """Return the refusal of a whole file; `detail` is for operators."""
    english, korean = _SCAN[code]
    return ScanInvalid(Failure(code, english, korean, stage="open", detail=detail[:_DETAIL]))


def page_failure(code: str, detail: str = "") -> Failure:
    """Return what is wrong with one page; `detail` is for operators."""
    english, korean = _PAGE[code]
    return Failure(code, english, korean, stage="open", detail=detail[:_DETAIL])
