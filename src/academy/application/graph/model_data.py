"""What the graph worker's questions to a language model have in common: texts of documents are data, outages are listed (GRA-6, GRA-7)."""

import json
from collections.abc import Mapping
from typing import Any

from academy.application.ports.clock import Clock
from academy.application.ports.models import Message, ModelError
from academy.contracts.graph import Degraded
from academy.domain.failures import Failure

__all__ = ["LANGUAGES", "MODEL_TOO_SLOW", "Patience", "asked_of", "not_done"]

LANGUAGES: Mapping[str, str] = {"ko": "Korean", "en": "English", "auto": "of the question"}
MODEL_TOO_SLOW = Failure(
    "model_too_slow",
    "The model took longer than the task could wait for; the rest was done without it.",
    "AI 모델의 응답이 작업이 기다릴 수 있는 시간보다 오래 걸려, 나머지는 모델 없이 처리했습니다.",
)
_LONGEST_REASON = 500


class Patience:
    """How long a task waits for a model in all: what it has not said by then is left, so that the task ends within its own limit."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Begin to wait now."""
        self._clock = clock
        self._until = clock.monotonic() + seconds

    def check(self) -> None:
        """Raise ModelError (`model_too_slow`) when the time is up; called before each request."""
        if self._clock.monotonic() >= self._until:
            raise ModelError(MODEL_TOO_SLOW)


def asked_of(instructions: str, data: Mapping[str, Any]) -> list[Message]:
    """Return a question: instructions of ours, and everything that others wrote in one JSON value that cannot end before its end."""
    return [Message("system", instructions), Message("user", json.dumps(data, ensure_ascii=False))]


def not_done(what: str, error: ModelError | TimeoutError, more: str = "") -> Degraded:
    """Return how it is told that a configured model did not do something, or not in time; `more` is added to its message."""
    failure = error.failure if isinstance(error, ModelError) else MODEL_TOO_SLOW
    return Degraded(
        what=what, code=failure.code, message=f"{failure.message} {more}".strip()[:_LONGEST_REASON]
    )
