"""Runs one Python function in a process of its own and tells on descriptor 3 how it went.

Run as a script by `LocalChildProcesses.call` (never imported by it), so it imports the standard library only, and little of
that: nothing of the worker comes along but what the function's own module needs.

    python -I entry.py < REQUEST
    python -I entry.py warm

REQUEST is a line of JSON, `{entry, path, max_result}`, and after it the JSON text of the payload. What is written to
descriptor 3 is specified at the port. Kept warm, it serves one request after the other: descriptor 3 is a socket then, over which
each comes as a descriptor of a file that holds it (so nobody waits for a slow reader), its line also has `cwd` and `mark`, and after a
result that could be told the line `mark` says that it waits for the next. After anything else, and when the function left threads of
Python running, it ends, as it does without `warm`.
"""

import json
import os
import sys
import threading
import time
from importlib import import_module  # noqa: TID251 - the worker's code names the entry, no message does

REPORTS = 3
SOONEST_SECONDS = 0.1
FAILURE_FIELDS = ("code", "message", "message_ko", "retryable", "stage", "detail")


class Reports:
    """Writes reports, one JSON object a line; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        """Forget what was told before: another call begins."""
        self._step = ""
        self._next = 0.0

    def progress(self, step: str, fraction: float) -> None:
        """Tell how far the work is, unless the same step was told of a moment ago."""
        now = time.monotonic()
        if step == self._step and now < self._next and fraction < 1.0:
            return
        self._step, self._next = step, now + SOONEST_SECONDS
        self.say({"step": step, "fraction": float(fraction)})

    def say(self, report: dict[str, object]) -> None:
        """Write a report to its end."""
        self.write(json.dumps(report, allow_nan=False))

    def write(self, text: str) -> None:
        """Write one line of JSON text."""
        data = memoryview(text.encode() + b"\n")
        with self._lock:
            while data:
                data = data[os.write(REPORTS, data) :]


def empty_input() -> None:
    """Let the function find an empty standard input."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def tell_result(reports: Reports, result: object, max_result: int) -> bool:
    """Tell the result, or why it cannot be told; return which."""
    try:
        value = result.model_dump(mode="json") if hasattr(result, "model_dump") else result
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        reports.say({"unfit": type(error).__name__})
        return False
    if len(text) > max_result:
        reports.say({"unfit": "size"})
        return False
    reports.write(f'{{"result": {text}}}')
    return True


def tell_error(reports: Reports, error: BaseException) -> None:
    """Tell what the function raised: a failure it foresaw, else the kind of error; its text may be private and stays here."""
    failure = getattr(error, "failure", None)
    if getattr(failure, "code", None):
        reports.say({"failure": {name: getattr(failure, name, "") for name in FAILURE_FIELDS}})
        return
    trace = error.__traceback__ and error.__traceback__.tb_next
    while trace is not None:
        code = trace.tb_frame.f_code
        sys.stderr.write(f"{code.co_filename}:{trace.tb_lineno} in {code.co_name}\n")
        trace = trace.tb_next
    sys.stderr.write(f"{type(error).__name__}\n")
    reports.say({"raised": type(error).__name__})


def serve(reports: Reports, entry: str, path: list[str], max_result: int, payload: object) -> bool:
    """Call the function; return whether its result could be told."""
    sys.path += [folder for folder in path if folder not in sys.path]
    module, _, name = entry.partition(":")
    try:
        function = getattr(import_module(module), name)
        reports.say({"begun": True})
        return tell_result(reports, function(payload, reports.progress), max_result)
    except BaseException as error:  # noqa: BLE001 - SystemExit, too, is the function's and no end of ours
        tell_error(reports, error)
    return False


def flush() -> None:
    """Let go of what was printed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # the function may have closed them
            continue


def serve_all(reports: Reports) -> None:
    """Serve requests until one does not end well."""
    import socket  # noqa: PLC0415 - who serves one request alone need not pay for it

    line = socket.socket(fileno=REPORTS)
    while handed := socket.recv_fds(line, 1, 1)[1]:
        with os.fdopen(handed[0], "rb") as request:
            first, _, payload = request.read().partition(b"\n")
        head = json.loads(first)
        os.chdir(head["cwd"])
        reports.begin()
        if not serve(reports, head["entry"], head["path"], head["max_result"], json.loads(payload)):
            return
        flush()
        if len(sys._current_frames()) > 1:  # noqa: SLF001 - threads made without `threading`, too
            return
        reports.write(head["mark"])


def main() -> None:
    """Serve what is asked; end without waiting for what it left running."""
    os.set_inheritable(REPORTS, False)
    reports = Reports()
    if sys.argv[1:] == ["warm"]:
        empty_input()
        serve_all(reports)
    else:
        first, _, payload = sys.stdin.buffer.read().partition(b"\n")
        empty_input()
        head = json.loads(first)
        serve(reports, head["entry"], head["path"], head["max_result"], json.loads(payload))
    flush()
    os._exit(0)


main()
