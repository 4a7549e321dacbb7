"""Why no specification can be proposed."""

from academy.domain.failures import Failure

__all__ = ["refused"]

_SENTENCES: dict[str, tuple[str, str]] = {
    "sheet_without_bubbles": (
        "No rows of empty bubbles can be seen. Scan an empty sheet, flat and whole, with 200 dpi or more, or describe it by hand.",
        "빈 표시 칸의 줄을 찾지 못했습니다. 빈 답안지를 200dpi 이상으로 평평하게 전체 스캔하거나 양식을 직접 작성해 주세요.",
    )
}


def refused(code: str) -> Failure:
    """Return the failure of a code of this module."""
    english, korean = _SENTENCES[code]
    return Failure(code, english, korean, stage="describe")
