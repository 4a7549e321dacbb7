"""What people filled in: read field by field, with everything that is wrong told at once."""

from collections.abc import Mapping, Sequence

from academy.application.errors import Fault, Path, Refused
from academy.domain.academics import typed
from academy.domain.academics.refusals import STUDENT_TWICE
from academy.domain.failures import Failure
from academy.domain.phone import PhoneInvalid, mobile

__all__ = ["Fault", "FieldsRefused", "Form", "Path"]


class FieldsRefused(Refused):
    """Some fields cannot be taken as they are; nothing has changed. `faults` holds one or more."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].failure, faults)


class Form:
    """Reads fields and gathers their faults; what cannot be read is returned as ""."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def refuse(self, path: Path, failure: Failure) -> None:
        """Note a fault."""
        self._faults.append(Fault(path, failure))

    def name(self, path: Path, text: str) -> str:
        """Return a name."""
        try:
            return typed.name(text)
        except typed.Unreadable as wrong:
            self.refuse(path, wrong.failure)
            return ""

    def identifier(self, path: Path, text: str) -> str:
        """Return an identifier, "" where none is given."""
        try:
            return typed.identifier(text) if text.strip() else ""
        except typed.Unreadable as wrong:
            self.refuse(path, wrong.failure)
            return ""

    def phone(self, path: Path, text: str) -> str:
        """Return the digits of a mobile number."""
        try:
            return mobile(text)
        except PhoneInvalid as wrong:
            self.refuse(path, wrong.failure)
            return ""

    def phone_or_none(self, path: Path, text: str) -> str:
        """Return the digits of a mobile number, "" where none is given."""
        return self.phone(path, text) if text.strip() else ""

    def students_once(self, student_ids: Mapping[Path, str]) -> None:
        """Refuse students that stand in a list twice."""
        seen: set[str] = set()
        for path, student_id in student_ids.items():
            if student_id in seen:
                self.refuse(path, STUDENT_TWICE)
            seen.add(student_id)

    def check(self) -> None:
        """Raise FieldsRefused if there was a fault."""
        if self._faults:
            raise FieldsRefused(self._faults)
