"""Slow down who guesses, not a classroom that logs in together behind one address.

Failures of a name from an address are counted strictly, by django-axes. Those of an address whatever the name only have a high
ceiling, and who logged in from there before is let through it: nobody's failures keep out another's right password. The address
is the connection's, or what a proxy says of it when ACADEMY_TRUSTED_PROXIES names that proxy.
"""

import hashlib
import math
import time

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.cache import cache
from django.http import HttpRequest

__all__ = ["MOST_FAILURES", "count_logins", "seconds_refused"]

MOST_FAILURES = 300
"""Failed logins a minute from one address; a school that types badly stays below."""
WINDOW_SECONDS = 60
REMEMBERED_SECONDS = 30 * 24 * 3600


def seconds_refused(request: HttpRequest, username: str) -> int:
    """Return for how many seconds a login is refused unseen, 0 when it is not."""
    failures: int = cache.get(_failures_key(request), 0)
    if failures < MOST_FAILURES or cache.get(_known_key(request, username)):
        return 0
    return math.ceil(WINDOW_SECONDS - time.time() % WINDOW_SECONDS)


def count_logins() -> None:
    """Count every login of this process from now on, at the API and in the admin."""
    user_login_failed.connect(_failed, dispatch_uid="count failed logins")
    user_logged_in.connect(_succeeded, dispatch_uid="remember logins")


def _failed(*, request: HttpRequest | None = None, **_: object) -> None:
    if request is None:
        return
    key = _failures_key(request)
    if not cache.add(key, 1, 2 * WINDOW_SECONDS):
        try:
            cache.incr(key)
        except ValueError:
            # Thrown out of a full cache since.
            cache.set(key, 1, 2 * WINDOW_SECONDS)


def _succeeded(*, request: HttpRequest, user: object, **_: object) -> None:
    cache.set(_known_key(request, str(user)), True, REMEMBERED_SECONDS)


def _failures_key(request: HttpRequest) -> str:
    window = int(time.time() // WINDOW_SECONDS)
    return f"login-failures:{request.META['REMOTE_ADDR']}:{window}"


def _known_key(request: HttpRequest, username: str) -> str:
    pair = f"{request.META['REMOTE_ADDR']} {username}"
    return f"login-known:{hashlib.sha256(pair.encode()).hexdigest()}"
