"""What the tests have done in a process of its own: one function for every way to end. No import of ours at the top."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

Report = Callable[[str, float], None]
Payload = dict[str, Any]


def answer(payload: Payload, report: Report) -> dict[str, Any]:
    report("first", 0.5)
    report("second", 1.0)
    return {"text": payload["name"] + " 답", "number": 1.5}


left: list[str] = []


def remembers(payload: Payload, report: Report) -> dict[str, Any]:
    """Leave a name in memory; tell what was left there before."""
    found = " ".join(left)
    left.append(payload["name"])
    return {"text": found}


def modules(payload: Payload, report: Report) -> dict[str, Any]:
    mine = [name for name in sys.modules if name.partition(".")[0] in {"academy", "pydantic", "sqlalchemy"}]
    return {"text": " ".join(mine)}


def environment(payload: Payload, report: Report) -> dict[str, Any]:
    files = [
        str(link.readlink())
        for link in Path("/proc/self/fd").iterdir()
        if link.exists() and int(link.name) > 3
    ]
    strangers = [name for name in files if not name.startswith("/proc/")]
    return {
        "text": f"{os.getsid(0) == os.getpid()} {sys.stdin.read()!r} {strangers} {'SECRET' in os.environ}"
    }


def echo_size(payload: Payload, report: Report) -> dict[str, Any]:
    return {"text": str(len(payload["data"]))}


def raises(payload: Payload, report: Report) -> dict[str, Any]:
    print("the last words, 010-1234-5678, https://host/a?X-Amz-Signature=abc")
    raise LookupError("secret text")


def refuses(payload: Payload, report: Report) -> dict[str, Any]:
    error = RuntimeError()
    error.failure = SimpleNamespace(  # type: ignore[attr-defined]
        code="page_unreadable",
        message="A page cannot be read.",
        message_ko="쪽",
        retryable=False,
        stage="read",
        detail="",
    )
    raise error


def leaves(payload: Payload, report: Report) -> dict[str, Any]:
    sys.exit(0)


def hangs(payload: Payload, report: Report) -> dict[str, Any]:
    report("first", 0.1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})
    while True:
        time.sleep(60)


def asks_too_much(payload: Payload, report: Report) -> dict[str, Any]:
    return {"text": str(len(bytearray(10 << 30)))}


def leaks(payload: Payload, report: Report) -> dict[str, Any]:
    kept = []
    while True:
        kept.append(bytearray(os.urandom(4096)) * 256)
        report("first", 0.1)


def leaks_apart(payload: Payload, report: Report) -> dict[str, Any]:
    """Each process stays within its address space; together they are too heavy."""
    children = [subprocess.Popen([sys.executable, "-c", HEAVY]) for _ in range(3)]
    return {"text": str([child.wait() for child in children])}


HEAVY = "import time; b = bytearray(b'x' * (120 << 20)); time.sleep(600)"


def segfaults(payload: Payload, report: Report) -> dict[str, Any]:
    return {"text": ctypes.string_at(0).decode()}


def is_killed(payload: Payload, report: Report) -> None:
    """As the kernel does it when the machine is out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def leaves_family(payload: Payload, report: Report) -> dict[str, Any]:
    """A child, one in a session of its own, and an orphan hold on to every descriptor."""
    subprocess.Popen(["sleep", "600"], close_fds=False)
    subprocess.Popen(["sleep", "600"], close_fds=False, start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    return {"text": "left"}


def hangs_with_family(payload: Payload, report: Report) -> dict[str, Any]:
    leaves_family(payload, report)
    return hangs(payload, report)


def floods(payload: Payload, report: Report) -> dict[str, Any]:
    for _ in range(500):
        os.write(1, b"x" * 65536)
        os.write(2, "물".encode() * 20000)
    return {"text": "32 MB"}


def floods_without_end(payload: Payload, report: Report) -> dict[str, Any]:
    while True:
        os.write(1, b"x" * 65536 + b"\n")


def spins(payload: Payload, report: Report) -> dict[str, Any]:
    while True:
        pass


def ends_early(payload: Payload, report: Report) -> dict[str, Any]:
    print("gone", flush=True)
    os._exit(0)


def ends_badly(payload: Payload, report: Report) -> dict[str, Any]:
    os._exit(3)


def result_then_crash(payload: Payload, report: Report) -> dict[str, Any]:
    os.write(3, b'{"result": {"text": "half"}}\n')
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def garbage(payload: Payload, report: Report) -> dict[str, Any]:
    os.write(3, b"\xff\xfe{{{\n")
    return hangs(payload, report)


def endless_line(payload: Payload, report: Report) -> dict[str, Any]:
    while True:
        os.write(3, b"[" * 65536)


def endless_reports(payload: Payload, report: Report) -> dict[str, Any]:
    while True:
        os.write(3, b'{"step": "first", "fraction": 0.5}\n' * 1000)


def unknown_step(payload: Payload, report: Report) -> dict[str, Any]:
    report("nowhere", 0.5)
    return hangs(payload, report)


def two_results(payload: Payload, report: Report) -> dict[str, Any]:
    os.write(3, b'{"result": {"text": "one"}}\n')
    return {"text": "two"}


def wrong_result(payload: Payload, report: Report) -> dict[str, Any]:
    return {"text": 1}


def no_object(payload: Payload, report: Report) -> Any:
    return ["text"]


def no_json(payload: Payload, report: Report) -> Any:
    return {"text": object()}


def not_a_number(payload: Payload, report: Report) -> Any:
    return {"text": "a", "number": float("nan")}


def huge(payload: Payload, report: Report) -> dict[str, Any]:
    return {"text": "x" * (300 << 10)}


def closes_everything(payload: Payload, report: Report) -> dict[str, Any]:
    os.closerange(0, 64)
    return {"text": "nobody hears this"}


def never(payload: Payload, report: Report) -> dict[str, Any]:
    raise AssertionError


def names_family(payload: Payload, report: Report) -> dict[str, Any]:
    children = [
        subprocess.Popen(["sleep", "600"]),
        subprocess.Popen(["sleep", "600"], start_new_session=True),
    ]
    for pid in (os.getpid(), *(child.pid for child in children)):
        os.write(3, b"%d\n" % pid)
    return hangs(payload, report)
