"""What is odd about a page, in words: it was read all the same."""

from collections.abc import Mapping
from types import MappingProxyType

from academy.contracts.rest.scans import PageWarningView
from academy.interfaces.api.language import Language

__all__ = ["TEXTS", "warning_view"]

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "code_unreadable": (
            "The QR code cannot be read; whose page it is follows from the identifier alone.",
            "QR 코드를 읽지 못했습니다. 식별번호만으로 학생을 찾았습니다.",
        ),
        "code_foreign": (
            "The QR code is not one of ours; whose page it is follows from the identifier alone.",
            "우리 답안지의 QR 코드가 아닙니다. 식별번호만으로 학생을 찾았습니다.",
        ),
        "dark": (
            "The paper is dark on the scan; scan it lighter if much of it is doubtful.",
            "스캔이 어둡습니다. 확인할 답이 많으면 더 밝게 다시 스캔해 주세요.",
        ),
        "low_contrast": (
            "Print and marks are faint on the scan; scan it with more contrast if much of it is doubtful.",
            "인쇄와 표시가 흐립니다. 확인할 답이 많으면 더 진하게 다시 스캔해 주세요.",
        ),
        "marker_missing": (
            "A mark of position is not to be seen; the others were enough.",
            "위치 표식 하나가 보이지 않아 나머지로 위치를 맞췄습니다.",
        ),
        "other_sheet": (
            "The QR code names another kind of sheet; check that the page belongs to this exam.",
            "다른 답안지의 QR 코드입니다. 이 시험의 답안지가 맞는지 확인해 주세요.",
        ),
        "outlines_unseen": (
            "The printed bubbles are hardly to be seen; look at the picture whether the rings lie on them.",
            "인쇄된 칸이 잘 보이지 않습니다. 그림에서 표시 위치가 칸과 맞는지 확인해 주세요.",
        ),
        "streaks": (
            "The scanner left streaks on the page; wipe its glass.",
            "스캐너 줄이 찍힌 페이지입니다. 스캐너 유리를 닦아 주세요.",
        ),
    }
)
_OTHER = (
    "The page is odd in some way; look at its picture.",
    "평소와 다른 페이지입니다. 그림을 확인해 주세요.",
)


def warning_view(code: str, language: Language) -> PageWarningView:
    """Return what is odd in words."""
    english, korean = TEXTS.get(code, _OTHER)
    return PageWarningView(code=code, message=korean if language == "ko" else english)
