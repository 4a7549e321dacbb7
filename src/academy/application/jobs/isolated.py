"""A handler whose work runs in a killable process: heavy or untrusted Python costs one attempt, never the worker (JOB-11).

How a process can end, and the failure each end makes of the attempt:

| it… | code | again |
|---|---|---|
| raised a failure it foresaw | its own | as it says |
| raised anything else | internal_error | yes |
| took longer than `limits.wall_seconds`, or its CPU time | time_limit | yes |
| held more memory than it may, or was refused more | memory_limit | no |
| reported nothing for `limits.stall_seconds` | stalled | yes |
| did not begin within `start_seconds` | not_started | yes |
| was killed from outside (the machine is out of memory, an operator) | killed | yes |
| crashed (a signal, a status that is not 0) | crashed | yes |
| ended well without a result | no_result | yes |
| wrote what is no report, too much of it, or a result that does not fit | result_unreadable | yes |
| has a result over MAX_RESULT_BYTES | result_too_large | no |
"""

import asyncio
import json
import logging
import re
from dataclasses import replace
from typing import Any

from academy.application.errors import WorkFailed
from academy.application.jobs import failures
from academy.application.jobs.attempt import Work
from academy.application.ports.processes import ChildFailed, ChildLimits, ChildProcesses
from academy.contracts.base import Contract, InvalidMessage, validate
from academy.contracts.strict_json import read_object
from academy.domain.failures import Failure

__all__ = ["IsolatedHandler"]

log = logging.getLogger(__name__)

_BURST_BYTES, _BYTES_PER_SECOND = 64 << 10, 4 << 10
"""How much progress may be told: ten reports a second are less than a kilobyte, and each costs the worker's loop."""
_MAX_DETAIL = 2000
_LONGEST_TEXT = 500

MEMORY_LIMIT = Failure(
    "memory_limit",
    "The work needed more memory than it may have and was ended. Give it less at once: split the file, or scan it anew at 200 dpi.",
    "작업이 허용된 메모리를 넘어 중단했습니다. 파일을 나누거나 200dpi로 다시 스캔해 요청해 주세요.",
)
NOT_STARTED = Failure(
    "not_started",
    "The process that was to do the work did not begin in time.",
    "작업을 시작하지 못했습니다.",
    retryable=True,
)
KILLED = Failure(
    "killed",
    "The process that did the work was killed from outside, most likely because the machine ran out of memory; it is tried again by itself.",
    "작업을 처리하던 프로그램이 외부에서 강제 종료되었습니다. 서버 메모리가 부족했을 수 있으며 자동으로 다시 시도합니다.",
    retryable=True,
)
CRASHED = Failure(
    "crashed",
    "The process that did the work crashed.",
    "작업을 처리하던 프로그램이 비정상 종료되었습니다.",
    retryable=True,
)
NO_RESULT = Failure(
    "no_result",
    "The process that did the work ended without a result.",
    "작업이 결과 없이 끝났습니다.",
    retryable=True,
)
RESULT_UNREADABLE = Failure(
    "result_unreadable",
    "What the process that did the work answered cannot be understood.",
    "작업 결과를 해석할 수 없습니다.",
    retryable=True,
)
_BY_REASON = {
    "timeout": failures.TIME_LIMIT,
    "stalled": failures.STALLED,
    "memory": MEMORY_LIMIT,
    "killed": KILLED,
    "output": RESULT_UNREADABLE,
}
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
# What a tool prints may hold what it read (SEC-3).
_PRIVATE = (
    (
        re.compile(r"(?i)(signature|x-amz-[a-z-]+|token|authorization|password|secret|key)=[^&\s\"']+"),
        r"\1=***",
    ),
    (re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+"), r"\1?***"),
    (re.compile(r"\+?\d(?:[ -]?\d){7,}"), "***"),
)


class IsolatedHandler:
    """A `JobHandler` that calls a function in a process of its own; cancelled, it kills the process and all it started.

    The function gets the payload as JSON values and a `report(step, fraction)`; see `ChildProcesses.call`.
    """

    def __init__(
        self,
        processes: ChildProcesses,
        entry: str,
        *,
        limits: ChildLimits,
        result: type[Contract] | None = None,
        start_seconds: float = 60.0,
    ) -> None:
        """Call `entry` ("package.module:function") within `limits`; its answer has to be a `result`, or nothing where that is None.

        Give `limits.wall_seconds` less than the job type's time limit, so that the process is told from a handler that hangs.
        """
        self._processes = processes
        self._entry = entry
        self._limits = limits
        self._result = result
        self._start_seconds = start_seconds

    async def run(self, work: Work) -> Contract | None:
        """See JobHandler."""
        request = json.dumps(work.payload.model_dump(mode="json")).encode()
        try:
            async with asyncio.timeout(self._start_seconds) as start:
                reports = _Reports(work, start)
                report = await self._processes.call(
                    self._entry,
                    request,
                    limits=self._limits,
                    on_report=reports.take,
                    max_report=2 * failures.MAX_RESULT_BYTES,
                    max_result=failures.MAX_RESULT_BYTES,
                    affinity=work.job.tenant_id,
                )
        except TimeoutError:
            if not start.expired():
                raise
            raise WorkFailed(NOT_STARTED) from None
        except ChildFailed as error:
            raise WorkFailed(_failure_of(error, reports)) from None
        except _Unreadable as error:
            raise WorkFailed(replace(RESULT_UNREADABLE, detail=str(error))) from None
        return self._read(reports, report.stderr_tail)

    def _read(self, reports: "_Reports", tail: str) -> Contract | None:
        """Return the result of a process that ended well."""
        if reports.failure is not None:
            raise WorkFailed(_with_evidence(reports.failure, tail))
        if not reports.ended:
            raise WorkFailed(_with_evidence(NO_RESULT, tail))
        if self._result is None:
            return None
        if not isinstance(reports.result, dict):
            raise WorkFailed(replace(RESULT_UNREADABLE, detail="the result is no JSON object"))
        try:
            return validate(self._result, reports.result)
        except InvalidMessage as error:
            raise WorkFailed(replace(RESULT_UNREADABLE, detail=error.reason[:_MAX_DETAIL])) from None


class _Unreadable(Exception):
    """A line that is no report."""


class _Reports:
    """Takes what the process tells, line by line; trusts nothing of it."""

    def __init__(self, work: Work, start: asyncio.Timeout) -> None:
        self._work = work
        self._start = start
        self._now = asyncio.get_running_loop().time
        self._begun = self._now()
        self._taken = 0
        self._has_begun = False
        self.ended = False
        self.result: Any = None
        self.failure: Failure | None = None

    def take(self, line: str) -> None:
        """Follow one report. Raises _Unreadable."""
        if self.ended:
            raise _Unreadable("a report came after the last one")
        try:
            report = read_object(line)
        except InvalidMessage as error:
            raise _Unreadable(error.reason) from None
        match report:
            case {"begun": True} if not self._has_begun:
                self._has_begun = True
                self._start.reschedule(None)
            case {"step": str(step), "fraction": float(fraction)}:
                self._progress(step, fraction, len(line))
            case _:
                self._end(report)

    def _progress(self, step: str, fraction: float, size: int) -> None:
        self._taken += size
        if self._taken > _BURST_BYTES + _BYTES_PER_SECOND * (self._now() - self._begun):
            raise _Unreadable("more was reported than any work needs")
        try:
            self._work.report(step, fraction)
        except ValueError:
            raise _Unreadable("a step that this job type does not have") from None

    def _end(self, report: dict[str, Any]) -> None:
        self.ended = True
        match report:
            case {"result": result}:
                self.result = result
            case {"unfit": "size"}:
                self.failure = failures.RESULT_TOO_LARGE
            case {"unfit": str(why)}:
                self.failure = replace(RESULT_UNREADABLE, detail=f"the result is no JSON: {why[:60]}")
            case {"raised": "MemoryError"}:
                self.failure = MEMORY_LIMIT
            case {"raised": str(name)}:
                self.failure = replace(failures.internal(RuntimeError()), detail=name[:60])
            case {"failure": dict(failure)}:
                self.failure = _foreseen(failure)
            case _:
                raise _Unreadable("neither progress nor an end")


def _foreseen(told: dict[str, Any]) -> Failure:
    """Return the failure that the function raised. Raises _Unreadable."""
    texts = [told.get(name) for name in ("code", "message", "message_ko", "stage", "detail")]
    code, message, message_ko, stage, detail = (str(text)[:_LONGEST_TEXT] for text in texts)
    if not all(isinstance(text, str) for text in texts) or not _CODE.fullmatch(code):
        raise _Unreadable("a failure that is none")
    retryable = told.get("retryable") is True
    return Failure(code, message, message_ko, retryable=retryable, stage=stage, detail=_evidence(detail))


def _failure_of(error: ChildFailed, reports: _Reports) -> Failure:
    """Return what the end of a process means; what it told before it died badly does not count as a result."""
    failure = _BY_REASON.get(error.reason, CRASHED)
    begun = "" if error.returncode is None else f"status {error.returncode}\n"
    if failure is CRASHED and reports.failure is not None:
        failure, begun = reports.failure, ""
    return _with_evidence(failure, begun + error.stderr_tail)


def _with_evidence(failure: Failure, tail: str) -> Failure:
    return replace(failure, detail=_evidence(f"{failure.detail}\n{tail}"))


def _evidence(text: str) -> str:
    """Return the last words of a process, fit to be kept: printable, without numbers and secrets of people, not too many."""
    for pattern, mask in _PRIVATE:
        text = pattern.sub(mask, text)
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return kept.strip()[-_MAX_DETAIL:]
