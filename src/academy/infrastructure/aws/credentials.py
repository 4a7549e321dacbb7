"""Credentials: given ones, else a container's role, else a machine's role; renewed before they expire.

Sources: "Container credential provider" in the AWS SDKs and Tools reference guide; "Retrieve security credentials from instance
metadata" and "Use the Instance Metadata Service" (version 2) in the Amazon EC2 user guide.
"""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from academy.application.ports.clock import Clock
from academy.infrastructure.aws.signing import Credentials
from academy.infrastructure.http.client import HttpAnswer, HttpClient, HttpFailed, HttpLimits

__all__ = ["CredentialsSource", "CredentialsUnavailable", "RenewedCredentials", "container_url"]

log = logging.getLogger(__name__)

RENEW_AHEAD = timedelta(minutes=10)
"""How long before their end credentials are renewed; roles give new ones at least five minutes before."""
RENEW_AGAIN = timedelta(seconds=30)
"""Pause after a renewal that failed, or brought what ends soon, while the credentials at hand still hold."""
HOLD_AHEAD = timedelta(seconds=10)
"""Credentials that end sooner than this are not handed out: they could be over when the request arrives."""
_ECS_HOST = "169.254.170.2"
_CONTAINER_HOSTS = frozenset({_ECS_HOST, "169.254.170.23", "fd00:ec2::23"})
_LIMITS = HttpLimits(connections=1, connect_seconds=2.0, answer_seconds=5.0, body_bytes=1 << 16)
_TOKEN_LASTS = {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}
_ROLES = "/latest/meta-data/iam/security-credentials/"
_MEND = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the container or the machine a role "
    "(in a container on EC2 the metadata service needs a hop limit of 2)"
)


class CredentialsUnavailable(Exception):
    """There are no credentials, or whoever gives them is down; the text says how to mend it and holds no secret."""


@dataclass(frozen=True, slots=True)
class CredentialsSource:
    """Where credentials come from: the first that is not empty, at last the machine's role.

    Attributes:
        access_key_id, secret_access_key, session_token: given ones; the token is empty for a user's own.
        container_url: where a container asks for those of its role; see `container_url`.
        container_token: sent there as Authorization.
        container_token_file: file that holds the token, read anew for each renewal; it goes before `container_token`.
        metadata_url: where an EC2 machine asks for those of its role.
    """

    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    container_url: str = ""
    container_token: str = field(default="", repr=False)
    container_token_file: str = ""
    metadata_url: str = "http://169.254.169.254"


def container_url(relative: str, full: str) -> str:
    """Return where a container asks for credentials, "" when neither variable is set.

    Args:
        relative: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, a path (ECS).
        full: AWS_CONTAINER_CREDENTIALS_FULL_URI (EKS pod identity).
    """
    return f"http://{_ECS_HOST}{relative}" if relative else full


class RenewedCredentials:
    """The credentials of a process. Many may ask at once: one renews, and the others go on with those at hand while they hold."""

    def __init__(self, source: CredentialsSource, clock: Clock) -> None:
        """Prepare; nothing is asked before the first `get`. Raises CredentialsUnavailable for half a pair or a place not to be trusted."""
        if bool(source.access_key_id) != bool(source.secret_access_key):
            raise CredentialsUnavailable("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: set both")
        if source.container_url and not source.access_key_id:
            _check_container(source.container_url)
        self._source = source
        self._clock = clock
        self._renewing = asyncio.Lock()
        self._held: Credentials | None = None
        self._renew_at: datetime | None = None
        if source.access_key_id:
            self._held = Credentials(source.access_key_id, source.secret_access_key, source.session_token)

    async def get(self) -> Credentials:
        """Return credentials that hold for at least HOLD_AHEAD. Raises CredentialsUnavailable."""
        held = self._held
        if held is not None and self._holds(held) and (self._renewing.locked() or not self._is_due()):
            return held
        async with self._renewing:
            # Somebody else may have done it while we waited.
            if self._held is None or not self._holds(self._held) or self._is_due():
                await self._renew()
            assert self._held is not None
            return self._held

    def _holds(self, held: Credentials) -> bool:
        return held.expires_at is None or self._clock.now() < held.expires_at - HOLD_AHEAD

    def _holding(self, given: Credentials) -> Credentials:
        if not self._holds(given):
            raise CredentialsUnavailable(
                f"no credentials: the role gave ones that end at {given.expires_at}; {_MEND}"
            )
        return given

    def _is_due(self) -> bool:
        return self._renew_at is not None and self._clock.now() >= self._renew_at

    async def _renew(self) -> None:
        try:
            self._held = self._holding(await self._ask())
        except CredentialsUnavailable as error:
            if self._held is None or not self._holds(self._held):
                raise
            log.warning("credentials_not_renewed", extra={"reason": str(error)})
            self._renew_at = self._clock.now() + RENEW_AGAIN
            return
        until = self._held.expires_at
        self._renew_at = until and max(until - RENEW_AHEAD, self._clock.now() + RENEW_AGAIN)

    async def _ask(self) -> Credentials:
        url = self._source.container_url or self._source.metadata_url
        client = HttpClient(url, _LIMITS)
        try:
            if self._source.container_url:
                return await self._ask_container(client, url)
            return await self._ask_machine(client)
        except HttpFailed as error:
            raise CredentialsUnavailable(f"no credentials: {error}; {_MEND}") from error
        except ValueError:
            # What was read cannot be sent on; it may be a secret, so it is not shown.
            raise CredentialsUnavailable(
                f"no credentials: a token or an address is not well-formed; {_MEND}"
            ) from None
        finally:
            await client.aclose()

    async def _ask_container(self, client: HttpClient, url: str) -> Credentials:
        parts = urlsplit(url)
        token = await self._container_token()
        headers = {"Accept": "application/json"} | ({"Authorization": token} if token else {})
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        answer = await client.request("GET", target, headers)
        return _read(_taken(answer, "the container's credentials"))

    async def _container_token(self) -> str:
        file = self._source.container_token_file
        if not file:
            return self._source.container_token
        try:
            return (await asyncio.to_thread(Path(file).read_text)).strip()
        except (OSError, ValueError) as error:
            raise CredentialsUnavailable(
                f"no credentials: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read: {error}"
            ) from error

    async def _ask_machine(self, client: HttpClient) -> Credentials:
        token = _taken(await client.request("PUT", "/latest/api/token", _TOKEN_LASTS), "a metadata token")
        headers = {"X-aws-ec2-metadata-token": token.strip()}
        roles = _taken(await client.request("GET", _ROLES, headers), "the machine's role").split()
        if not roles:
            raise CredentialsUnavailable(f"no credentials: the machine has no role; {_MEND}")
        answer = await client.request("GET", _ROLES + quote(roles[0], safe=""), headers)
        return _read(_taken(answer, "the role's credentials"))


def _check_container(url: str) -> None:
    # Whoever answers there gives us an identity, so it is the machine itself, or has shown a certificate.
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return
    if parts.scheme == "http" and (host == "localhost" or host in _CONTAINER_HOSTS or _is_loopback(host)):
        return
    raise CredentialsUnavailable(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI: without https only this machine, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are trusted"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _taken(answer: HttpAnswer, what: str) -> str:
    if answer.status != 200:
        raise CredentialsUnavailable(f"no credentials: asked for {what}, answered {answer.status}; {_MEND}")
    try:
        return answer.body.decode("ascii")
    except UnicodeDecodeError:
        raise CredentialsUnavailable(f"no credentials: asked for {what}, answer is no text") from None


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


def _read(text: str) -> Credentials:
    try:
        said: dict[str, Any] = json.loads(text)
        if said.get("Code", "Success") != "Success":
            raise CredentialsUnavailable(
                f"no credentials: the role gives none ({said['Code']!s:.80}); {_MEND}"
            )
        return Credentials(
            str(said["AccessKeyId"]),
            str(said["SecretAccessKey"]),
            str(said["Token"]),
            _aware(datetime.fromisoformat(said["Expiration"])),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CredentialsUnavailable(
            f"no credentials: the role's answer was not understood: {type(error).__name__}"
        ) from None
