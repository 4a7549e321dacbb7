"""What is said when a sheet cannot be made as somebody asked."""

from academy.domain.failures import Failure

__all__ = ["SheetRefused"]


class SheetRefused(ValueError):
    """A sheet, its code or what is to be printed on it is not possible; `failure` says why and how to mend it."""

    def __init__(self, code: str, message: str, message_ko: str) -> None:
        super().__init__(message)
        self.failure = Failure(code, message, message_ko)
