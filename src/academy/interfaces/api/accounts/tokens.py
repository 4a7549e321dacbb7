"""Tokens: made at login, kept as a hash, looked up by it."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from academy.interfaces.api.accounts.models import User

__all__ = ["BearerToken", "new_token"]

MOST_TOKENS = 20
"""Devices one person may be logged in on; the longest unused go first."""
_MAX_TOKEN_LENGTH = 200


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer {token}` (RFC 6750, 2.1).

    One look-up by the primary key, the token's SHA-512: knox's own class reads every token of the user for each request.
    """

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        """Return the user of a token, None when none was sent. Raises AuthenticationFailed."""
        scheme, _, token = get_authorization_header(request).strip().partition(b" ")
        if not scheme:
            return None
        token = token.strip()
        if scheme.lower() != b"bearer" or not token.isalnum() or len(token) > _MAX_TOKEN_LENGTH:
            raise AuthenticationFailed
        digest = hash_token(token.decode("ascii"))
        found = AuthToken.objects.select_related("user").filter(digest=digest).first()
        if found is None or not found.user.is_active:
            raise AuthenticationFailed
        if found.expiry is not None and found.expiry <= timezone.now():
            raise AuthenticationFailed
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return "Bearer"


def new_token(user: User) -> tuple[str, datetime]:
    """Make a token and drop the user's expired and surplus ones; return it and when it expires."""
    mine: Any = AuthToken.objects.filter(user=user)
    mine.filter(expiry__lte=timezone.now()).delete()
    surplus = list(mine.order_by("-created").values_list("digest", flat=True)[MOST_TOKENS - 1 :])
    mine.filter(digest__in=surplus).delete()
    made, token = AuthToken.objects.create(user=user)
    return token, made.expiry
