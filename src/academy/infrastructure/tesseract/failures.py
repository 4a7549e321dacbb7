"""Why Tesseract could not be asked."""

from academy.application.ports.ocr import OcrFailed
from academy.domain.failures import Failure

__all__ = ["broken", "too_slow", "unavailable"]

_DETAIL = 500


def unavailable(detail: str) -> OcrFailed:
    """Return the error of a program or model that is not there."""
    return OcrFailed(
        Failure(
            "ocr_unavailable",
            "Reading print is not set up on this worker: install Tesseract 5 with its Korean script model"
            " (Debian and Ubuntu: apt-get install tesseract-ocr tesseract-ocr-script-hang).",
            "이 서버에 문자 인식 프로그램이 설치되어 있지 않습니다. 관리자에게"
            " tesseract-ocr와 tesseract-ocr-script-hang 설치를 요청해 주세요.",
            stage="read",
            detail=detail[:_DETAIL],
        )
    )


def too_slow(detail: str) -> OcrFailed:
    """Return the error of a picture that took too long."""
    return OcrFailed(
        Failure(
            "ocr_timeout",
            "Reading a page took too long. Please scan it at 200 to 300 dpi and try again.",
            "페이지를 읽는 데 시간이 너무 오래 걸립니다. 200~300dpi로 다시 스캔해 주세요.",
            retryable=True,
            stage="read",
            detail=detail[:_DETAIL],
        )
    )


def broken(detail: str) -> OcrFailed:
    """Return the error of a program that broke down."""
    return OcrFailed(
        Failure(
            "ocr_failed",
            "The program that reads print broke down on a page.",
            "문자 인식 프로그램이 페이지를 처리하지 못했습니다.",
            retryable=True,
            stage="read",
            detail=detail[-_DETAIL:],
        )
    )
