"""Progress of running jobs in Redis (JOB-9).

One hash per job, `{prefix}{job id}`: `t` the fencing token, `p` the progress as JSON. It expires, so jobs nobody forgot leave nothing.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from typing import Any, Self

from academy.application.ports.progress import ProgressUnavailable, ProgressUpdate
from academy.domain.job.progress import Progress
from academy.infrastructure.redis.connection import Command, RedisAddress, RedisConnection, RedisUnavailable

__all__ = ["RedisProgressStore"]

_PREFIX = "academy:progress:"
_NAME = "academy-progress"
_TTL_SECONDS = 86_400
_TIMEOUT_SECONDS = 2.0
# Sent whole with every call: a server that restarted or failed over has forgotten loaded scripts.
_WRITE = """
local stored = redis.call('HGET', KEYS[1], 't')
if stored and tonumber(stored) > tonumber(ARGV[1]) then
  return 0
end
redis.call('HSET', KEYS[1], 't', ARGV[1], 'p', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


class RedisProgressStore:
    """ProgressStore on Redis. What a server restart loses is written again with the next update of a running job."""

    def __init__(
        self, connection: RedisConnection, *, prefix: str = _PREFIX, ttl_seconds: int = _TTL_SECONDS
    ) -> None:
        """Use a connection; see `open`.

        Args:
            connection: to one server.
            prefix: begins every key.
            ttl_seconds: how long the progress of a job is kept after its last update.
        """
        self._connection = connection
        self._prefix = prefix
        self._ttl_seconds = ttl_seconds

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        prefix: str = _PREFIX,
        ttl_seconds: int = _TTL_SECONDS,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        name: str = _NAME,
    ) -> AsyncIterator[Self]:
        """Hold a store and its one connection open, shown to operators as `name` (CLIENT LIST).

        Nothing is sent before the first call. Raises ValueError for a URL that is none.
        """
        connection = RedisConnection(RedisAddress.of(url), name=name, timeout_seconds=timeout_seconds)
        try:
            yield cls(connection, prefix=prefix, ttl_seconds=ttl_seconds)
        finally:
            await connection.aclose()

    async def write(self, updates: Sequence[ProgressUpdate]) -> None:
        """See ProgressStore."""
        commands: list[Command] = [
            (
                "EVAL",
                _WRITE,
                1,
                self._prefix + update.job_id,
                update.token,
                json.dumps(asdict(update.progress)),
                self._ttl_seconds,
            )
            for update in updates
        ]
        await self._run(commands)

    async def read(self, job_ids: Sequence[str]) -> Mapping[str, Progress]:
        """See ProgressStore."""
        answers = await self._run([("HGET", self._prefix + job_id, "p") for job_id in job_ids])
        with _translated():
            return {
                job_id: Progress(**json.loads(answer))
                for job_id, answer in zip(job_ids, answers, strict=True)
                if answer is not None
            }

    async def forget(self, job_ids: Sequence[str]) -> None:
        """See ProgressStore."""
        await self._run([("DEL", self._prefix + job_id) for job_id in job_ids])

    async def ping(self) -> None:
        """See ProgressStore."""
        await self._run([("PING",)])

    async def _run(self, commands: Sequence[Command]) -> Sequence[Any]:
        """Send commands in one round trip; they do not depend on one another, so no transaction."""
        if not commands:
            return []
        with _translated():
            return await self._connection.run(commands)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RedisUnavailable as error:
        raise ProgressUnavailable(str(error)) from error
    except (TypeError, ValueError) as error:
        raise ProgressUnavailable(f"Redis: stored progress not understood: {error!r}") from error
