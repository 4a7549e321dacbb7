"""Django's entry to this app."""

from django.apps import AppConfig

__all__ = ["AccountsConfig"]


class AccountsConfig(AppConfig):
    """Users and memberships."""

    name = "academy.interfaces.api.accounts"
    label = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Listen for logins."""
        # Django's cache and signals can be imported only once its settings are there.
        from academy.interfaces.api.accounts.throttling import count_logins  # noqa: PLC0415

        count_logins()
