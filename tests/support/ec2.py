"""A machine as Amazon EC2 shows it to itself: metadata (version 2 only) and the API that stops it, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from tests.support.listening import listening

ROLE = "academy-worker"
INSTANCE = "i-0123456789abcdef0"
_DENIED = "<Response><Errors><Error><Code>{}</Code></Error></Errors></Response>"


@dataclass
class FakeInstance:
    """What the machine says and what was asked of it.

    `items` are the metadata by path below `meta-data/`; `away` closes connections unanswered, `mute` never answers.
    """

    items: dict[str, str] = field(
        default_factory=lambda: {
            "instance-id": INSTANCE,
            "placement/region": "ap-northeast-2",
            "iam/security-credentials/": ROLE,
            f"iam/security-credentials/{ROLE}": json.dumps(
                {
                    "Code": "Success",
                    "AccessKeyId": "ASIAEXAMPLE",
                    "SecretAccessKey": "secret",
                    "Token": "session",
                    "Expiration": (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                }
            ),
        }
    )
    away: bool = False
    mute: bool = False
    refusal: str = ""
    url: str = ""
    tokens: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    unauthorised: int = 0
    dry_runs: int = 0
    stopped: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)

    def spot_notice(self, left: timedelta, action: str = "terminate") -> None:
        """Announce an interruption."""
        at = (datetime.now(UTC) + left).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.items["spot/instance-action"] = json.dumps({"action": action, "time": at})

    def forget_tokens(self) -> None:
        """Refuse every token given so far, as after their end."""
        self.tokens.clear()

    def answer(self, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, str]:
        """Answer one request."""
        if method == "POST":
            return self._api(headers, body)
        if path == "/latest/api/token":
            if method != "PUT" or not headers.get("x-aws-ec2-metadata-token-ttl-seconds"):
                return 400, ""
            self.tokens.append(f"token-{len(self.tokens)}-{len(self.asked)}")
            return 200, self.tokens[-1]
        self.asked.append(path)
        if headers.get("x-aws-ec2-metadata-token") not in self.tokens:
            self.unauthorised += 1
            return 401, ""
        item = self.items.get(path.removeprefix("/latest/meta-data/"))
        return (404, "") if item is None else (200, item)

    def _api(self, headers: dict[str, str], body: str) -> tuple[int, str]:
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.authorizations.append(headers.get("authorization", ""))
        assert form["Action"] == "StopInstances"
        if headers.get("x-amz-security-token") != "session":
            return 401, _DENIED.format("AuthFailure")
        if self.refusal:
            return 403, _DENIED.format(self.refusal)
        if form.get("DryRun") == "true":
            self.dry_runs += 1
            return 412, _DENIED.format("DryRunOperation")
        self.stopped.append(form["InstanceId.1"])
        return 200, "<StopInstancesResponse/>"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests on one connection until it ends."""
        try:
            while not self.away:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, path, _ = head[0].split(" ")
                headers = {n.strip().lower(): v.strip() for n, _, v in (x.partition(":") for x in head[1:])}
                body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
                if self.mute:
                    await reader.read()
                    return
                if self.away:
                    return
                status, text = self.answer(method, path, headers, body)
                writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def fake_instance() -> AsyncIterator[FakeInstance]:
    """Serve a machine on a free port of this one."""
    machine = FakeInstance()
    async with listening(machine.serve) as machine.url:
        yield machine
