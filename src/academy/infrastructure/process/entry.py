"""Runs one Python function in a process of its own and tells on descriptor 3 how it went.

Run as a script by `LocalChildProcesses.call` (never imported by it), so it imports the standard library only, and little of
that: nothing of the worker comes along but what the function's own module needs.

    python -I entry.py < REQUEST

REQUEST is a line of JSON, `{entry, path, max_result}`, and after it the JSON text of the payload. What is written to
descriptor 3 is specified at the port.
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


def take_request() -> tuple[str, list[str], int, object]:
    """Return entry, path, largest result and payload; the function finds an empty standard input."""
    first, _, payload = sys.stdin.buffer.read().partition(b"\n")
    head = json.loads(first)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return head["entry"], head["path"], head["max_result"], json.loads(payload)


def tell_result(reports: Reports, result: object, max_result: int) -> None:
    """Tell the result, or why it cannot be told."""
    try:
        value = result.model_dump(mode="json") if hasattr(result, "model_dump") else result
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        reports.say({"unfit": type(error).__name__})
        return
    if len(text) > max_result:
        reports.say({"unfit": "size"})
    else:
        reports.write(f'{{"result": {text}}}')


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


def main() -> None:
    """Call the function; end without waiting for what it left running."""
    os.set_inheritable(REPORTS, False)
    reports = Reports()
    entry, path, max_result, payload = take_request()
    sys.path += [folder for folder in path if folder not in sys.path]
    module, _, name = entry.partition(":")
    try:
        function = getattr(import_module(module), name)
        reports.say({"begun": True})
        tell_result(reports, function(payload, reports.progress), max_result)
    except BaseException as error:  # noqa: BLE001 - SystemExit, too, is the function's and no end of ours
        tell_error(reports, error)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # the function may have closed them
            continue
    os._exit(0)


main()
