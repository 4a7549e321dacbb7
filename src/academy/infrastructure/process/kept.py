"""One kept child: its keeper process, the pipes to it, and the record it leaves."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from academy.application.ports.processes import ChildLimits
from academy.infrastructure.process.inlets import Inlet, Tail

__all__ = ["READ_SIZE", "KeptChild", "Record"]

READ_SIZE = 1 << 16
_KEEPER = str(Path(__file__).with_name("keeper.py"))
_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Record:
    """What the keeper wrote about the child.

    Attributes:
        pid: the child and its process group; None when it was never forked.
        exec_error: errno of a failed exec.
        wait_status: as of wait(2); None when the keeper died before the child.
        cpu_seconds: of the child and every descendant.
        peak_bytes: largest resident set among them.
        over: the limit the keeper killed them for, "" for none.
    """

    pid: int | None = None
    exec_error: int | None = None
    wait_status: int | None = None
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    over: str = ""

    @classmethod
    def parse(cls, text: str) -> "Record":
        """Read the lines `pid N`, `exec ERRNO`, `over LIMIT`, `done WAITSTATUS CPU_SECONDS PEAK_KIB`, each at most once."""
        lines = {word: rest for word, *rest in map(str.split, text.splitlines())}
        done = lines.get("done")
        return cls(
            pid=int(lines["pid"][0]) if "pid" in lines else None,
            exec_error=int(lines["exec"][0]) if "exec" in lines else None,
            wait_status=int(done[0]) if done else None,
            cpu_seconds=float(done[1]) if done else 0.0,
            peak_bytes=int(done[2]) << 10 if done else 0,
            over=lines.get("over", [""])[0],
        )


class KeptChild:
    """A child process that dies with `end` or with this process, together with all its descendants.

    Made inside a running loop; the constructor starts the process (about 1 ms) and raises OSError if it cannot.
    `end` must follow in every case. With a `request` the child reads it as its standard input, `output` is what it writes to its
    descriptor 3, and standard output goes where standard error goes; without, `output` is its standard output. When `asked` is true
    descriptor 3 is a socket, over which the child gets what `ask` sends.
    """

    def __init__(
        self,
        python: str,
        argv: Sequence[str],
        limits: ChildLimits,
        cwd: Path | None,
        env: Mapping[str, str],
        request: bytes | None = None,
        *,
        asked: bool = False,
    ) -> None:
        # First, because nothing is open yet if it fails.
        stdin = subprocess.DEVNULL if request is None else _lying_ready(request)
        self._status, self._output, self._stderr = Inlet(), Inlet(both_ways=asked), Tail()
        self._inlets = self._status, self._output, self._stderr
        lifeline, self._lifeline = os.pipe()
        reports = -1 if request is None else self._output.write
        numbers = (
            *(lifeline, self._status.write, reports, limits.resident_bytes or 0),
            *(limits.memory_bytes, limits.cpu_seconds or 0, limits.file_bytes or 0),
            *(limits.open_files, limits.nice),
        )
        try:
            self._keeper = subprocess.Popen(  # noqa: S603 - an argument list, no shell
                [python, "-I", "-S", _KEEPER, *map(str, numbers), *argv],
                stdin=stdin,
                stdout=self._output.write if request is None else self._stderr.write,
                stderr=self._stderr.write,
                cwd=cwd,
                env=env,
                start_new_session=True,
                pass_fds=[number for number in numbers[:3] if number >= 0],
            )
        except OSError:
            os.close(self._lifeline)
            for inlet in self._inlets:
                inlet.close()
            raise
        finally:
            os.close(lifeline)
            if stdin >= 0:
                os.close(stdin)
            for inlet in self._inlets:
                inlet.close_write()
        self.output = self._output.reader
        self.stderr_tail = ""
        self._connected = asyncio.ensure_future(self._connect())
        self._record = asyncio.ensure_future(self._read_record())

    async def _connect(self) -> None:
        for inlet in self._inlets:
            await inlet.connect()

    async def _read_record(self) -> Record:
        """Wait for the keeper's end; if it was killed, kill the group it can no longer look after."""
        record = Record.parse((await self._status.reader.read()).decode())
        if record.wait_status is None and record.exec_error is None and record.pid is not None:
            _kill_group(record.pid)
        return record

    async def ended(self) -> None:
        """Return when the child has ended by itself and everything it started is reaped."""
        await asyncio.shield(self._record)

    async def end(self) -> Record:
        """Kill what still runs, wait until it is reaped. Must not be cancelled half-way."""
        os.close(self._lifeline)
        await self._connected
        try:
            async with asyncio.timeout(_GRACE):
                record = await asyncio.shield(self._record)
        except TimeoutError:
            self._keeper.kill()
            record = await self._record
        await asyncio.to_thread(self._keeper.wait)
        for inlet in self._inlets:
            inlet.close()
        await self._stderr.closed.wait()
        self.stderr_tail = self._stderr.kept.decode("utf-8", "replace")
        return record

    @property
    def keeper(self) -> int:
        """Its keeper's process id; the child is the keeper's only one unless it left others behind."""
        return self._keeper.pid

    @property
    def alive(self) -> bool:
        """Whether its end has not been heard of."""
        return not self._record.done()

    @property
    def printed(self) -> bool:
        """Whether anything came on its standard output or error, or both were closed."""
        tail = self._stderr
        return tail.closed.is_set() or bool(tail.kept or tail.waiting())

    @property
    def unheard(self) -> bool:
        """Whether more came on descriptor 3 than the loop has taken."""
        return self._output.waiting() > 0

    def ask(self, request: bytes) -> None:
        """Hand over a request, as a descriptor of a file in memory. Raises OSError when nobody is there."""
        self._output.hand(_lying_ready(request))


def _lying_ready(request: bytes) -> int:
    """Return a file in memory to read a request from: unlike a pipe it needs nobody to fill it while the child is slow to read."""
    file = os.memfd_create("request", os.MFD_CLOEXEC)
    try:
        with os.fdopen(file, "wb", closefd=False) as out:
            out.write(request)
        os.lseek(file, 0, os.SEEK_SET)
    except BaseException:
        os.close(file)
        raise
    return file


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
