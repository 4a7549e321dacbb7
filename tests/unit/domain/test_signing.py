"""Signed URLs of our own objects fail closed."""

from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.signing import ObjectGrant, SignatureRefused, UrlSigner

pytestmark = pytest.mark.requirement("SEC-3")

NEW, OLD = b"new secret" * 4, b"old secret" * 4
SIGNER = UrlSigner([NEW])
GRANT = ObjectGrant("PUT", "academy-video", "tenants/t1/강의 1#1.mp4", 1000, 77, "upload", 3)
Query = dict[str, str]


def _parsed(url: str) -> tuple[str, str, Query]:
    parts = urlsplit(url)
    bucket, _, key = parts.path.removeprefix("/objects/").partition("/")
    return unquote(bucket), unquote(key), dict(parse_qsl(parts.query, keep_blank_values=True))


@given(
    st.builds(
        ObjectGrant,
        st.sampled_from(["GET", "PUT"]),
        st.text(min_size=1).filter(lambda text: "/" not in text and text.isprintable()),
        st.text(min_size=1).filter(str.isprintable),
        st.integers(1, 10**12),
        st.integers(0, 10**13),
        st.text(alphabet="0123456789abcdef"),
        st.integers(0, 10_000),
    )
)
def test_a_signed_url_gives_back_its_grant(grant: ObjectGrant) -> None:
    bucket, key, query = _parsed(SIGNER.url("https://academy.example/", grant))
    assert SIGNER.verify(grant.method, bucket, key, query, grant.expires_at - 1) == grant


CHANGES: dict[str, Callable[[Query], object]] = {
    "expiry": lambda query: query.update(expires="9999"),
    "size": lambda query: query.update(size="78"),
    "upload": lambda query: query.update(upload="another"),
    "part": lambda query: query.update(part="4"),
    "signature": lambda query: query.update(signature="0" * 64),
    "no signature": lambda query: query.pop("signature"),
    "empty signature": lambda query: query.update(signature=""),
    "signature that is no text": lambda query: query.update(signature="\udcff한"),
    "no expiry": lambda query: query.pop("expires"),
    "expiry in another script": lambda query: query.update(expires="١٠٠٠"),
    "negative expiry": lambda query: query.update(expires="-1"),
    "huge expiry": lambda query: query.update(expires="1" * 5000),
    "something more": lambda query: query.update(download="1"),
    "same number written otherwise": lambda query: query.update(size="x77"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_url_is_refused(change: str) -> None:
    bucket, key, query = _parsed(SIGNER.url("https://academy.example", GRANT))
    CHANGES[change](query)
    with pytest.raises(SignatureRefused):
        SIGNER.verify("PUT", bucket, key, query, 1)


def test_a_url_is_good_for_its_method_bucket_and_key_alone() -> None:
    bucket, key, query = _parsed(SIGNER.url("", GRANT))
    for wrong in (
        ("GET", bucket, key),
        ("DELETE", bucket, key),
        ("PUT", "other", key),
        ("PUT", bucket, key + "x"),
    ):
        with pytest.raises(SignatureRefused):
            SIGNER.verify(*wrong, query, 1)
    # A key cannot be pushed into the bucket or out of it.
    moved = ObjectGrant("PUT", "academy-video/tenants", "t1/강의 1#1.mp4", 1000, 77, "upload", 3)
    with pytest.raises(SignatureRefused):
        SIGNER.verify("PUT", moved.bucket, moved.key, query, 1)


def test_head_goes_with_get() -> None:
    grant = ObjectGrant("GET", "b", "k", 1000)
    bucket, key, query = _parsed(SIGNER.url("", grant))
    assert SIGNER.verify("HEAD", bucket, key, query, 1) == grant


def test_a_url_ends_at_its_expiry() -> None:
    bucket, key, query = _parsed(SIGNER.url("", GRANT))
    assert SIGNER.verify("PUT", bucket, key, query, 999.9) == GRANT
    with pytest.raises(SignatureRefused, match="expired"):
        SIGNER.verify("PUT", bucket, key, query, 1000)


def test_a_secret_can_be_replaced_while_urls_are_out() -> None:
    bucket, key, query = _parsed(UrlSigner([OLD]).url("", GRANT))
    assert UrlSigner([NEW, OLD]).verify("PUT", bucket, key, query, 1) == GRANT
    with pytest.raises(SignatureRefused):
        SIGNER.verify("PUT", bucket, key, query, 1)


@pytest.mark.parametrize("secrets", [[], [b""], [b"short"], [NEW, b"short"]])
def test_no_signer_without_a_real_secret(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="secret"):
        UrlSigner(secrets)
