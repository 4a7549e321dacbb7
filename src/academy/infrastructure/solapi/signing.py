"""The Authorization header of Solapi's API.

Source: https://developers.solapi.com/references/authentication/api-key. A request is taken within 15 minutes of its time, and once.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

__all__ = ["authorization", "signature"]

_SALT_BYTES = 16


def signature(api_secret: str, date: str, salt: str) -> str:
    """Return HMAC-SHA256 of date and salt under the secret, in hexadecimal digits."""
    return hmac.new(api_secret.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()


def authorization(api_key: str, api_secret: str, at: datetime) -> str:
    """Return a header for one request made at an aware time; its salt is new each time."""
    date = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    salt = secrets.token_hex(_SALT_BYTES)
    signed = signature(api_secret, date, salt)
    return f"HMAC-SHA256 apiKey={api_key}, date={date}, salt={salt}, signature={signed}"
