"""How a use case or a handler says that work failed."""

from academy.domain.failures import Failure

__all__ = ["Conflict", "NotFound", "Refused", "WorkFailed"]


class WorkFailed(Exception):
    """A handler could not do its job; `failure.retryable` says whether another attempt may."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


class Refused(Exception):
    """A request that cannot be carried out as it is; `failure` says why and how to mend it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


class Conflict(Refused):
    """The thing is in a state that does not allow the request."""


class NotFound(Exception):
    """No such thing, or not this tenant's."""
