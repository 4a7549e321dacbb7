"""Solapi's Authorization header, compared with the vendor's page and with a published vector of HMAC-SHA256."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from academy.infrastructure.solapi.signing import authorization, signature

DOCUMENTED = (
    "HMAC-SHA256 apiKey=NCSAYU7YDBXYORXC, date=2019-07-01T00:41:48Z, salt=jqsba2jxjnrjor, "
    "signature=1779eac71a24cbeeadfa7263cb84b7ea0af1714f5c0270aa30ffd34600e363b4"
)
"""https://developers.solapi.com/references/authentication/api-key; the page does not tell the secret."""
AT = datetime(2019, 7, 1, 9, 41, 48, tzinfo=timezone(timedelta(hours=9)))
_PARTS = re.compile(r"salt=([^,]+), signature=([0-9a-f]{64})")


@pytest.mark.requirement("MSG-1")
def test_the_header_has_the_form_of_the_documented_example() -> None:
    header = authorization("NCSAYU7YDBXYORXC", "secret", AT)
    assert _PARTS.sub("…", header) == _PARTS.sub("…", DOCUMENTED)
    found = _PARTS.search(header)
    assert found is not None
    salt, mac = found.groups()
    assert 12 <= len(salt) <= 64
    assert mac == signature("secret", "2019-07-01T00:41:48Z", salt)


@pytest.mark.requirement("MSG-1")
def test_the_signature_is_hmac_sha256_of_date_and_salt_in_hexadecimal() -> None:
    # RFC 4231, test case 2: the data "what do ya want for nothing?" under the key "Jefe".
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", "what do ya want ", "for nothing?") == expected


@pytest.mark.requirement("SEC-3")
def test_no_two_requests_have_the_same_signature_and_none_tells_the_secret() -> None:
    headers = {authorization("KEY", "a-secret", datetime(2026, 3, 2, tzinfo=UTC)) for _ in range(1_000)}
    assert len(headers) == 1_000
    assert not any("a-secret" in header for header in headers)
