"""Processes of the real system, started as an operator would, with their logs read as they come."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["RoleProcess", "role_process"]


class RoleProcess:
    """One role in its own process; `events` are its log records, `on_event` is called with each as it comes."""

    def __init__(
        self,
        role: str,
        env: Mapping[str, str],
        on_event: Callable[["RoleProcess", dict[str, Any]], None] | None = None,
        python: str = sys.executable,
    ) -> None:
        base = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": "src",
            "ACADEMY_LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
        }
        self.events: list[dict[str, Any]] = []
        self.other: list[str] = []
        self._on_event = on_event
        self._new = threading.Condition()
        self.process = subprocess.Popen(
            [python, "-m", f"academy.interfaces.workers.{role}"],
            env={**base, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            try:
                event = json.loads(line)
            except ValueError:
                self.other.append(line)
                continue
            with self._new:
                self.events.append(event)
                self._new.notify_all()
            if self._on_event is not None:
                self._on_event(self, event)
        with self._new:
            self._new.notify_all()

    def wait_for(self, name: str, timeout: float = 60, **fields: object) -> dict[str, Any]:
        """Return the first event of that name with those fields, waiting for it."""

        def found() -> dict[str, Any] | None:
            wanted = {"event": name, **fields}.items()
            return next((e for e in self.events if wanted <= e.items()), None)

        with self._new:
            self._new.wait_for(lambda: found() is not None or self.process.poll() is not None, timeout)
            event = found()
        assert event is not None, f"no {name} {fields} in {self.events[-10:]} {''.join(self.other[-20:])}"
        return event

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """Drain it and wait."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(10)
        if self.process.stderr is not None:
            self.process.stderr.close()


@contextmanager
def role_process(role: str, env: Mapping[str, str], **more: Any) -> Iterator[RoleProcess]:
    """Run a role while the context lasts."""
    process = RoleProcess(role, env, **more)
    try:
        yield process
    finally:
        process.close()
