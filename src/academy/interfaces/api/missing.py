"""What was not found, in words for people."""

from collections.abc import Mapping
from types import MappingProxyType

from academy.application.errors import NotFound
from academy.contracts.rest.common import FieldProblem
from academy.interfaces.api import kinds
from academy.interfaces.api.language import Language
from academy.interfaces.api.problems import MOST_FAULTS, Kind, Trouble

__all__ = ["missing_trouble"]

_KOREAN: Mapping[str, str] = MappingProxyType(
    {
        "academy": "학원을",
        "batch": "발송 묶음을",
        "class": "반을",
        "document": "문서를",
        "exam": "시험을",
        "graph": "그래프를",
        "job": "작업을",
        "lecture": "강의를",
        "opt-out": "수신거부 번호를",
        "order": "발송 요청을",
        "page": "페이지를",
        "parent": "학부모를",
        "playback session": "재생 세션을",
        "scan": "스캔을",
        "session": "차시를",
        "student": "학생을",
        "template": "템플릿을",
        "video": "영상을",
    }
)


_ABSENT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "microscope document": (
            "There is no such document under the microscope; POST /microscope/documents reads one.",
            "현미경으로 읽은 문서가 없습니다. 먼저 POST /microscope/documents로 문서를 읽어 주세요.",
        ),
        "graph summary": (
            "The graph has no summary as it is now; POST /graphs/summary makes one.",
            "지금 그래프에는 요약이 없습니다. POST /graphs/summary로 요약을 만들어 주세요.",
        ),
        "graph picture": (
            "The graph has no picture as it is now; POST /graphs makes it anew.",
            "지금 그래프에는 그림이 없습니다. POST /graphs로 그래프를 다시 만들어 주세요.",
        ),
        "answer key": (
            "The exam has no answer key yet; PUT one.",
            "아직 정답표가 없는 시험입니다. 정답표를 먼저 입력해 주세요.",
        ),
        "sheet": (
            "The exam has no answer sheet yet; PUT one.",
            "아직 답안지가 없는 시험입니다. 답안지를 먼저 정해 주세요.",
        ),
    }
)
"""What is there only once something else was done: no id is wrong, or not alone."""


def missing_trouble(missing: NotFound, language: Language) -> Trouble:
    """Return the problem of something that there is not, or that belongs to somebody else: one text for both.

    Where the body of the request names it, `errors` says where, 100 times at most.
    """
    kind = Kind(kinds.NOT_FOUND.status, kinds.NOT_FOUND.code, *_texts(missing.what))
    code = f"{missing.what.replace(' ', '_').replace('-', '_')}_not_found"
    errors = [
        FieldProblem(
            field=".".join(map(str, path)), code=code, message=kind.text_ko if language == "ko" else kind.text
        )
        for path in missing.paths[:MOST_FAULTS]
    ]
    return Trouble(kind, errors=errors)


def _texts(what: str) -> tuple[str, str]:
    if what in _ABSENT:
        return _ABSENT[what]
    kind, _, number = what.partition(" ")
    if kind == "page" and number.isdecimal():
        return (
            f"The scan has no page {number}; its `pages` says how many it has.",
            f"이 스캔에는 {number}페이지가 없습니다. 스캔의 페이지 수(pages)를 확인해 주세요.",
        )
    if what not in _KOREAN:
        return kinds.NOT_FOUND.text, kinds.NOT_FOUND.text_ko
    return f"There is no such {what}; check its id.", f"{_KOREAN[what]} 찾을 수 없습니다. id를 확인해 주세요."
