"""Signatures, compared with those of AWS's own library over whatever a request can hold."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import time_machine
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from hypothesis import given
from hypothesis import strategies as st

from academy.infrastructure.aws.signing import Credentials, Signer, query_string

HOST = "service.example.com:4100"
SAFE = st.text("abcXYZ012 -._~!*'()/+=&%한글é", min_size=1, max_size=20)
SECRETS = st.text("abcXYZ012/+", min_size=1, max_size=40)
TIMES = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "X-Amz-Target", "x-amz-meta-a", "Range", "If-None-Match"]),
    st.text("abc XYZ/;=,*", max_size=20).map(str.strip),
)
QUERIES = st.dictionaries(SAFE, SAFE, max_size=4)
TOKENS = st.sampled_from(["", "token/with+signs=="])


def _path(key: str) -> str:
    # Neither library may be given empty or dotted parts here: S3 keeps them, the others would fold them.
    return "/" + "/".join(quote(part, safe="") for part in key.split("/") if part.strip("."))


def _theirs(secret: str, token: str) -> TheirCredentials:
    return TheirCredentials("AKID", secret, token or None)


def _request(path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> AWSRequest:
    text = query_string(query)
    url = f"http://{HOST}{path}" + (f"?{text}" if text else "")
    return AWSRequest("POST", url, {**headers, "Host": HOST}, body)


@pytest.mark.parametrize(("service", "library"), [("sqs", SigV4Auth), ("s3", S3SigV4Auth)])
@given(
    secret=SECRETS,
    token=TOKENS,
    now=TIMES,
    key=SAFE,
    query=QUERIES,
    headers=HEADERS,
    body=st.binary(max_size=50),
)
def test_headers_are_signed_as_the_library_of_aws_signs_them(
    service: str,
    library: Any,
    secret: str,
    token: str,
    now: datetime,
    key: str,
    query: Any,
    headers: Any,
    body: bytes,
) -> None:
    path = _path(key)
    request = _request(path, query, headers, body)
    if service == "s3":
        request.context["payload_signing_enabled"] = True
        request.context["client_config"] = None
    with time_machine.travel(now, tick=False):
        library(_theirs(secret, token), service, "ap-northeast-2").add_auth(request)
    ours = Signer("ap-northeast-2", service).headers(
        Credentials("AKID", secret, token), now, "POST", (HOST, path, query_string(query)), headers, body
    )
    assert ours["Authorization"] == request.headers["Authorization"]
    assert ours["X-Amz-Date"] == request.headers["X-Amz-Date"]
    assert ours.get("X-Amz-Security-Token", "") == token


@given(
    secret=SECRETS,
    token=TOKENS,
    now=TIMES,
    key=SAFE,
    query=QUERIES,
    seconds=st.integers(1, 604_800),
    size=st.integers(0),
)
def test_urls_are_signed_as_the_library_of_aws_signs_them(
    secret: str, token: str, now: datetime, key: str, query: Any, seconds: int, size: int
) -> None:
    path, headers = _path(key), {"Content-Length": str(size), "Content-Type": "video/mp4"}
    request = AWSRequest("PUT", f"http://{HOST}{path}", {**headers, "Host": HOST}, b"", params=dict(query))
    with time_machine.travel(now, tick=False):
        S3SigV4QueryAuth(_theirs(secret, token), "s3", "auto", expires=seconds).add_auth(request)
    ours = Signer("auto", "s3").presigned(
        Credentials("AKID", secret, token), now, "PUT", (HOST, path, query), headers, seconds
    )
    theirs = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    assert dict(parse_qsl(ours, keep_blank_values=True)) == theirs


def test_a_signer_follows_the_day_and_changed_credentials() -> None:
    signer = Signer("eu-west-1", "sqs")

    def signed(secret: str, day: int) -> str:
        now = datetime(2026, 3, day, 12, tzinfo=UTC)
        return signer.headers(Credentials("A", secret), now, "POST", (HOST, "/", ""), {}, b"{}")[
            "Authorization"
        ]

    first, next_day, other = signed("s1", 1), signed("s1", 2), signed("s2", 2)
    assert len({first, next_day, other}) == 3
    assert (signed("s1", 1), signed("s1", 2), signed("s2", 2)) == (first, next_day, other)


@pytest.mark.requirement("SEC-3")
def test_credentials_do_not_show_their_secrets() -> None:
    shown = repr(Credentials("AKID", "secret-key", "secret-token"))
    assert "AKID" in shown
    assert "secret" not in shown.replace("secret_access_key", "")
