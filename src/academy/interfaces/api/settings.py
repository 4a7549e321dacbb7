"""Django settings."""

SECRET_KEY = "replaced-at-start"
INSTALLED_APPS: list[str] = []
USE_TZ = True
