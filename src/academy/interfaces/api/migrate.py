"""Bring Django's own tables up to date."""

from django.core.management import call_command
from django.db import connections

from academy.bootstrap.settings import Settings
from academy.interfaces.api.configure import configure

__all__ = ["migrate_django"]


def migrate_django(settings: Settings) -> None:
    """Make or update the tables of users, sessions, permissions, tokens and failed logins; harmless to repeat."""
    configure(settings)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connections.close_all()
