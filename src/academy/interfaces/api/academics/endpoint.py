"""What every view of people and classes shares: who asks, and faults field by field."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel
from rest_framework.response import Response

from academy.application.academics.asker import Asker
from academy.application.academics.form import FieldsRefused
from academy.application.ports.database import Transaction
from academy.domain.academics.refusals import CLASHES
from academy.interfaces.api import kinds
from academy.interfaces.api.accounts.members import EVERYBODY, OPERATORS
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.language import Language
from academy.interfaces.api.problems import Kind, Trouble, fault_problems

__all__ = ["MEMBERS", "AcademicsEndpoint"]

T = TypeVar("T")
MEMBERS = EVERYBODY - OPERATORS
"""Operators look after machines and see nobody's children."""


class AcademicsEndpoint(TenantEndpoint):
    """A view of people or classes."""

    @property
    def asker(self) -> Asker:
        """The member as use cases know them."""
        return Asker(self.member.tenant_id, self.member.viewer, self.member.manages)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction that writes nothing."""
        return self.services.database.read_sync(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction that may be repeated without harm."""
        return self.services.database.run_sync(work)

    def created(self, folder: str, work: Callable[[Transaction], BaseModel]) -> Response:
        """Make something, at most once per Idempotency-Key; the answer says where it lies."""
        response = self.once(201, work)
        made = response.data.model_dump() if isinstance(response.data, BaseModel) else response.data
        response["Location"] = f"/api/v1/{folder}/{made['id']}"
        return response

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an error; faults of a form are told field by field in the language asked for."""
        return super().handle_exception(
            _trouble(exc, self.language) if isinstance(exc, FieldsRefused) else exc
        )


def _trouble(refused: FieldsRefused, language: Language) -> Trouble:
    """Return a conflict when every field is right in itself, else an invalid request."""
    first = refused.faults[0].failure
    clash = all(fault.failure.code in CLASHES for fault in refused.faults)
    kind = Kind(409, first.code, first.message, first.message_ko) if clash else kinds.INVALID
    return Trouble(kind, errors=fault_problems(refused.faults, language))
