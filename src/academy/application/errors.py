"""How a use case or a handler says that work failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from academy.domain.failures import Failure

__all__ = ["Conflict", "Fault", "NotFound", "Path", "Refused", "WorkFailed", "Yielded"]

Path = tuple[str | int, ...]
"""Where in the request: names of fields and indexes of lists, from the outside in."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field."""

    path: Path
    failure: Failure


class WorkFailed(Exception):
    """A handler could not do its job; `failure.retryable` says whether another attempt may."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


class Yielded(Exception):
    """A handler makes room: what it has done stands, and it goes on when its academy's turn comes again. Costs no attempt."""

    def __init__(self, delay: timedelta = timedelta(0)) -> None:
        """Go on after `delay` at the earliest."""
        super().__init__(f"goes on in {delay.total_seconds():g} s")
        self.delay = delay


class Refused(Exception):
    """A request that cannot be carried out as it is; `failure` says why and how to mend it, `faults` field by field if known."""

    def __init__(self, failure: Failure, faults: Sequence[Fault] = ()) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure
        self.faults = tuple(faults)


class Conflict(Refused):
    """The thing is in a state that does not allow the request."""


class NotFound(Exception):
    """No such thing, or not this tenant's; nobody learns which of the two.

    Attributes:
        what: the kind of thing in English, such as "class".
        paths: where in the request it is named, once for each that is not there; empty where the address itself names it.
    """

    def __init__(self, what: str, paths: Sequence[Path] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.paths = tuple(paths)
