"""Secrets and phone numbers are masked in whatever form a line holds them (SEC-3)."""

from typing import Any

import pytest

from academy.bootstrap import logs

pytestmark = pytest.mark.requirement("SEC-3")


@pytest.mark.parametrize(
    ("fields", "secret"),
    [
        ({"error": "Authorization: Bearer abcSECRET"}, "abcSECRET"),
        ({"error": '{"access_token": "abcSECRET"}'}, "abcSECRET"),
        ({"error": "x-amz-security-token:abcSECRET"}, "abcSECRET"),
        ({"error": "sent to +82 10-1234-5678"}, "1234-5678"),
        ({"error": "sent to +821012345678"}, "12345678"),
        ({"errors": ["sent to 010-1234-5678"]}, "1234-5678"),
        ({"error": "postgresql://u:abcSECRET@host/db"}, "abcSECRET"),
    ],
)
def test_nothing_private(fields: Any, secret: Any) -> None:
    assert secret not in str(logs._mask(None, "", dict(fields)))
