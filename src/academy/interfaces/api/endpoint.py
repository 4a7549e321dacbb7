"""What every view shares: who is asking, reading the request, answering once."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academy.application.ports.database import StoredResponse, Transaction
from academy.bootstrap.api import ApiServices
from academy.domain.tenant.tenant import Role
from academy.interfaces.api import kinds
from academy.interfaces.api.accounts.members import Member, Principal, member_of
from academy.interfaces.api.language import Language
from academy.interfaces.api.middleware import LANGUAGE_KEY, TRACE_KEY, VIEWER_KEY
from academy.interfaces.api.portal import Portal
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.runtime import runtime_in
from academy.interfaces.api.validation import read_json, read_query

__all__ = ["AlreadyAnswered", "Endpoint", "TenantEndpoint"]

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class AlreadyAnswered(Exception):
    """Rolls a transaction back because the request was carried out before; `stored` is its answer."""

    def __init__(self, stored: StoredResponse) -> None:
        super().__init__("already answered")
        self.stored = stored


class Endpoint(APIView):
    """A view with the services of this process at hand."""

    http_method_names = ("get", "head", "post", "put", "patch", "delete")

    @property
    def services(self) -> ApiServices:
        """Use cases and ports."""
        return runtime_in(self.request.META).services

    @property
    def principal(self) -> Principal:
        """Who is logged in."""
        user: object = self.request.user
        assert isinstance(user, Principal)
        return user

    @property
    def portal(self) -> Portal:
        """The way to asynchronous ports."""
        return runtime_in(self.request.META).portal

    @property
    def language(self) -> Language:
        """The language that the person reads."""
        language: Language = self.request.META[LANGUAGE_KEY]
        return language

    @property
    def traceparent(self) -> str:
        """The W3C traceparent of this request."""
        return str(self.request.META[TRACE_KEY])

    def body(self, model: type[M]) -> M:
        """Return the request body as `model`. Raises Trouble."""
        plain = self.request._request  # noqa: SLF001 - the unparsed body is Django's
        return read_json(model, plain.META.get("CONTENT_TYPE", ""), plain.body, self.language)

    def query(self, model: type[M]) -> M:
        """Return the query parameters as `model`. Raises Trouble."""
        return read_query(model, self.request.query_params.dict(), self.language)

    def page(self, work: Callable[[Transaction], T]) -> T:
        """Run the transaction of a list; a cursor that is not ours is a problem of the request."""
        try:
            return self.services.database.read_sync(work)
        except ValueError:
            raise Trouble(kinds.CURSOR_INVALID) from None


class TenantEndpoint(Endpoint):
    """A view for members of an academy; `roles` says who may use which method."""

    roles: ClassVar[Mapping[str, frozenset[Role]]] = {}
    member: Member

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Find out who is asking and as what, before the method runs."""
        super().initial(request, *args, **kwargs)
        self.member = member_of(self.principal, request.headers.get("X-Academy-Tenant", ""))
        request.META[VIEWER_KEY] = self.member.viewer
        method = "GET" if request.method == "HEAD" else request.method or ""
        # A method that has a handler and no roles is open to nobody; one without a handler is a 405.
        name = method.lower()
        if (
            name in self.http_method_names
            and hasattr(self, name)
            and self.member.role not in self.roles.get(method, frozenset())
        ):
            raise Trouble(kinds.ROLE_NOT_ALLOWED)

    def once(self, status: int, work: Callable[[Transaction], BaseModel]) -> Response:
        """Carry out a request in one transaction, at most once per Idempotency-Key; the answer commits with the effect."""
        key = self.idempotency_key()

        def kept(tx: Transaction) -> StoredResponse | BaseModel:
            stored = self.begin(tx, key)
            if stored is not None:
                return stored
            answer = work(tx)
            self.finish(tx, key, status, answer)
            return answer

        with self.services.tracer.span("submit", self.traceparent):
            answer = self.services.database.run_sync(kept)
        return self.replay(answer) if isinstance(answer, StoredResponse) else Response(answer, status)

    def idempotency_key(self) -> str:
        """Return the key of this request, "" without one: the client's, apart for every person. Raises Trouble."""
        given = self.request.headers.get("Idempotency-Key")
        if given is None:
            return ""
        if not _KEY.fullmatch(given):
            raise Trouble(kinds.IDEMPOTENCY_KEY_INVALID)
        return f"{self.member.viewer}:{given}"

    def begin(self, tx: Transaction, key: str) -> StoredResponse | None:
        """Return the answer that this request had before, None for the first time. Raises IdempotencyConflict, Trouble."""
        if not key:
            return None
        plain = self.request._request  # noqa: SLF001
        asked = hashlib.sha256()
        for part in (plain.method or "", plain.path, plain.META.get("QUERY_STRING", "")):
            asked.update(part.encode() + b"\n")
        asked.update(plain.body or b"{}")
        stored = tx.idempotency.begin(self.member.tenant_id, key, asked.hexdigest())
        if stored is not None and stored.status == 0:
            raise Trouble(kinds.IDEMPOTENCY_IN_PROGRESS, retry_after=1)
        return stored

    def finish(self, tx: Transaction, key: str, status: int, answer: BaseModel) -> None:
        """Keep the answer in the transaction of the effect."""
        if key:
            stored = StoredResponse(status, answer.model_dump(mode="json"))
            tx.idempotency.finish(self.member.tenant_id, key, stored)

    def answered_before(self, key: str) -> Response | None:
        """Return the kept answer to this request, None for the first time; reserves nothing. Raises IdempotencyConflict."""
        if not key:
            return None

        def look(tx: Transaction) -> StoredResponse:
            stored = self.begin(tx, key)
            if stored is None:
                raise _Unanswered
            return stored

        try:
            return self.replay(self.services.database.run_sync(look))
        except _Unanswered:
            return None

    def replay(self, stored: StoredResponse) -> Response:
        """Return a kept answer, marked as such."""
        return Response(stored.body, stored.status, headers={"Idempotency-Replayed": "true"})


class _Unanswered(Exception):
    """Rolls the reservation of a mere look back."""
