"""One kept child: its keeper process, the pipes to it, and the record it leaves."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from academy.application.ports.processes import ChildLimits

__all__ = ["READ_SIZE", "KeptChild", "Record"]

READ_SIZE = 1 << 16
_KEEPER = str(Path(__file__).with_name("keeper.py"))
_TAIL_SIZE = 4096
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


class _Inlet:
    """The read end of a pipe, on the event loop."""

    def __init__(self) -> None:
        self._read, self.write = os.pipe()
        self.reader = asyncio.StreamReader()
        self._transport: asyncio.ReadTransport | None = None

    async def connect(self) -> None:
        """Give the read end to the loop."""
        file = os.fdopen(self._read, "rb", buffering=0)
        self._transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self.reader), file
        )

    def close_write(self) -> None:
        """Close the write end: from now on the keeper alone holds it."""
        os.close(self.write)

    def close(self) -> None:
        """Close the read end."""
        if self._transport is not None:
            self._transport.close()
        else:
            os.close(self._read)


class KeptChild:
    """A child process that dies with `end` or with this process, together with all its descendants.

    Made inside a running loop; the constructor starts the process (about 1 ms) and raises OSError if it cannot.
    `end` must follow in every case. With a `request` the child reads it as its standard input, `output` is what it writes to its
    descriptor 3, and standard output goes where standard error goes; without, `output` is its standard output.
    """

    def __init__(
        self,
        python: str,
        argv: Sequence[str],
        limits: ChildLimits,
        cwd: Path | None,
        env: Mapping[str, str],
        request: bytes | None = None,
    ) -> None:
        # First, because nothing is open yet if it fails.
        stdin = subprocess.DEVNULL if request is None else _lying_ready(request)
        self._inlets = self._status, self._output, self._stderr = _Inlet(), _Inlet(), _Inlet()
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
        self._tail = asyncio.ensure_future(_last_bytes(self._stderr.reader))
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
        self.stderr_tail = await self._tail
        return record


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


async def _last_bytes(stream: asyncio.StreamReader) -> str:
    kept = b""
    while data := await stream.read(READ_SIZE):
        kept = (kept + data)[-_TAIL_SIZE:]
    return kept.decode("utf-8", "replace")
