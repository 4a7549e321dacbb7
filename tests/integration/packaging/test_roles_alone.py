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
WORKERS = [("worker-video", "video"), ("common", "outbox_relay"), ("common", "reconciler")]
READY_SECONDS = 60

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
    yield {lock: _install(base / lock, lock) for lock in ("common", "worker-video", "cli", "api")}
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


@pytest.mark.parametrize("lock", ["common", "worker-video"])
def test_a_worker_s_environment_holds_no_web_framework(environments: dict[str, Path], lock: str) -> None:
    code = "import importlib.metadata as m; print(*sorted({d.name.lower() for d in m.distributions()}))"
    held = set(_run(environments[lock], "-I", "-c", code).stdout.split())
    assert "pydantic" in held
    assert held & WEB == set()


@pytest.mark.parametrize(("lock", "role"), WORKERS)
def test_a_worker_imports_no_web_framework(
    environments: dict[str, Path], settings: dict[str, str], lock: str, role: str
) -> None:
    code = f"import sys, academy.interfaces.workers.{role}; print(*sorted(sys.modules))"
    done = _run(environments[lock], "-c", code, env=settings)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert f"academy.interfaces.workers.{role}" in loaded
    assert {
        name for name in loaded for web in WEB_MODULES if name == web or name.startswith(web + ".")
    } == set()


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
