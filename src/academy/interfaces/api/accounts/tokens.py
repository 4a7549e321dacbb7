"""Tokens: made at login, kept as a hash, looked up by it."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from academy.domain.tenant.tenant import Role
from academy.interfaces.api.accounts.members import Principal
from academy.interfaces.api.accounts.models import Membership, User

__all__ = ["BearerToken", "drop_token", "new_token"]

MOST_TOKENS = 20
"""Devices one person may be logged in on; the oldest logins go first."""
_MAX_TOKEN_LENGTH = 200
# Every request asks this, so it is one statement: building it with the ORM, token, user and roles apart, takes longer than the rest
# of a request.
_WHO = f"""
SELECT u.id, u.username, u.name, m.tenant_id, m.role
FROM {AuthToken._meta.db_table} t
JOIN {User._meta.db_table} u ON u.id = t.user_id
LEFT JOIN {Membership._meta.db_table} m ON m.user_id = u.id
WHERE t.digest = %s AND u.is_active AND (t.expiry IS NULL OR t.expiry > %s)
"""  # noqa: S608, SLF001 - names of our own tables


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer {token}` (RFC 6750, 2.1); the token is found by its SHA-512."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        """Return who a token belongs to and its digest, None when none was sent. Raises AuthenticationFailed."""
        scheme, _, token = get_authorization_header(request).strip().partition(b" ")
        if not scheme:
            return None
        token = token.strip()
        if scheme.lower() != b"bearer" or not token.isalnum() or len(token) > _MAX_TOKEN_LENGTH:
            raise AuthenticationFailed
        digest = hash_token(token.decode("ascii"))
        with connection.cursor() as cursor:
            now = connection.ops.adapt_datetimefield_value(timezone.now())
            cursor.execute(_WHO, [digest, now])
            rows = cursor.fetchall()
        if not rows:
            raise AuthenticationFailed
        return _principal(rows), digest

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return "Bearer"


def _principal(rows: Iterable[tuple[Any, ...]]) -> Principal:
    user_id, username, name, _, _ = next(iter(rows))
    roles = {tenant_id: Role(role) for *_, tenant_id, role in rows if tenant_id is not None}
    # SQLite keeps the id as text, PostgreSQL as a UUID.
    return Principal(uuid.UUID(str(user_id)).hex, username, name, roles)


def new_token(user: User) -> tuple[str, datetime]:
    """Make a token and drop the user's expired and surplus ones; return it and when it expires."""
    mine: Any = AuthToken.objects.filter(user=user)
    mine.filter(expiry__lte=timezone.now()).delete()
    surplus = list(mine.order_by("-created").values_list("digest", flat=True)[MOST_TOKENS - 1 :])
    mine.filter(digest__in=surplus).delete()
    made, token = AuthToken.objects.create(user=user)
    return token, made.expiry


def drop_token(digest: str) -> None:
    """Make a token void."""
    AuthToken.objects.filter(digest=digest).delete()
