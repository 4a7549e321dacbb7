"""A failure that a person can read: a stable code, a sentence in English and Korean, and whether a retry can help."""

from dataclasses import dataclass

__all__ = ["Failure"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job, an upload or a page failed.

    Attributes:
        code: stable, snake_case; clients may switch on it.
        message: one English sentence that says what is wrong and how to mend it.
        message_ko: the same in Korean.
        retryable: whether the same work may succeed later without a change by a person.
        costs_attempt: whether it uses up one of the job's attempts; an outage of something around us does not.
        stage: the step that failed ("probe", "transcode"), empty when unknown.
        detail: technical evidence for operators (last lines of a tool's output); never shown to a student,
            never holds a secret, a phone number or a URL signature. At most 2,000 characters.
    """

    code: str
    message: str
    message_ko: str = ""
    retryable: bool = False
    stage: str = ""
    detail: str = ""
    costs_attempt: bool = True

    def text(self, language: str) -> str:
        """Return the sentence in `language` ("ko" or "en"), English where no Korean stands."""
        return self.message_ko if language == "ko" and self.message_ko else self.message
