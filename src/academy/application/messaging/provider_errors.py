"""What operators learn of a provider that did not do what it was asked to (API-4)."""

import logging

from academy.application.ports.message_provider import AccountRefused, ProviderError, ProviderRefused
from academy.application.ports.telemetry import Telemetry

__all__ = ["note_error"]

log = logging.getLogger(__name__)


def note_error(telemetry: Telemetry, error: ProviderError) -> None:
    """Count an error of the provider's; one that only an operator can end, because our account is refused, is logged as an error.

    It counts as ProviderRefused, of which operators are told at once.
    """
    if not isinstance(error, AccountRefused):
        telemetry.count("academy_provider_errors_total", error=type(error).__name__)
        return
    telemetry.count("academy_provider_errors_total", error=ProviderRefused.__name__)
    failure = error.failure
    log.error("provider_refuses_account", extra={"code": failure.code, "detail": failure.detail})
