"""Set Django up for this process from our settings; Django reads no environment of its own."""

import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler

from academy.bootstrap.settings import Profile, Settings
from academy.interfaces.api import settings as static
from academy.interfaces.api.middleware import PAGES
from academy.interfaces.api.wsgi_pool import Environ, StartResponse, WsgiApplication

__all__ = ["configure", "wsgi_application"]

BUSY_SECONDS = 5
"""How long a thread waits for another process's transaction before the request is told to come again."""


def configure(settings: Settings) -> None:
    """Configure Django once; a second call must name the same database. Raises RuntimeError."""
    if django_settings.configured:
        if settings.database != getattr(django_settings, "ACADEMY_DATABASE", None):
            raise RuntimeError("Django is configured for another database in this process")
        return
    fixed = {name: getattr(static, name) for name in dir(static) if name.isupper()}
    django_settings.configure(**(fixed | _dynamic(settings)))
    # The first names users, and a user's name may be a phone number; the others repeat what we log, with the error's text.
    for private in ("axes", "django.request", "django.security"):
        logging.getLogger(private).setLevel(logging.CRITICAL)
    django.setup()


def wsgi_application() -> WsgiApplication:
    """Return Django as one WSGI application: the API with next to no middleware, pages with all of it."""
    pages = WSGIHandler()
    everything = django_settings.MIDDLEWARE
    # A handler reads the setting once, when it is made.
    django_settings.MIDDLEWARE = static.API_MIDDLEWARE
    api = WSGIHandler()
    django_settings.MIDDLEWARE = everything

    def dispatch(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        handler = pages if environ["PATH_INFO"].startswith(PAGES) else api
        answer: Iterable[bytes] = handler(environ, start_response)
        return answer

    return dispatch


def _dynamic(settings: Settings) -> dict[str, Any]:
    secret = settings.secret_key.get_secret_value()
    if not secret:
        raise RuntimeError("the API needs ACADEMY_SECRET_KEY")
    https = settings.base_url.startswith("https://")
    hardened = settings.profile is Profile.PRODUCTION and https
    return {
        "SECRET_KEY": secret,
        "ACADEMY_DATABASE": settings.database,
        "DATABASES": {"default": _database(settings)},
        "ALLOWED_HOSTS": list(settings.allowed_hosts),
        "CSRF_TRUSTED_ORIGINS": [settings.base_url.rstrip("/")],
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SECURE": https,
        "SECURE_HSTS_SECONDS": 31_536_000 if hardened else 0,
        "SECURE_PROXY_SSL_HEADER": None,
    }


def _database(settings: Settings) -> dict[str, Any]:
    """Return Django's view of the database that our own tables lie in."""
    url = urlsplit(settings.database)
    if url.scheme.startswith("sqlite"):
        options = {
            # A writer that asks for its lock at BEGIN never fails half-way for want of it.
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_SECONDS,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        }
        name = unquote(settings.database.partition(":///")[2])
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options, "CONN_MAX_AGE": 600}
    query = dict(parse_qsl(url.query))
    host = query.pop("host", "") or url.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or query.pop("user", "")),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(query.pop("port", "") or url.port or ""),
        "OPTIONS": {"connect_timeout": 5, "application_name": "academy-api", **query},
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
