"""Django's entry to this app."""

from django.apps import AppConfig

__all__ = ["AccountsConfig"]


class AccountsConfig(AppConfig):
    """Users and memberships."""

    name = "academy.interfaces.api.accounts"
    label = "accounts"
    verbose_name = "People"
