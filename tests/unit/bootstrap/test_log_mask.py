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
        ({"error": "sent to (010)1234-5678"}, "1234-5678"),
        ({"error": "sent to (010) 1234-5678"}, "1234-5678"),
        ({"error": "sent to 00821012345678"}, "12345678"),
        ({"error": "sent to +82 (0)10 1234 5678"}, "1234 5678"),
        ({"error": "sent to 010\u20111234\u20115678"}, "1234\u20115678"),
        ({"error": "sent to ０１０-１２３４-５６７８"}, "１２３４-５６７８"),
        ({"error": "DETAIL:  Key (tenant_id, name)=(t1, 김민수) already exists."}, "김민수"),
        ({"error": "DETAIL:  Failing row contains (s1, t1, 김민수 (형), null)."}, "김민수"),
        ({"errors": ["sent to 010-1234-5678"]}, "1234-5678"),
        ({"error": "postgresql://u:abcSECRET@host/db"}, "abcSECRET"),
    ],
)
def test_nothing_private(fields: Any, secret: Any) -> None:
    assert secret not in str(logs._mask(None, "", dict(fields)))


@pytest.mark.parametrize(
    "kept", ["1763690000", "2026-11-21 10:12:34.567", "20101234567890", "job 0192f0c4-0101-1234"]
)
def test_what_only_looks_like_a_number_stays(kept: str) -> None:
    assert logs._mask(None, "", {"event": kept})["event"] == kept
