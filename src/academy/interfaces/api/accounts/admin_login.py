"""The admin's login under the same ceiling as the API's."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from academy.interfaces.api import kinds
from academy.interfaces.api.accounts.throttling import seconds_refused
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.rendering import problem_response

__all__ = ["SlowAdminLogin"]


class SlowAdminLogin:
    """Refuse a login in the admin while its address is over the ceiling of failures."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle one request."""
        if request.method == "POST" and request.path_info.startswith("/admin/login"):
            wait = seconds_refused(request, request.POST.get("username", ""))
            if wait:
                return problem_response(request, Trouble(kinds.TOO_MANY_REQUESTS, retry_after=wait))
        return self._get_response(request)
