"""Who may ask the local Solapi server: its own reading of the vendor's page on API keys.

Source: https://developers.solapi.com/references/authentication/api-key: HMAC-SHA256 over date + salt under the secret, in hexadecimal digits;
a date of ISO 8601 within 15 minutes; a salt of 12 to 64 bytes; a signature once in 15 minutes. Each error is 403, by the names below.
That a request without the header is answered 401 is an assumption.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["Guard"]

_SKEW = timedelta(minutes=15)
_HEADER = re.compile(
    r"HMAC-SHA256 apiKey=(?P<key>[^,\s]+), date=(?P<date>[^,\s]+), salt=(?P<salt>[^,\s]+), signature=(?P<mac>[0-9a-f]{64})"
)


class Guard:
    """Checks the Authorization header of each request."""

    def __init__(self, api_key: str, api_secret: str) -> None:
        self.api_key = api_key
        self.api_secret = api_secret
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._used: set[str] = set()

    def problem(self, header: str) -> tuple[int, str] | None:
        """Return status and name of the error, None for a request that may pass; its signature is used up by that."""
        said = _HEADER.fullmatch(header)
        if said is None:
            return (401, "Unauthorized")
        if said["key"] != self.api_key:
            return (403, "InvalidAPIKey")
        mac = hmac.digest(self.api_secret.encode(), (said["date"] + said["salt"]).encode(), hashlib.sha256)
        if not 12 <= len(said["salt"].encode()) <= 64 or not hmac.compare_digest(mac.hex(), said["mac"]):
            return (403, "SignatureDoesNotMatch")
        try:
            skew = abs(datetime.fromisoformat(said["date"]) - self.now())
        except (TypeError, ValueError):
            return (403, "RequestTimeTooSkewed")
        if skew > _SKEW:
            return (403, "RequestTimeTooSkewed")
        if said["mac"] in self._used:
            return (403, "DuplicatedSignature")
        self._used.add(said["mac"])
        return None
