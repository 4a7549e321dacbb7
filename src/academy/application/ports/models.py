"""Ports: language models and embedding models, on the network or on this machine.

    ModelError
    ├─ ModelUnavailable     model_unavailable: no connection, no answer in time, 5xx, too busy
    ├─ ModelRefused         model_key_refused, model_quota_exhausted, model_not_found, model_request_refused
    └─ ModelAnswerInvalid   model_answer_invalid: what came is not what was asked for

Use cases add `llm_not_configured` and `model_budget_exceeded`. Every one has a `failure` that a person can read.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from academy.domain.failures import Failure

__all__ = [
    "LLM_NOT_CONFIGURED",
    "MODEL_ANSWER_INVALID",
    "MODEL_BUDGET_EXCEEDED",
    "MODEL_UNAVAILABLE",
    "Completion",
    "Embedded",
    "Embedder",
    "LanguageModel",
    "Message",
    "ModelAnswerInvalid",
    "ModelError",
    "ModelRefused",
    "ModelUnavailable",
    "Usage",
]

MODEL_UNAVAILABLE = Failure(
    "model_unavailable",
    "The server of the model cannot be reached or does not answer in time; it is tried again by itself.",
    "AI 모델 서버에 연결할 수 없거나 제때 응답하지 않습니다. 자동으로 다시 시도합니다.",
    retryable=True,
    costs_attempt=False,
)
MODEL_ANSWER_INVALID = Failure(
    "model_answer_invalid",
    "The model's answers did not fit what was asked for, also after it was asked again; order it once more or for fewer.",
    "AI 모델의 응답이 요청한 형식에 맞지 않습니다. 다시 요청하거나 개수를 줄여 주세요.",
)
MODEL_BUDGET_EXCEEDED = Failure(
    "model_budget_exceeded",
    "The work would need more tokens than its budget allows; raise the budget or ask for less.",
    "작업에 필요한 토큰이 정해진 한도를 넘습니다. 한도를 올리거나 요청을 줄여 주세요.",
)
LLM_NOT_CONFIGURED = Failure(
    "llm_not_configured",
    "This needs a language model and none is set up; the operator sets ACADEMY_LLM_URL and ACADEMY_LLM_MODEL.",
    "언어 모델이 설정되어 있지 않습니다. 관리자가 ACADEMY_LLM_URL과 ACADEMY_LLM_MODEL을 설정해야 합니다.",
)


class ModelError(Exception):
    """Root of what the ports raise."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.detail or failure.message}")
        self.failure = failure


class ModelUnavailable(ModelError):
    """An outage; the same request may be answered later."""


class ModelRefused(ModelError):
    """The server wants nothing of this request until a person changes something; `failure` says what."""


class ModelAnswerInvalid(ModelError):
    """An answer came and it is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What requests cost.

    Attributes:
        tokens_in, tokens_out: of the model's own counting.
        requests: that were answered.
        estimated: whether the server did not count, so that the tokens are a guess from the length of the texts.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    requests: int = 0
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Return all tokens."""
        return self.tokens_in + self.tokens_out

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.requests + other.requests,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer.

    Attributes:
        text: as it came; with a schema it should be JSON, and is for the caller to check.
        model: name that the server gives.
        cut: whether it ends where the tokens ended.
        degraded: what the server could not do ("json_schema": it was told the schema in words).
    """

    text: str
    usage: Usage
    model: str
    cut: bool = False
    degraded: tuple[str, ...] = ()


class LanguageModel(Protocol):
    """Answers a conversation."""

    async def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, budget_tokens: int
    ) -> Completion:
        """Return the model's next turn; it writes at most `budget_tokens` tokens.

        `schema`: JSON Schema of an object that the answer is to be; None: any text. A request may be sent again after an outage of
        moments; it changes nothing but the bill. Raises ModelError; never answers in the place of a model.
        """
        ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of texts, one for each in their order.

    Attributes:
        vectors: of `dimension` numbers each, arrays of type "f".
        model: name under which the vectors are kept; vectors of different models cannot be compared.
        metric: how near two are: "cosine" (they have length 1), "dot" or "euclidean".
    """

    vectors: Sequence["array[float]"]
    model: str
    dimension: int
    metric: str
    usage: Usage


class Embedder(Protocol):
    """Makes vectors of texts."""

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Return a vector for each text; equal texts get equal vectors from one model. Raises ModelError."""
        ...
