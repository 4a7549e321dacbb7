"""What a worker knows of the machine it runs on, and whether it may stop it (JOB-12, OPS-4)."""

import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from academy.application.ports.clock import Clock
from academy.application.ports.instance import InstanceLife, InstanceLock, InstanceUnavailable, StopRefused
from academy.bootstrap.settings import Profile, Settings, SettingsInvalid

__all__ = ["check_idle_stop", "open_instance_life", "open_instance_lock"]

log = logging.getLogger(__name__)

METADATA_URL = "http://169.254.169.254"
_SETTING = "ACADEMY_IDLE_STOP_MINUTES"


@asynccontextmanager
async def open_instance_life(settings: Settings, clock: Clock) -> AsyncIterator[InstanceLife | None]:
    """Open what asks about the machine; None in the embedded profile, where nobody is asked unless a setting says whom."""
    url = settings.metadata_url or (METADATA_URL if settings.profile is Profile.PRODUCTION else "")
    if not url:
        yield None
        return
    from academy.infrastructure.ec2.life import Ec2InstanceLife  # noqa: PLC0415
    from academy.infrastructure.ec2.metadata import InstanceMetadata  # noqa: PLC0415

    try:
        metadata = InstanceMetadata(url, clock.monotonic)
    except ValueError as error:
        raise SettingsInvalid(f"AWS_EC2_METADATA_SERVICE_ENDPOINT: {error}") from None
    try:
        yield Ec2InstanceLife(metadata, clock, endpoint=settings.ec2_endpoint_url)
    finally:
        await metadata.aclose()


@asynccontextmanager
async def open_instance_lock(
    settings: Settings, life: InstanceLife | None
) -> AsyncIterator[InstanceLock | None]:
    """Open the lock that all workers of a machine share; None where there is no machine to stop.

    A worker that never stops its machine shares the lock as well, so that no other one stops it. Raises SettingsInvalid when a worker
    that would stop its machine cannot open the file.
    """
    if life is None:
        yield None
        return
    from academy.infrastructure.ec2.lock import FileInstanceLock  # noqa: PLC0415

    path = settings.instance_lock or Path(tempfile.gettempdir()) / "academy-instance.lock"
    lock: FileInstanceLock | None = None
    try:
        lock = FileInstanceLock(path)
    except OSError as error:
        if settings.idle_stop_minutes:
            raise SettingsInvalid(
                f"ACADEMY_INSTANCE_LOCK: {path} cannot be opened: {error.strerror}"
            ) from None
        log.warning("instance_lock_not_opened", extra={"path": str(path), "error": str(error)})
    try:
        yield lock
    finally:
        if lock is not None:
            lock.close()


async def check_idle_stop(settings: Settings, life: InstanceLife | None) -> None:
    """Find out at the start whether the machine may be stopped from here. Raises SettingsInvalid."""
    if not settings.idle_stop_minutes:
        return
    if life is None:
        raise SettingsInvalid(
            f"{_SETTING}: there is no machine to stop in the embedded profile; "
            "set AWS_EC2_METADATA_SERVICE_ENDPOINT, or set it to 0"
        )
    try:
        await life.check_stop()
    except StopRefused as error:
        raise SettingsInvalid(
            f"{_SETTING}: {error}; set it to 0, or see that this is an instance of no group whose role allows ec2:StopInstances"
        ) from None
    except InstanceUnavailable as error:
        raise SettingsInvalid(
            f"{_SETTING}: whether this machine may be stopped cannot be found out: {error}; set it to 0 off EC2, and on EC2 see that "
            "the metadata service is on (in a container with a hop limit of 2) and the EC2 API can be reached"
        ) from None
