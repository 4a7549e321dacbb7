"""Who takes part, in what environment, with what settings."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from servers import Place

__all__ = ["ALL", "Contestant", "peer_python"]

ROOT = Path(__file__).parents[2]
_PEERS = ROOT / "bench" / "peers"
THREADS = 10
_SECRET = "a secret of thirty-two bytes or more"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One runtime under measure.

    Attributes:
        group: what it is compared with: "sqs" or "postgres".
        peer: name of its lock under bench/peers, "" when it runs in our environment.
        script: takes the commands `enqueue JOBS SECONDS`, `trickle SECONDS` and `work SLOTS`.
        settings: its environment in a place.
        threads: whether a job takes a thread; then ten at once, for more only get in one another's way.
    """

    name: str
    group: str
    peer: str
    script: Path
    settings: Callable[[Place], Mapping[str, str]]
    threads: bool = False

    def slots(self, wanted: int) -> int:
        """Return how many jobs it runs at once where `wanted` are asked for."""
        return min(wanted, THREADS) if self.threads else wanted

    @property
    def ours(self) -> bool:
        """Return whether it needs our schema."""
        return self.name.startswith("ours")

    def command(self, python: str, *words: object) -> list[str]:
        """Return the command line of one of its commands."""
        return [python, str(self.script), *map(str, words)]

    def environment(self, place: Place) -> dict[str, str]:
        """Return the whole environment of its processes."""
        path = [str(_PEERS.parent / "runtime"), str(_PEERS)]
        if not self.peer:
            path += [str(ROOT / "src"), str(ROOT)]
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "PYTHONPATH": os.pathsep.join(path),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "ap-northeast-2",
            "BENCH_QUEUE": place.name,
            "BENCH_SQS": place.sqs,
            "BENCH_POSTGRES": place.postgres,
            **self.settings(place),
        }


def _production(place: Place) -> dict[str, str]:
    uses = ("VIDEO", "AI_LITE", "AI_BASIC", "AI_PREMIUM", "MESSAGING", "GRAPH_REQUESTS", "GRAPH_RESULTS")
    return {
        "ACADEMY_PROFILE": "production",
        "ACADEMY_LOG_LEVEL": "WARNING",
        "ACADEMY_DATABASE_URL": place.postgres,
        "ACADEMY_PROGRESS_BACKEND": "redis",
        "ACADEMY_REDIS_URL": place.redis,
        "ACADEMY_UPLOAD_SECRET": _SECRET,
        **{f"ACADEMY_QUEUE_{use}": f"{place.name}-{use.lower().replace('_', '-')}" for use in uses},
    }


def _ours_sqs(place: Place) -> dict[str, str]:
    queue = {
        "ACADEMY_QUEUE_BACKEND": "sqs",
        "ACADEMY_SQS_ENDPOINT_URL": place.sqs,
        "ACADEMY_SQS_WAIT_SECONDS": "2",
    }
    return {**_production(place), **queue}


def _ours_postgres(place: Place) -> dict[str, str]:
    return {**_production(place), "ACADEMY_QUEUE_BACKEND": "sql"}


def _nothing(_: Place) -> dict[str, str]:
    return {}


_OURS = ROOT / "bench" / "runtime" / "ours.py"
ALL = (
    Contestant("ours-sqs", "sqs", "", _OURS, _ours_sqs),
    Contestant("taskiq-aio-sqs", "sqs", "taskiq-aio-sqs", _PEERS / "taskiq_app.py", _nothing),
    Contestant("dramatiq-sqs", "sqs", "dramatiq-sqs", _PEERS / "dramatiq_app.py", _nothing, threads=True),
    Contestant("celery-sqs", "sqs", "celery-sqs", _PEERS / "celery_app.py", _nothing, threads=True),
    Contestant("floor-sqs", "sqs", "", ROOT / "bench" / "runtime" / "floor_sqs.py", _nothing),
    Contestant("ours-postgres", "postgres", "", _OURS, _ours_postgres),
    Contestant("pgqueuer", "postgres", "pgqueuer", _PEERS / "pgqueuer_app.py", _nothing),
    Contestant("procrastinate", "postgres", "procrastinate", _PEERS / "procrastinate_app.py", _nothing),
    Contestant("floor-postgres", "postgres", "", ROOT / "bench" / "runtime" / "floor_postgres.py", _nothing),
)


def peer_python(peer: str) -> tuple[str, str]:
    """Return the interpreter of a peer's environment, made when it is not there, and why there is none else."""
    if not peer:
        return sys.executable, ""
    lock = _PEERS / f"{peer}.txt"
    folder = _PEERS / ".venvs" / peer
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    if python.is_file() and stamp.is_file() and stamp.read_text() == lock.read_text():
        return str(python), ""
    beside = Path(sys.executable).with_name("uv")
    uv = shutil.which("uv") or (str(beside) if beside.is_file() else "")
    if not uv:
        return "", "uv was not found"
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    for words in (
        ["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--no-deps", "--python", str(python), "-r", str(lock)],
    ):
        done = subprocess.run([uv, *words], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            return "", done.stderr.strip().splitlines()[
                -1
            ] if done.stderr.strip() else f"uv {words[0]} failed"
    stamp.write_text(lock.read_text())
    return str(python), ""
