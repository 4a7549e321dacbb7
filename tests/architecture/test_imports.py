"""The import contracts hold, and each of them catches a violation seeded into a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.source_rules import ROOT

LINT = str(Path(sys.executable).with_name("lint-imports"))
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


@dataclass(frozen=True)
class Seed:
    """A violation: `code` appended to `file`, and the contract that has to break."""

    contract: str
    file: str
    code: str


SEEDS = [
    Seed("layers", "contracts/seed.py", "import academy.domain.failures"),
    Seed("layers", "domain/failures.py", "import academy.contracts.base"),
    Seed("layers", "application/errors.py", "import academy.bootstrap.settings"),
    Seed("layers", "infrastructure/clock.py", "import academy.interfaces.workers"),
    Seed("layers", "helpers/__init__.py", ""),
    Seed(
        "adapters-are-picked-in-bootstrap",
        "interfaces/workers/seed.py",
        "import academy.infrastructure.clock",
    ),
    Seed("domain-and-application-are-pure", "domain/failures.py", "import pydantic"),
    Seed("domain-and-application-are-pure", "application/jobs/seed.py", "import sqlalchemy.orm"),
    Seed("contracts-need-pydantic", "contracts/base.py", "import structlog"),
    Seed("django-in-the-api", "interfaces/cli/seed.py", "from django.conf import settings"),
    Seed("django-in-the-api", "bootstrap/settings.py", "def f():\n    import rest_framework"),
    Seed("workers-without-web", "interfaces/workers/seed.py", "def f():\n    import gunicorn.app"),
    Seed("workers-without-web", "bootstrap/seed.py", "import academy.infrastructure.seed"),
    Seed(
        "messaging-worker-is-light",
        "bootstrap/messaging_worker.py",
        "def f():\n    from academy.infrastructure.ffmpeg import engine",
    ),
    Seed("messaging-worker-is-light", "infrastructure/solapi/wire.py", "def f():\n    import cv2"),
    Seed("messaging-worker-is-light", "interfaces/workers/runtime/worker.py", "import numpy.linalg"),
    Seed("interfaces", "interfaces/api/seed.py", "import academy.interfaces.workers"),
    Seed("interfaces", "interfaces/batch/__init__.py", ""),
    Seed(
        "workers-are-independent",
        "interfaces/workers/video.py",
        "import academy.interfaces.workers.messaging",
    ),
    Seed("features", "application/messaging/__init__.py", "import academy.application.video"),
    Seed(
        "features",
        "application/jobs/seed.py",
        "def f():\n    from academy.application.video import catalogue",
    ),
    Seed("domain-features", "domain/tenant/seed.py", "import academy.domain.video.video"),
    Seed(
        "adapters-are-independent",
        "infrastructure/memory/seed.py",
        "import academy.infrastructure.sql.tables",
    ),
    Seed("sql-library", "infrastructure/memory/seed.py", "import sqlalchemy"),
    Seed("trace-library", "infrastructure/prometheus/seed.py", "import opentelemetry.trace"),
    Seed("http-parser", "infrastructure/sql/seed.py", "import httptools"),
    Seed("no-aws-library", "infrastructure/sqs/seed.py", "import botocore.session"),
    Seed(
        "adapters-are-independent",
        "infrastructure/memory/seed.py",
        "import academy.infrastructure.aws.service",
    ),
    Seed("redis-library", "infrastructure/sql/seed.py", "import redis.asyncio"),
    Seed("object-store-library", "infrastructure/sql/seed.py", "import obstore"),
    Seed("spreadsheet-libraries", "infrastructure/memory/seed.py", "import xlsxwriter"),
    Seed("sheet-printing-libraries", "infrastructure/memory/seed.py", "import segno"),
    Seed("note-typesetting-library", "infrastructure/memory/seed.py", "import typst"),
    Seed("picture-library", "infrastructure/opencv/seed.py", "import PIL.Image"),
    Seed(
        "graph-worker-is-apart",
        "bootstrap/graph_worker.py",
        "def f():\n    from academy.infrastructure.ffmpeg import engine",
    ),
    Seed("graph-worker-is-apart", "infrastructure/sources/pages.py", "def f():\n    import cv2"),
    Seed("graph-worker-is-apart", "infrastructure/statistics/vectors.py", "import torch.nn"),
    Seed("graph-worker-is-apart", "application/graph/reading.py", "import django.conf"),
    Seed("database-driver", "infrastructure/chroma/seed.py", "import psycopg"),
    Seed("vector-library", "infrastructure/pgvector/seed.py", "import chromadb"),
    Seed("office-document-libraries", "infrastructure/morphology/seed.py", "import docx"),
    Seed("office-document-libraries", "infrastructure/pdf/seed.py", "def f():\n    import pptx"),
    Seed("morphology-library", "infrastructure/statistics/seed.py", "from kiwipiepy import Kiwi"),
    Seed("graph-maths-libraries", "infrastructure/morphology/seed.py", "import threadpoolctl"),
    Seed("graph-maths-libraries", "infrastructure/chroma/seed.py", "import scipy.sparse"),
    Seed("graph-maths-libraries", "infrastructure/bigrams/seed.py", "import graspologic_native"),
    Seed("features", "application/academics/seed.py", "import academy.application.ai.grading"),
    Seed("no-cycles", "domain/video/seed.py", "import academy.domain.video.other"),
]
# What a seed needs around it to be an import of something that exists.
COMPANIONS = {
    "interfaces/workers/messaging.py": "",
    "infrastructure/seed.py": "import uvicorn",
    "domain/video/other.py": "import academy.domain.video.seed",
}


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """Return a copy of the product with its project file."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "tests" / "architecture",
        tmp_path / "tests" / "architecture",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (tmp_path / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    yield tmp_path
    shutil.rmtree(tmp_path)


def _broken(folder: Path) -> tuple[set[str], str]:
    """Return the names of the contracts that do not hold in `folder`, and what the tool printed."""
    done = subprocess.run(
        [LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    broken = set(re.findall(r"^(.+?) BROKEN", done.stdout, re.MULTILINE))
    assert "kept" in done.stdout, done.stdout + done.stderr
    assert bool(done.returncode) == bool(broken)
    return broken, done.stdout


@pytest.mark.requirement("QUE-2")
@pytest.mark.requirement("OPS-2")
def test_every_contract_holds() -> None:
    broken, report = _broken(ROOT)
    assert not broken, report


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed.contract}:{seed.file}")
def test_a_seeded_violation_is_caught(tree: Path, seed: Seed) -> None:
    for name, code in {**_companions(seed), seed.file: seed.code}.items():
        path = tree / "src" / "academy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(f"\n{code}\n")
    broken, report = _broken(tree)
    assert CONTRACTS[seed.contract] in broken, report


def _companions(seed: Seed) -> dict[str, str]:
    def module(name: str) -> str:
        return "academy." + name.removesuffix(".py").replace("/", ".")

    return {name: code for name, code in COMPANIONS.items() if re.search(rf"{module(name)}\b", seed.code)}


def test_every_contract_has_a_seed() -> None:
    assert {seed.contract for seed in SEEDS} == set(CONTRACTS)
