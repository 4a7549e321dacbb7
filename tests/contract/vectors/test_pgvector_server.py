"""What only a server can do: several processes, connections that die, rights that are missing (GRA-3, GRA-8)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psycopg
import pytest
from tests.contract.vectors.adapters import SPACE, ids_of, named, plain_url, random_vectors, vector

from academy.application.ports.vector_index import VectorIndexUnavailable, VectorSpace
from academy.infrastructure.pgvector.index import PgVectorIndex

EAST, NORTH = vector(1, 0, 0, 0), vector(0, 1, 0, 0)


@pytest.fixture
async def index(vector_database: str) -> AsyncIterator[PgVectorIndex]:
    async with PgVectorIndex.open(vector_database) as one:
        yield one


def answers(url: str, question: str, *given: object) -> list[tuple[object, ...]]:
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        cursor = connection.execute(question.encode(), given)
        return cursor.fetchall() if cursor.description else []


def relations(url: str) -> list[tuple[object, ...]]:
    """Return name and file of everything in our schema and of what belongs to it (large values)."""
    return answers(
        url,
        """
        WITH ours AS (
            SELECT oid, reltoastrelid FROM pg_class
            WHERE relnamespace = to_regnamespace('academy_vectors')::oid AND relkind IN ('r', 'i')
        )
        SELECT relname::text, pg_relation_filepath(oid) FROM pg_class
        WHERE oid IN (SELECT oid FROM ours UNION SELECT reltoastrelid FROM ours) ORDER BY 1""",
    )


@pytest.mark.requirement("GRA-8")
async def test_nothing_listens(tmp_path: Path) -> None:
    async with PgVectorIndex.open(f"postgresql+psycopg://postgres@/none?host={tmp_path}") as index:
        for call in (
            index.ping(),
            index.prepare(),
            index.nearest("t1", "u1", SPACE, EAST, 1),
            index.space("t1", "u1"),
            index.replace("t1", "u1", SPACE, ["a"], [EAST]),
            index.upsert("t1", "u1", SPACE, ["a"], [EAST]),
            index.remove("t1", "u1", ["a"]),
            index.erase("t1", "u1"),
        ):
            with pytest.raises(VectorIndexUnavailable, match="PostgreSQL cannot keep vectors now"):
                await call


@pytest.mark.requirement("GRA-8")
async def test_a_connection_that_died_while_idle_is_replaced(
    index: PgVectorIndex, vector_database: str
) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    ended = answers(
        vector_database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'academy-vectors'",
    )
    assert ended
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 1)) == ["a"]


@pytest.mark.requirement("GRA-8")
async def test_a_schema_that_was_dropped_is_made_again(index: PgVectorIndex, vector_database: str) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    answers(vector_database, "DROP SCHEMA academy_vectors CASCADE")
    with pytest.raises(VectorIndexUnavailable, match="does not exist"):
        await index.nearest("t1", "u1", SPACE, EAST, 1)
    await index.replace("t1", "u1", SPACE, ["b"], [EAST])
    assert ids_of(await index.nearest("t1", "u1", SPACE, EAST, 1)) == ["b"]


@pytest.mark.requirement("GRA-8")
async def test_a_table_that_was_dropped_is_no_empty_answer(
    index: PgVectorIndex, vector_database: str
) -> None:
    await index.replace("t1", "u1", SPACE, ["a"], [EAST])
    for (name,) in answers(vector_database, "SELECT relation FROM academy_vectors.collections"):
        answers(vector_database, f"DROP TABLE academy_vectors.{name}")
    with pytest.raises(VectorIndexUnavailable, match="does not exist"):
        await index.nearest("t1", "u1", SPACE, EAST, 1)


@pytest.mark.requirement("GRA-8")
async def test_many_processes_make_the_schema_at_the_same_time(vector_database: str) -> None:
    answers(vector_database, "DROP EXTENSION IF EXISTS vector CASCADE")
    processes = [PgVectorIndex(vector_database) for _ in range(6)]
    try:
        await asyncio.gather(*(each.prepare() for each in processes))
        await asyncio.gather(
            *(each.upsert("t1", "u1", SPACE, [f"id{at}"], [EAST]) for at, each in enumerate(processes))
        )
        assert await processes[0].space("t1", "u1") == (SPACE, 6)
    finally:
        for each in processes:
            await each.aclose()


@pytest.mark.requirement("GRA-8")
async def test_readers_see_the_old_collection_or_the_new_one(
    index: PgVectorIndex, vector_database: str
) -> None:
    old, new = random_vectors(300, 4, seed=1), random_vectors(400, 4, seed=2)
    await index.replace("t1", "u1", SPACE, named(300), old)
    seen: set[int] = set()

    async def read(reader: PgVectorIndex) -> None:
        for _ in range(40):
            found = await reader.nearest("t1", "u1", SPACE, EAST, 1_000)
            seen.add(len(found))

    async with PgVectorIndex.open(vector_database) as reader:
        reading = asyncio.gather(read(reader), read(reader))
        for _ in range(5):
            await index.replace("t1", "u1", SPACE, named(400), new)
            await index.replace("t1", "u1", SPACE, named(300), old)
        await reading
    assert seen <= {300, 400}
    # Of ten replacements no table is left over.
    assert len([name for name, _ in relations(vector_database) if str(name).startswith("of_")]) == 2


@pytest.mark.requirement("GRA-8")
async def test_writers_wait_for_each_other(vector_database: str) -> None:
    vectors = random_vectors(200, 4)
    names = named(200)
    async with PgVectorIndex.open(vector_database) as one, PgVectorIndex.open(vector_database) as two:

        async def write(index: PgVectorIndex, order: Sequence[int]) -> None:
            for at in order:
                part = slice(at * 20, at * 20 + 40)
                await index.upsert("t1", "u1", SPACE, names[part], vectors[part])

        await asyncio.gather(write(one, range(9)), write(two, range(8, -1, -1)))
        assert await one.space("t1", "u1") == (SPACE, 200)


@pytest.mark.requirement("GRA-8")
async def test_erasing_takes_the_files_away(index: PgVectorIndex, vector_database: str) -> None:
    wide = VectorSpace("m", 3_000)
    await index.replace("academy-x", "user-x", wide, named(50), random_vectors(50, 3_000))
    await index.replace("t2", "u2", SPACE, ["stays"], [EAST])
    answers(vector_database, "ANALYZE")
    held = relations(vector_database)
    kept = answers(
        vector_database, "SELECT * FROM pg_stats WHERE schemaname = 'academy_vectors' AND attname = 'id'"
    )
    assert kept == [], "statistics keep ids elsewhere"
    await index.erase("academy-x", "user-x")
    left = relations(vector_database)
    gone = [path for _, path in held if path not in {path for _, path in left}]
    assert len(gone) >= 3, "a table, its index, its large values"
    answers(vector_database, "CHECKPOINT")
    for path in gone:
        assert answers(vector_database, "SELECT size FROM pg_stat_file(%s, true)", path) == [(None,)]
    assert ids_of(await index.nearest("t2", "u2", SPACE, EAST, 9)) == ["stays"]


@pytest.mark.requirement("GRA-8")
async def test_no_table_says_whose_it_is(index: PgVectorIndex, vector_database: str) -> None:
    await index.replace("academy-x", "user-x", SPACE, ["a"], [EAST])
    told = repr(answers(vector_database, "SELECT * FROM academy_vectors.collections"))
    assert "lsa-1" in told
    assert "academy-x" not in told
    assert "user-x" not in told


@pytest.mark.requirement("GRA-8")
async def test_a_user_without_rights_is_told_so(vector_database: str) -> None:
    answers(vector_database, "DROP ROLE IF EXISTS reader_only")
    answers(vector_database, "CREATE ROLE reader_only LOGIN")
    url = vector_database.replace("//postgres@", "//reader_only@")
    assert url != vector_database
    async with PgVectorIndex.open(url) as index:
        with pytest.raises(VectorIndexUnavailable, match="permission denied"):
            await index.ping()
    answers(vector_database, "DROP ROLE reader_only")


@pytest.mark.requirement("GRA-3")
async def test_long_vectors_and_ids_fit(index: PgVectorIndex) -> None:
    space = VectorSpace("large", 4_096)
    vectors = random_vectors(5, 4_096)
    names = [chr(0x1F600 + at) * 1_000 for at in range(5)]
    await index.replace("t1", "u1", space, names, vectors)
    await index.upsert("t1", "u1", space, names[:2], vectors[:2])
    assert ids_of(await index.nearest("t1", "u1", space, vectors[3], 1)) == [names[3]]
