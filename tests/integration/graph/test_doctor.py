"""`academy doctor` looks at what the graph worker needs: libraries, the place of its vectors, models (OPS-1, GRA-8)."""

from pathlib import Path

import pytest
from tests.support.servers.postgres import new_postgres_database

from academy.bootstrap.findings import Finding
from academy.bootstrap.graph_doctor import look_at_graph_tools
from academy.bootstrap.graph_worker import open_vectors
from academy.bootstrap.settings import Settings, Vectors
from academy.infrastructure.sql.schema import migrate

pytestmark = [pytest.mark.requirement("OPS-1"), pytest.mark.requirement("GRA-8")]
NOBODY_LISTENS = "http://127.0.0.1:9/v1"


def installed(folder: Path, **more: object) -> Settings:
    settings = Settings(data_dir=folder, **more)  # type: ignore[arg-type]
    migrate(settings.database)
    return settings


async def found(settings: Settings) -> dict[str, Finding]:
    return {finding.what: finding for finding in await look_at_graph_tools(settings)}


async def test_what_works_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    settings = installed(tmp_path)
    findings = await found(settings)
    assert findings.keys() == {"graph libraries", "graph vectors"}
    assert all(finding.ok for finding in findings.values())
    assert not settings.vectors_dir.exists()


async def test_the_worker_that_has_the_folder_is_not_in_the_way(tmp_path: Path) -> None:
    settings = installed(tmp_path)
    async with open_vectors(settings) as index:
        assert (await found(settings))["graph vectors"].ok
        await index.ping()


async def test_a_folder_that_cannot_be_used_is_told_with_its_remedy(tmp_path: Path) -> None:
    settings = installed(tmp_path)
    settings.vectors_dir.write_text("no folder")
    vectors = (await found(settings))["graph vectors"]
    assert not vectors.ok
    assert str(settings.vectors_dir) in vectors.text
    assert "ACADEMY_VECTORS_BACKEND=pgvector" in vectors.mend


async def test_vectors_in_postgresql_are_asked_there(tmp_path: Path, postgres_server: str) -> None:
    with new_postgres_database(postgres_server) as url:
        settings = Settings(data_dir=tmp_path, database_url=url, vectors_backend=Vectors.PGVECTOR)  # type: ignore[arg-type]
        vectors = (await found(settings))["graph vectors"]
        assert (vectors.ok, "pgvector" in vectors.text) == (True, True), vectors.text
    gone = (await found(settings))["graph vectors"]
    assert not gone.ok
    assert "pgvector" in gone.mend


@pytest.mark.requirement("GRA-7")
async def test_a_model_that_does_not_answer_is_named_by_its_setting(tmp_path: Path) -> None:
    settings = installed(tmp_path, llm_url=NOBODY_LISTENS, llm_model="some-model")
    findings = await found(settings)
    assert "model ACADEMY_EMBEDDING_URL" not in findings
    model = findings["model ACADEMY_LLM_URL"]
    assert not model.ok
    assert "ACADEMY_LLM_URL" in model.mend
