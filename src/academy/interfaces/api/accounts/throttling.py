"""Slow down who guesses, not a classroom that logs in together behind one address."""

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

__all__ = ["FailedLogins"]


class FailedLogins(SimpleRateThrottle):
    """Counts failed logins by address, whatever the name; django-axes counts them by name and address."""

    scope = "login"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """Return where the failures of this address are counted."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def throttle_success(self) -> bool:
        """Let the request pass; only `record` counts."""
        return True

    def record(self, request: Request, view: APIView) -> None:
        """Count a failure."""
        key = self.get_cache_key(request, view)
        _, seconds = self.parse_rate(self.get_rate())
        assert seconds is not None
        recent = [at for at in cache.get(key, []) if at > self.timer() - seconds]
        cache.set(key, [self.timer(), *recent], seconds)
