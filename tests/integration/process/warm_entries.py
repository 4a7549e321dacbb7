"""What the tests of kept processes have done: each tells what it found in the memory of its process."""

import _thread
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Report = Callable[[str, float], None]
Payload = dict[str, Any]

left: list[str] = []
"""What calls left behind in this module."""


def remember(payload: Payload, report: Report) -> dict[str, Any]:
    """Leave a word; tell the process and what was left before."""
    found = list(left)
    left.append(payload["word"])
    report("work", 1.0)
    return {"pid": os.getpid(), "found": found, "cwd": str(Path.cwd()), "given": os.environ.get("GIVEN", "")}


def remember_too(payload: Payload, report: Report) -> dict[str, Any]:
    """The same by another name."""
    return remember(payload, report)


def act(payload: Payload, report: Report) -> dict[str, Any]:
    """Remember, then do what is asked."""
    answer = remember(payload, report)
    getattr(sys.modules[__name__], payload.get("do", "nothing"))()
    return answer


def take_a_while() -> None:
    time.sleep(0.5)


def nothing() -> None:
    pass


def fail() -> None:
    raise LookupError


def leave() -> None:
    sys.exit(0)


def print_out() -> None:
    print("a word that nobody asked for")


def print_error() -> None:
    os.write(2, b"a warning\n")


def leave_thread() -> None:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def leave_bare_thread() -> None:
    _thread.start_new_thread(time.sleep, (600,))


def leave_child() -> None:
    subprocess.Popen(["sleep", "600"])


def leave_dead_child() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody took note


def leave_orphan() -> None:
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()


def speak_late() -> None:
    if os.fork() == 0:
        time.sleep(0.3)
        os.write(3, b'{"result": {}}\n')
        os._exit(0)


def grow() -> None:
    left.append("x" * (150 << 20))


def grow_for_a_while() -> None:
    assert bytearray(b"x" * (150 << 20))


def heavy() -> None:
    left.append("x" * (300 << 20))
    time.sleep(30)


def hang() -> None:
    time.sleep(600)


def spin() -> None:
    while True:
        pass


def wander() -> None:
    os.chdir("/")


def echo(payload: Any, report: Report) -> Any:
    """Answer what was asked."""
    return payload
