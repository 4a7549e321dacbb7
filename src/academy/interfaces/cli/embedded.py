"""The whole system in a child process, for the demonstration and the tests: started, waited for, drained."""

import json
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from academy.bootstrap.settings import environment_without_settings

__all__ = ["EmbeddedSystem", "Login", "SystemFailed"]

START_SECONDS = 60.0
DRAIN_SECONDS = 30.0
LOG_TAIL = 2000


class SystemFailed(Exception):
    """The system did not start or did not stop; `said` holds the last lines of its log."""

    def __init__(self, problem: str, said: str) -> None:
        super().__init__(problem)
        self.said = said


@dataclass(frozen=True, slots=True)
class Login:
    """A person of the demonstration academy."""

    role: str
    username: str
    password: str


class EmbeddedSystem:
    """`academy up` on a free port with its data in a folder of its own.

    It ends with the context, and by itself when this process vanishes: it watches its standard input.
    """

    def __init__(self, data_dir: Path) -> None:
        """Keep the data, and the log `academy.log`, in `data_dir`."""
        self.data_dir = data_dir
        self.url = ""
        self.logins: dict[str, Login] = {}
        self._child: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [sys.executable, "-m", "academy.interfaces.cli.main", "up"]
        with self.log.open("a") as log:
            self._child = subprocess.Popen(  # noqa: S603 - ourselves
                [*command, "--child", "--port", "0", "--data-dir", str(self.data_dir)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**environment_without_settings(), "PYTHONIOENCODING": "utf-8"},
                encoding="utf-8",
                # Ctrl-C is ours to handle: the child drains when we say so.
                start_new_session=True,
            )
        try:
            self._read_greeting(self._child)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        """Return the file with everything the system logged."""
        return self.data_dir / "academy.log"

    def next_line(self, seconds: float = 0.0) -> str:
        """Return the next line that the system has printed since it was ready, as text messages are; "" when none comes in time."""
        try:
            return self._lines.get(timeout=seconds).rstrip("\n")
        except queue.Empty:
            return ""

    def stop(self) -> int:
        """Drain and end the system; return its exit code. Raises SystemFailed when it does not end."""
        child = self._child
        assert child is not None
        assert child.stdin is not None
        child.stdin.close()
        try:
            return child.wait(DRAIN_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            problem = f"the system did not drain within {DRAIN_SECONDS:.0f} s"
            raise SystemFailed(problem, self._tail()) from None
        finally:
            if self._reader is not None:
                self._reader.join(DRAIN_SECONDS)

    def _read_greeting(self, child: "subprocess.Popen[str]") -> None:
        # Read to the end by a thread: a child whose lines nobody takes stands still once the pipe is full.
        self._reader = threading.Thread(target=self._read_lines, args=(child,), daemon=True)
        self._reader.start()
        try:
            line = self._lines.get(timeout=START_SECONDS)
        except queue.Empty:
            raise SystemFailed(f"the system was not ready in {START_SECONDS:.0f} s", self._tail()) from None
        if not line:
            raise SystemFailed(f"the system ended with exit code {child.wait()}", self._tail())
        greeting = json.loads(line)
        self.url = greeting["url"]
        self.logins = {login["role"]: Login(**login) for login in greeting["logins"]}

    def _read_lines(self, child: "subprocess.Popen[str]") -> None:
        assert child.stdout is not None
        with child.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put("")

    def _tail(self) -> str:
        return self.log.read_text(errors="replace").strip()[-LOG_TAIL:]
