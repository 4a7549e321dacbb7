"""Adapter: the life of an EC2 instance (port `InstanceLife`).

Sources: Amazon EC2 user guide, "Spot Instance interruption notices"
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html) and "EC2 instance rebalance
recommendations"; Amazon EC2 Auto Scaling user guide, "Retrieve the target lifecycle state through instance metadata";
Amazon EC2 API reference, StopInstances.
"""

import json
import logging
import re
from datetime import UTC, datetime
from urllib.parse import urlencode

from academy.application.ports.clock import Clock
from academy.application.ports.instance import (
    Instance,
    InstanceNotice,
    InstanceUnavailable,
    StopRefused,
)
from academy.infrastructure.aws.credentials import CredentialsSource
from academy.infrastructure.aws.service import AwsEndpoint, AwsService, AwsUnavailable, own_endpoint
from academy.infrastructure.ec2.metadata import InstanceMetadata
from academy.infrastructure.http.client import HttpAnswer, HttpLimits

__all__ = ["Ec2InstanceLife"]

log = logging.getLogger(__name__)

API_VERSION = "2016-11-15"
_LIMITS = HttpLimits(connections=1, connect_seconds=5.0, answer_seconds=20.0, body_bytes=1 << 18)
_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
_LEAVING = frozenset({"Terminated", "Warmed:Terminated", "Warmed:Stopped", "Warmed:Hibernated"})
"""Target lifecycle states in which an Auto Scaling group takes the instance out of service."""
_MAY_WORK_LATER = frozenset(
    {"RequestLimitExceeded", "Throttling", "ThrottlingException", "InternalError", "Unavailable"}
)
_WOULD_WORK = "DryRunOperation"
_CODE = re.compile(r"<Code>([\w.]+)</Code>")


class Ec2InstanceLife:
    """Asks the instance's metadata; stops the instance through the EC2 API with the instance's own role."""

    def __init__(self, metadata: InstanceMetadata, clock: Clock, *, endpoint: str = "") -> None:
        """Ask `metadata`; `endpoint` is the EC2 API's address, "" for Amazon's own in the instance's region."""
        self._metadata = metadata
        self._clock = clock
        self._endpoint = endpoint.rstrip("/")
        self._rebalance_told = False

    async def identity(self) -> Instance | None:
        """Return the instance, None when what answers is no EC2 metadata. Raises InstanceUnavailable."""
        instance_id = await self._metadata.item("meta-data/instance-id")
        region = await self._metadata.item("meta-data/placement/region")
        if not instance_id or not region:
            return None
        return Instance(instance_id, region, await self._scaled())

    async def notice(self) -> InstanceNotice | None:
        """Return a spot interruption or an Auto Scaling group's wish. Raises InstanceUnavailable."""
        action = await self._metadata.item("meta-data/spot/instance-action")
        if action is not None:
            return _spot_notice(action)
        state = await self._metadata.item("meta-data/autoscaling/target-lifecycle-state")
        if state in _LEAVING:
            return InstanceNotice(f"autoscaling_{state.lower().replace(':', '_')}", None)
        await self._note_rebalance()
        return None

    async def check_stop(self) -> None:
        """Ask the EC2 API whether it would stop this instance. Raises StopRefused, InstanceUnavailable."""
        await self._call_stop(dry_run=True)

    async def stop(self) -> None:
        """Stop this instance. Raises StopRefused, InstanceUnavailable."""
        await self._call_stop(dry_run=False)

    async def _scaled(self) -> bool:
        """Return whether an Auto Scaling group owns the instance: either of two signs is enough."""
        state = await self._metadata.item("meta-data/autoscaling/target-lifecycle-state")
        if state is not None:
            return True
        # Answers only where the instance allows its tags in the metadata.
        return await self._metadata.item("meta-data/tags/instance/aws:autoscaling:groupName") is not None

    async def _note_rebalance(self) -> None:
        """Log once that the risk of an interruption is raised: nothing is lost yet, so work goes on."""
        if self._rebalance_told:
            return
        given = await self._metadata.item("meta-data/events/recommendations/rebalance")
        if given is not None:
            self._rebalance_told = True
            log.info("rebalance_recommended", extra={"recommendation": given[:200]})

    async def _call_stop(self, *, dry_run: bool) -> None:
        instance = await self.identity()
        if instance is None:
            raise StopRefused("this machine is no EC2 instance")
        if instance.scaled:
            raise StopRefused(f"{instance.id} belongs to an Auto Scaling group, which owns its life")
        form = {"Action": "StopInstances", "Version": API_VERSION, "InstanceId.1": instance.id}
        if dry_run:
            form["DryRun"] = "true"
        _judge(await self._post(instance.region, urlencode(form).encode()))
        if not dry_run:
            log.info("instance_stopping", extra={"instance_id": instance.id})

    async def _post(self, region: str, body: bytes) -> HttpAnswer:
        url = self._endpoint or own_endpoint("ec2", region)
        # The machine's own role and nobody else's: what it may stop is itself.
        role = CredentialsSource(metadata_url=self._metadata.url)
        try:
            async with AwsService.open(AwsEndpoint("ec2", region, url, role, _LIMITS), self._clock) as api:
                return await api.request("POST", "/", _FORM, body)
        except (AwsUnavailable, ValueError) as error:
            raise InstanceUnavailable(f"EC2 API: {error}") from error


def _spot_notice(text: str) -> InstanceNotice:
    """Read `{"action": "terminate", "time": "2026-03-02T08:22:00Z"}`; one that cannot be read still is a notice."""
    try:
        given = json.loads(text)
        at = datetime.fromisoformat(given["time"]).astimezone(UTC)
        return InstanceNotice(f"spot_{given['action']}", at)
    except (ValueError, KeyError, TypeError):
        log.warning("spot_notice_unreadable", extra={"notice": text[:200]})
        return InstanceNotice("spot_interruption", None)


def _judge(answer: HttpAnswer) -> None:
    """Raise unless the API did, or on a dry run would have done, what it was asked."""
    if answer.status == 200:
        return
    found = _CODE.search(answer.body.decode("utf-8", "replace"))
    code = found[1] if found else f"HTTP {answer.status}"
    if code == _WOULD_WORK:
        return
    if answer.status >= 500 or code in _MAY_WORK_LATER:
        raise InstanceUnavailable(f"the EC2 API answered {code}")
    raise StopRefused(f"the EC2 API answered {code}")
