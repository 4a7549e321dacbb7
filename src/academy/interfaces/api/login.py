"""Logging in and out, and who one is."""

import logging

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from academy.contracts.rest.accounts import LoginAnswer, LoginRequest, Me, MembershipView
from academy.domain.tenant.tenant import Role
from academy.interfaces.api import kinds
from academy.interfaces.api.accounts.members import Principal
from academy.interfaces.api.accounts.models import User
from academy.interfaces.api.accounts.throttling import seconds_refused
from academy.interfaces.api.accounts.tokens import drop_token, new_token
from academy.interfaces.api.endpoint import Endpoint
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.rendering import LOCK_SECONDS

__all__ = ["LoginView", "LogoutView", "MeView"]

log = logging.getLogger(__name__)


class LoginView(Endpoint):
    """Name and password for a token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        request=LoginRequest, responses={200: LoginAnswer}, operation_id="login", auth=[], tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Log in.

        After five failures the name is locked for this address for 15 minutes; after 300 in a minute, whatever the names,
        only who logged in from the address before is heard.
        """
        asked = self.body(LoginRequest)
        plain = request._request  # noqa: SLF001 - django-axes marks Django's own request
        wait = seconds_refused(plain, asked.username)
        if wait:
            self.services.telemetry.count("academy_logins_total", outcome="slowed")
            raise Trouble(kinds.TOO_MANY_REQUESTS, retry_after=wait)
        user = authenticate(plain, username=asked.username, password=asked.password.get_secret_value())
        if not isinstance(user, User):
            locked = getattr(plain, "axes_locked_out", False)
            self.services.telemetry.count("academy_logins_total", outcome="locked" if locked else "refused")
            log.info("login_refused", extra={"locked": locked})
            raise (
                Trouble(kinds.LOCKED_OUT, retry_after=LOCK_SECONDS) if locked else Trouble(kinds.LOGIN_FAILED)
            )
        self.services.telemetry.count("academy_logins_total", outcome="ok")
        # django-axes forgets the failures before, Django notes the time.
        user_logged_in.send(sender=User, request=plain, user=user)
        token, expires_at = new_token(user)
        roles = {each.tenant_id: Role(each.role) for each in user.memberships.all()}
        principal = Principal(user.viewer, user.username, user.name, roles)
        return Response(LoginAnswer(token=token, expires_at=expires_at, user=me(self, principal)))


class LogoutView(Endpoint):
    """The end of a token."""

    @extend_schema(request=None, responses={204: None}, operation_id="logout", tags=["auth"])
    def post(self, request: Request) -> Response:
        """Log out: the token that was sent is void from now on."""
        drop_token(str(request.auth))
        return Response(status=204)


class MeView(Endpoint):
    """Who one is."""

    @extend_schema(responses={200: Me}, operation_id="me", tags=["auth"])
    def get(self, request: Request) -> Response:
        """Show who is logged in and which academies they belong to."""
        return Response(me(self, self.principal))


def me(endpoint: Endpoint, principal: Principal) -> Me:
    """Return a user with their academies; one that is gone is left out."""
    roles = principal.roles
    found = endpoint.services.database.read_sync(
        lambda tx: [tx.tenants.get(tenant_id) for tenant_id in roles]
    )
    memberships = [
        MembershipView(tenant_id=tenant.id, code=tenant.code, name=tenant.name, role=roles[tenant.id].value)
        for tenant in found
        if tenant is not None
    ]
    return Me(id=principal.viewer, username=principal.username, name=principal.name, memberships=memberships)
