"""The lock files are whole, agree with one another, and name no registry."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_rules import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {path.stem: path for path in (ROOT / "requirements").glob("*.txt")}
CORE: list[str] = PROJECT["project"]["dependencies"]
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
DEV: list[str] = PROJECT["dependency-groups"]["dev"]
WANTED = {
    "common": CORE,
    **{name: CORE + extra for name, extra in EXTRAS.items()},
    "dev": [*CORE, *(line for extra in EXTRAS.values() for line in extra), *DEV],
}


def _project_name(requirement: str) -> str:
    """Return the normalised name (PEP 503) of `Name[extra]>=1; marker`."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _pins(path: Path) -> dict[str, str]:
    return {_project_name(line): line for line in path.read_text().splitlines() if line.strip()}


def test_there_is_one_lock_per_role() -> None:
    assert set(LOCKS) == set(WANTED)


@pytest.mark.parametrize("name", WANTED)
def test_every_direct_dependency_is_pinned(name: str) -> None:
    pins = _pins(LOCKS[name])
    assert [line for line in pins.values() if not re.fullmatch(r"\S+==[^ ;]+( ; .+)?", line)] == []
    missing = {_project_name(wanted) for wanted in WANTED[name]} - pins.keys()
    assert missing == set(), "run `make lock`"


@pytest.mark.parametrize("name", WANTED)
def test_an_exact_version_in_the_project_file_is_the_locked_one(name: str) -> None:
    pins = _pins(LOCKS[name])
    for wanted in WANTED[name]:
        version = re.search(r"==([^,;]+)$", wanted)
        if version:
            assert pins[_project_name(wanted)].split(" ;")[0].endswith(f"=={version[1]}"), "run `make lock`"


@pytest.mark.parametrize("name", sorted(set(WANTED) - {"dev"}))
def test_what_is_tested_is_what_is_deployed(name: str) -> None:
    tested = _pins(LOCKS["dev"])
    for project, line in _pins(LOCKS[name]).items():
        assert tested[project].partition(" ;")[0] == line.partition(" ;")[0]


@pytest.mark.requirement("OPS-2")
@pytest.mark.parametrize("name", ["common", "worker-messaging", "worker-video"])
def test_a_worker_installs_no_web_framework(name: str) -> None:
    web = {"django", "djangorestframework", "gunicorn", "uvicorn", "drf-spectacular", "whitenoise"}
    assert web & _pins(LOCKS[name]).keys() == set()


@pytest.mark.requirement("OPS-2")
def test_the_messaging_worker_installs_the_core_alone() -> None:
    assert _pins(LOCKS["worker-messaging"]) == _pins(LOCKS["common"])


def test_no_lock_file_names_a_registry() -> None:
    locks = [*(ROOT / "requirements").iterdir(), *(ROOT / "bench" / "peers").glob("*.txt")]
    locks.append(ROOT / "tests" / "support" / "servers" / "fauxqs" / "package-lock.json")
    for folder in (ROOT / "web", ROOT / "tests", ROOT / "bench", ROOT / "deploy"):
        found = (*folder.rglob("package-lock.json"), *folder.rglob("requirements*.txt"))
        locks += [path for path in found if not {"node_modules", ".venv", ".venvs"} & set(path.parts)]
    assert [path.name for path in locks if "://" in path.read_text()] == []
    assert [
        path.name for path in (ROOT / "uv.lock", ROOT / "poetry.lock", ROOT / "Pipfile.lock") if path.exists()
    ] == []
