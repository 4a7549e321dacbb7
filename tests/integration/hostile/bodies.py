"""Messages that nobody should send, and what the dead-letter queue says of each."""

import hashlib
import json
from typing import Any

__all__ = ["BODIES", "GOOD", "body", "check", "sealed"]

GOOD: dict[str, Any] = {
    "v": 1,
    "type": "test.work",
    "tenant_id": "t1",
    "payload": {"name": "a", "data": None},
    "created_at": "2026-03-02T09:00:00+09:00",
}


def body(name: str, **changes: Any) -> str:
    """Return an envelope that is right but for the changes."""
    return json.dumps({**GOOD, "id": name, "idempotency_key": f"key of {name}", **changes})


def with_data(name: str, text: str) -> str:
    """Return an envelope whose payload holds a piece of JSON text."""
    return body(name).replace('"data": null', f'"data": {text}')


def check(key: str) -> str:
    """Return a claim check."""
    return json.dumps({"claim_check": {"v": 1, "key": key}})


def sealed(tenant: str, content: str) -> str:
    """Return the key of a body."""
    return f"tenants/{tenant}/claim-checks/{hashlib.sha256(content.encode()).hexdigest()}"


MANY = ", ".join(f'"field {number}": 1' for number in range(200_000))
OVER_1_MIB = "x" * ((1 << 20) + 1)

BODIES: dict[str, tuple[str, str]] = {
    "empty": ("", "not JSON"),
    "blank": (" \n", "not JSON"),
    "no JSON": ("hello 010-1234-5678", "not JSON"),
    "two byte order marks": (2 * "\ufeff" + body("bom"), "not JSON"),
    "truncated": (body("truncated")[:-9], "not JSON"),
    "twice": (body("twice") * 2, "not JSON"),
    "nested lists": (with_data("lists", "[" * 100_000 + "]" * 100_000), "nested deeper"),
    "nested objects": (with_data("objects", '{"a":' * 100_000 + "1" + "}" * 100_000), "nested deeper"),
    "1e400": (with_data("float", "1e400"), "64 bits"),
    "4,000 digits": (with_data("digits", "9" * 4000), "64 bits"),
    "NaN": (with_data("nan", "NaN"), "NaN and Infinity"),
    "Infinity": (with_data("infinity", "-Infinity"), "NaN and Infinity"),
    "a name twice": (body("double")[:-1] + ', "tenant_id": "t2"}', "stands twice"),
    "another version": (body("version", v=2), "^v:"),
    "no version": (body("none", v=None), "^v:"),
    "a list": (f"[{body('list')}]", "not a JSON object"),
    "a text": (json.dumps(body("text")), "not a JSON object"),
    "another kind of id": (body("kind", id=7), "^id:"),
    "bytes that are not UTF-8": (with_data("bytes", '"\ufffd"'), "not UTF-8"),
    "half a surrogate pair": (with_data("surrogate", '"\\ud800"'), "half of a surrogate"),
    "NUL": (with_data("nul", '"\\u0000"'), "NUL"),
    "NUL between": (body("between") + "\x00", "not JSON|NUL"),
    "a raw surrogate": (with_data("raw", '"\udc80"'), "surrogate|UTF-8"),
    "200,000 fields": (body("fields")[:-1] + f", {MANY}}}", "more than 100000 values"),
    "200,000 keys": (with_data("keys", f"{{{MANY}}}"), "more than 100000 values"),
    "5,000 fields": (
        body("some")[:-1] + ", " + ", ".join(f'"{n}": 1' for n in range(5000)) + "}",
        "more than 100 fields",
    ),
    "unknown job type": (body("type", type="test.unknown"), "not handled"),
    "type of another worker": (body("other", type="video.transcode"), "not handled"),
    "no academy": (body("academy", tenant_id="t9"), "names no academy"),
    "another academy's job": (body("job-theirs"), "another job"),
    "payload that breaks its model": (body("payload", payload={"name": 7}), "^name:"),
    "an extra in the payload": (body("extra", payload={"name": "a", "api_key": "s3cret"}), "^api_key:"),
    "created at noon": (body("noon", created_at="noon"), "^created_at:"),
    "created in seconds": (body("seconds", created_at=1_772_409_600), "^created_at:"),
    "created in a month 13": (body("month", created_at="2026-13-02T09:00:00Z"), "^created_at:"),
    "an unknown older format": ('{"hello": "world"}', "neither an envelope"),
    "claim check out of the folder": (check("tenants/t1/../../etc/passwd"), "claim check is malformed"),
    "claim check to a source": (check("tenants/t1/video/source/1.mp4"), "claim check is malformed"),
    "claim check to nothing": (check(sealed("t1", "nothing")), "no longer stored"),
    "claim check to other bytes": (check(sealed("t1", "damaged")), "not the one that was checked in"),
    "claim check to another academy": (check(sealed("t2", body("theft"))), "belongs to another tenant"),
    "claim check to a claim check": (check(sealed("t1", check(sealed("t1", "x")))), "neither an envelope"),
    "claim check to no text": (check(sealed("t1", "no json")), "the stored body cannot be read: not JSON"),
    "claim check that is more": (check(sealed("t1", "x"))[:-1] + ', "v": 1}', "claim check is malformed"),
}
