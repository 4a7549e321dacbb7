"""No runtime at all on PostgreSQL: take 10 rows, validate, delete them. `enqueue JOBS SECONDS | trickle SECONDS | work SLOTS`."""

import asyncio
import os
import sys

import psycopg
from meter import tick
from producing import produce
from tests.support.standin.types import Numbered

_TABLE = "CREATE TABLE IF NOT EXISTS bench (id bigserial PRIMARY KEY, body text NOT NULL)"
_TAKE = """
    WITH taken AS (SELECT id FROM bench ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED)
    DELETE FROM bench USING taken WHERE bench.id = taken.id RETURNING bench.body"""
_ADD = "INSERT INTO bench (body) VALUES (%s)"


def _body(n: int, seconds: float) -> str:
    return Numbered(n=n, seconds=seconds).model_dump_json()


def work(connection: "psycopg.Connection[tuple[str]]") -> None:
    connection.execute("LISTEN bench")
    with asyncio.Runner() as runner:
        while True:
            with connection.transaction():
                rows = connection.execute(_TAKE).fetchall()
                runner.run(_run_all([body for (body,) in rows]))
            if not rows:
                next(connection.notifies(timeout=1.0), None)


async def _run_all(bodies: list[str]) -> None:
    await asyncio.gather(*map(_run, bodies))


async def _run(body: str) -> None:
    payload = Numbered.model_validate_json(body)
    tick()
    if payload.seconds:
        await asyncio.sleep(payload.seconds)


def main() -> None:
    with psycopg.connect(os.environ["BENCH_POSTGRES"], autocommit=True) as connection:
        if sys.argv[1] == "work":
            work(connection)
        connection.execute(_TABLE)

        def many(numbers: range, seconds: float) -> None:
            for start in range(0, len(numbers), 100):
                rows = [(_body(n, seconds),) for n in numbers[start : start + 100]]
                connection.cursor().executemany(_ADD, rows)

        def one(seconds: float) -> None:
            connection.execute(_ADD, [_body(0, seconds)])
            connection.execute("NOTIFY bench")

        produce(many, one)


if __name__ == "__main__":
    main()
