"""Where credentials come from, against fake endpoints: given ones, a container's, a machine's; renewal, outage, expiry."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.fault_server import CUT, SILENCE, Answer, FaultServer, Request, fault_server

from academy.infrastructure.aws.credentials import (
    HOLD_AHEAD,
    RENEW_AGAIN,
    RENEW_AHEAD,
    CredentialsSource,
    CredentialsUnavailable,
    RenewedCredentials,
    container_url,
)
from academy.infrastructure.memory.clock import ManualClock

pytestmark = pytest.mark.requirement("QUE-6")

ROLES = "/latest/meta-data/iam/security-credentials/"
ROLE = f"{ROLES}academy-worker"
HOUR = timedelta(hours=1)


class Machine:
    """A metadata service, version 2: no token, no answer. Its credentials last an hour and are numbered."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.given = 0
        self.lasts = HOUR
        self.fault: Answer | None = None

    def answer(self, request: Request) -> Answer:
        if self.fault is not None:
            return self.fault
        if request.path == "/latest/api/token":
            seconds = request.headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
            return Answer(200, b"TOKEN") if request.method == "PUT" and seconds.isdigit() else Answer(400)
        if request.headers.get("x-aws-ec2-metadata-token") != "TOKEN":
            return Answer(401)
        if request.path == ROLES:
            return Answer(200, b"academy-worker")
        return self.credentials() if request.path == ROLE else Answer(404)

    def credentials(self, **changes: Any) -> Answer:
        self.given += 1
        until = (self.clock.now() + self.lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = {
            "Code": "Success",
            "AccessKeyId": f"AKID{self.given}",
            "SecretAccessKey": "secret-key",
            "Token": "secret-token",
            "Expiration": until,
        }
        return Answer(200, json.dumps(said | changes).encode())


@asynccontextmanager
async def machine() -> AsyncIterator[tuple[Machine, RenewedCredentials, FaultServer]]:
    there = Machine(ManualClock())
    async with fault_server(there.answer) as server:
        yield there, RenewedCredentials(CredentialsSource(metadata_url=server.url), there.clock), server


async def test_given_keys_are_used_as_they_are_and_nobody_is_asked() -> None:
    async with machine() as (there, _, server):
        source = CredentialsSource("AKID", "key", "token", metadata_url=server.url)
        got = await RenewedCredentials(source, there.clock).get()
    assert (got.access_key_id, got.secret_access_key, got.session_token) == ("AKID", "key", "token")
    assert server.seen == []


async def test_a_machine_gives_its_role_to_who_shows_a_token() -> None:
    async with machine() as (there, credentials, server):
        got = await credentials.get()
        assert (got.access_key_id, got.session_token) == ("AKID1", "secret-token")
        assert got.secret_access_key == "secret-key"
        assert got.expires_at == there.clock.now().replace(microsecond=0) + HOUR
        assert await credentials.get() is got
        assert len(server.seen) == 3


async def test_credentials_are_renewed_before_they_end_and_once_for_all_who_ask() -> None:
    async with machine() as (there, credentials, _):
        assert {
            one.access_key_id for one in await asyncio.gather(*(credentials.get() for _ in range(20)))
        } == {"AKID1"}
        there.clock.advance((HOUR - RENEW_AHEAD).total_seconds() - 2)
        assert (await credentials.get()).access_key_id == "AKID1"
        there.clock.advance(2)
        got = await asyncio.gather(*(credentials.get() for _ in range(20)))
        # One renews; the others need not wait for it, since theirs still hold.
        assert {one.access_key_id for one in got} == {"AKID1", "AKID2"}
        assert there.given == 2
        assert (await credentials.get()).access_key_id == "AKID2"


@pytest.mark.parametrize(
    "fault", [Answer(500), Answer(200, b"<html>\n<p>"), CUT], ids=["500", "a web page", "cut"]
)
async def test_an_outage_is_bridged_while_credentials_hold_and_told_when_they_end(fault: Answer) -> None:
    async with machine() as (there, credentials, server):
        await credentials.get()
        there.fault = fault
        there.clock.advance((HOUR - RENEW_AHEAD).total_seconds())
        asked = len(server.seen)
        for _ in range(3):
            assert (await credentials.get()).access_key_id == "AKID1"
        tries = len(server.seen) - asked
        assert 1 <= tries <= 2
        there.clock.advance(RENEW_AGAIN.total_seconds())
        await credentials.get()
        assert len(server.seen) - asked == 2 * tries
        there.clock.advance(RENEW_AHEAD.total_seconds())
        with pytest.raises(CredentialsUnavailable):
            await credentials.get()
        there.fault = None
        assert (await credentials.get()).access_key_id == "AKID2"


async def test_credentials_that_end_soon_are_used_and_not_asked_for_with_every_request() -> None:
    async with machine() as (there, credentials, _):
        there.lasts = HOLD_AHEAD + timedelta(seconds=25)
        for _ in range(3):
            assert (await credentials.get()).access_key_id == "AKID1"
        there.clock.advance(RENEW_AGAIN.total_seconds())
        assert (await credentials.get()).access_key_id == "AKID2"


@pytest.mark.parametrize("left", [-HOUR, timedelta(seconds=-1), timedelta(0), HOLD_AHEAD])
async def test_credentials_that_are_over_or_about_to_be_are_never_handed_out(left: timedelta) -> None:
    async with machine() as (there, credentials, _):
        there.lasts = left
        for _ in range(2):
            with pytest.raises(CredentialsUnavailable, match="the role gave ones that end at"):
                await credentials.get()
        there.lasts = HOUR
        assert (await credentials.get()).access_key_id == "AKID3"


async def test_credentials_that_end_before_their_next_renewal_are_renewed_when_asked_for() -> None:
    async with machine() as (there, credentials, _):
        there.lasts = HOLD_AHEAD + timedelta(seconds=5)
        await credentials.get()
        there.clock.advance(5)
        there.lasts = HOUR
        assert (await credentials.get()).access_key_id == "AKID2"


async def test_credentials_at_hand_are_not_given_up_for_ones_that_are_over() -> None:
    async with machine() as (there, credentials, _):
        await credentials.get()
        there.lasts = -HOUR
        there.clock.advance((HOUR - RENEW_AHEAD).total_seconds() + 1)
        assert (await credentials.get()).access_key_id == "AKID1"


async def test_who_stops_waiting_does_not_keep_others_from_credentials() -> None:
    async with machine() as (there, credentials, _):
        there.fault = SILENCE
        first = asyncio.create_task(credentials.get())
        await asyncio.sleep(0)
        second = asyncio.create_task(credentials.get())
        await asyncio.sleep(0)
        there.fault = None
        first.cancel()
        assert (await second).access_key_id.startswith("AKID")


NONE: dict[str, tuple[str, Answer | dict[str, Any]]] = {
    "no role": (ROLES, Answer(200, b"")),
    "no metadata": (ROLES, Answer(404)),
    "a refusal": (ROLE, {"Code": "AccessDenied"}),
    "no secret": (ROLE, {"SecretAccessKey": None, "Expiration": 7}),
    "a time without its zone": (ROLE, {"Expiration": "2036-03-02T09:00:00"}),
    "no object": (ROLE, Answer(200, b"[]")),
    "bytes": (ROLE, Answer(200, b"\xff")),
}


@pytest.mark.requirement("OPS-5")
@pytest.mark.parametrize("what", NONE)
async def test_where_there_are_none_it_is_said_without_a_secret(what: str) -> None:
    async with machine() as (there, credentials, server):
        plain = there.answer
        path, fault = NONE[what]
        wrong = there.credentials(**fault) if isinstance(fault, dict) else fault
        server.answer = lambda request: wrong if request.path == path else plain(request)
        with pytest.raises(CredentialsUnavailable, match="no credentials") as caught:
            await credentials.get()
        assert "secret" not in str(caught.value)
        server.answer = plain
        assert (await credentials.get()).access_key_id.startswith("AKID")


@pytest.mark.requirement("OPS-5")
async def test_no_metadata_service_is_told_with_what_to_set() -> None:
    credentials = RenewedCredentials(CredentialsSource(metadata_url="http://127.0.0.1:1"), ManualClock())
    with pytest.raises(
        CredentialsUnavailable, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give"
    ):
        await credentials.get()
    with pytest.raises(CredentialsUnavailable, match="set both"):
        RenewedCredentials(CredentialsSource("AKID"), ManualClock())


@asynccontextmanager
async def container() -> AsyncIterator[tuple[Machine, FaultServer, list[str]]]:
    there, tokens = Machine(ManualClock()), [""]

    def answer(request: Request) -> Answer:
        if request.headers.get("authorization", "") != tokens[0] or request.path != "/v2/me?a=b":
            return Answer(403, b"secret-token")
        return there.credentials()

    async with fault_server(answer) as server:
        yield there, server, tokens


async def test_a_container_gives_its_role_before_the_machine_does(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from the file\n")
    async with container() as (there, server, tokens):
        url = f"{server.url}/v2/me?a=b"
        for source, token in (
            (CredentialsSource(container_url=url), ""),
            (CredentialsSource(container_url=url, container_token="given"), "given"),
            (
                CredentialsSource(container_url=url, container_token="x", container_token_file=str(file)),
                "from the file",
            ),
        ):
            tokens[0] = token
            got = await RenewedCredentials(source, there.clock).get()
            assert got.access_key_id == f"AKID{there.given}"


async def test_a_container_token_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first")
    async with container() as (there, server, tokens):
        tokens[0] = "first"
        source = CredentialsSource(container_url=f"{server.url}/v2/me?a=b", container_token_file=str(file))
        credentials = RenewedCredentials(source, there.clock)
        await credentials.get()
        tokens[0] = "second"
        file.write_text("second")
        there.clock.advance(HOUR.total_seconds())
        assert (await credentials.get()).access_key_id == "AKID2"
        there.clock.advance(HOUR.total_seconds())
        for broken in ("a\nb", None):
            file.unlink() if broken is None else file.write_text(broken)
            with pytest.raises(CredentialsUnavailable, match=r"token|TOKEN_FILE"):
                await credentials.get()
        file.write_text("third")
        with pytest.raises(CredentialsUnavailable, match="answered 403") as caught:
            await credentials.get()
        assert "secret" not in str(caught.value)


def test_the_address_of_a_container_is_made_as_its_variables_say() -> None:
    assert container_url("/v2/credentials/x", "http://localhost/y") == "http://169.254.170.2/v2/credentials/x"
    assert container_url("", "http://169.254.170.23/v1/credentials") == "http://169.254.170.23/v1/credentials"
    assert container_url("", "") == ""


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("http://169.254.170.2/x", True),
        ("http://169.254.170.23/x", True),
        ("http://[fd00:ec2::23]/x", True),
        ("http://127.0.0.9/x", True),
        ("http://localhost:51679/x", True),
        ("https://credentials.example.com/x", True),
        ("http://credentials.example.com/x", False),
        ("http://169.254.169.254/x", False),
        ("http://localhost.example.com/x", False),
        ("ftp://localhost/x", False),
        ("https:///x", False),
        ("/v2/x", False),
    ],
)
def test_an_identity_is_taken_from_this_machine_or_with_a_certificate_alone(url: str, trusted: bool) -> None:
    if trusted:
        RenewedCredentials(CredentialsSource(container_url=url), ManualClock())
    else:
        with pytest.raises(CredentialsUnavailable, match="AWS_CONTAINER_CREDENTIALS_FULL_URI"):
            RenewedCredentials(CredentialsSource(container_url=url), ManualClock())
