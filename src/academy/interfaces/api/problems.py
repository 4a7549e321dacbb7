"""What can go wrong with a request, in words for people (RFC 9457)."""

from collections.abc import Sequence
from dataclasses import dataclass

from academy.application.errors import Fault
from academy.contracts.rest.common import FieldProblem, Problem
from academy.domain.failures import Failure
from academy.interfaces.api.http import SAFE_HEADERS, Answer
from academy.interfaces.api.language import Language
from academy.interfaces.api.trace import trace_id

__all__ = [
    "MOST_FAULTS",
    "PROBLEM_TYPE",
    "Kind",
    "Trouble",
    "fault_problems",
    "problem_answer",
    "refusal_status",
]

PROBLEM_TYPE = "application/problem+json"
MOST_FAULTS = 100
"""How many faults a problem lists where a request may have ten thousand."""

_TITLES: dict[int, tuple[str, str]] = {
    400: ("Bad request", "잘못된 요청"),
    401: ("Not logged in", "로그인 필요"),
    403: ("Not allowed", "권한 없음"),
    404: ("Not found", "찾을 수 없음"),
    405: ("Method not allowed", "허용되지 않은 메서드"),
    408: ("Request timeout", "요청 시간 초과"),
    409: ("Conflict", "충돌"),
    411: ("Length required", "길이 필요"),
    413: ("Too large", "너무 큼"),
    415: ("Unsupported type", "지원하지 않는 형식"),
    416: ("Range not satisfiable", "범위 오류"),
    422: ("Cannot be carried out", "처리할 수 없음"),
    429: ("Too many requests", "요청이 너무 많음"),
    500: ("Internal error", "내부 오류"),
    503: ("Not available now", "일시적으로 사용할 수 없음"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: HTTP status, stable code, and a sentence in English and Korean."""

    status: int
    code: str
    text: str
    text_ko: str


class Trouble(Exception):
    """A request that ends in a problem.

    Attributes:
        kind: which.
        errors: field by field, for invalid requests.
        retry_after: seconds, for the header Retry-After.
        headers: further ones.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        errors: Sequence[FieldProblem] = (),
        retry_after: int | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.errors = tuple(errors)
        retry = () if retry_after is None else (("Retry-After", str(retry_after)),)
        self.headers = (*headers, *retry)

    def problem(self, language: Language, traceparent: str) -> Problem:
        """Return what is sent."""
        korean = language == "ko"
        title = _TITLES[self.kind.status][1 if korean else 0]
        return Problem(
            type=f"urn:academy:problem:{self.kind.code}",
            title=title,
            status=self.kind.status,
            detail=self.kind.text_ko if korean and self.kind.text_ko else self.kind.text,
            code=self.kind.code,
            instance=f"urn:academy:trace:{trace_id(traceparent)}",
            errors=list(self.errors),
        )


def problem_answer(trouble: Trouble, language: Language, traceparent: str) -> Answer:
    """Return the whole answer for a problem, with headers that are the same for every request."""
    body = trouble.problem(language, traceparent).model_dump_json().encode()
    own = (("content-type", PROBLEM_TYPE), ("cache-control", "no-store"), ("content-language", language))
    return Answer(trouble.kind.status, body, (*own, *SAFE_HEADERS, *trouble.headers))


def fault_problems(faults: Sequence[Fault], language: Language) -> list[FieldProblem]:
    """Return faults as a problem lists them."""
    return [
        FieldProblem(
            field=".".join(map(str, fault.path)),
            code=fault.failure.code,
            message=fault.failure.text(language),
        )
        for fault in faults
    ]


_REFUSALS = {
    "document_kind": 415,
    "document_too_large": 413,
    "upload_too_large": 413,
    "not_a_video": 415,
    "content_type_mismatch": 415,
    "playback_blocked": 403,
}


def refusal_status(failure: Failure) -> int:
    """Return the HTTP status of a use case's refusal."""
    return _REFUSALS.get(failure.code, 422)
