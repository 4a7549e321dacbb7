"""Progress of running jobs in Redis (JOB-9).

One hash per job, `{prefix}{job id}`: `t` the fencing token, `p` the progress as JSON. It expires, so jobs nobody forgot leave nothing.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from typing import Any, Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from academy.application.ports.progress import ProgressUnavailable, ProgressUpdate
from academy.domain.job.progress import Progress

__all__ = ["RedisProgressStore"]

_PREFIX = "academy:progress:"
_NAME = "academy-progress"
_TTL_SECONDS = 86_400
_CONNECTIONS = 8
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

    def __init__(self, client: "Redis", *, prefix: str = _PREFIX, ttl_seconds: int = _TTL_SECONDS) -> None:
        """Use an open client that decodes answers; see `open`.

        Args:
            client: connections to one server.
            prefix: begins every key.
            ttl_seconds: how long the progress of a job is kept after its last update.
        """
        self._client = client
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
        connections: int = _CONNECTIONS,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        name: str = _NAME,
    ) -> AsyncIterator[Self]:
        """Hold a store and at most `connections` connections open, shown to operators as `name` (CLIENT LIST).

        Nothing is sent before the first call.
        """
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=timeout_seconds,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            decode_responses=True,
            client_name=name,
            # One second try hides a connection that a restarted server has closed.
            retry=Retry(NoBackoff(), 1),
        )
        client = Redis(connection_pool=pool)
        try:
            yield cls(client, prefix=prefix, ttl_seconds=ttl_seconds)
        finally:
            await client.aclose()
            await pool.aclose()

    async def write(self, updates: Sequence[ProgressUpdate]) -> None:
        """See ProgressStore."""
        commands = [
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

    async def _run(self, commands: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """Send commands in one round trip; they do not depend on one another, so no transaction."""
        if not commands:
            return []
        with _translated():
            async with self._client.pipeline(transaction=False) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                answers: list[Any] = await pipe.execute()
        return answers


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise ProgressUnavailable(f"Redis: {error}") from error
    except (TypeError, ValueError) as error:
        raise ProgressUnavailable(f"Redis: stored progress not understood: {error!r}") from error
