"""How `academy up` ends: what the first, the second and the third Ctrl-C do and say."""

import asyncio
import signal
from collections.abc import Callable

from academy.application.jobs.attempt import Attempt, Stop
from academy.interfaces.workers.runtime.worker import Worker

__all__ = ["Ending"]

GIVE_BACK_SECONDS = 10.0


class Ending:
    """The first signal sets `stop`; the second one gives running jobs back, then cancels; a third one waits for nothing."""

    def __init__(self, grace: int, say: Callable[[str], None]) -> None:
        """Tell a person with `say` what is going on; running jobs have `grace` seconds. Needs a running loop."""
        self.stop = asyncio.Event()
        self.workers: tuple[Worker, ...] = ()
        self._grace = grace
        self._say = say
        self._giving: asyncio.Task[None] | None = None

    def on_signals(self) -> None:
        """Take SIGTERM and SIGINT for the task that calls this."""
        main = asyncio.current_task()
        assert main is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._signalled, main)

    def _signalled(self, main: "asyncio.Task[None]") -> None:
        if not self.stop.is_set():
            self.stop.set()
            self._say(self._draining())
        elif self._giving is None:
            self._giving = asyncio.create_task(self._give_back(main), name="give back")
        else:
            main.cancel()

    def _draining(self) -> str:
        jobs = len(self._running())
        if not jobs:
            return "Draining: no job runs. 실행 중인 작업이 없어 곧 종료합니다."
        runs, them = ("1 job runs", "it") if jobs == 1 else (f"{jobs} jobs run", "them")
        return (
            f"Draining: {runs}, {self._grace} s at most; Ctrl-C again gives {them} back at once. "
            f"실행 중인 작업 {jobs}개를 최대 {self._grace}초 기다립니다. Ctrl-C를 다시 누르면 바로 반환합니다."
        )

    async def _give_back(self, main: "asyncio.Task[None]") -> None:
        try:
            await self._interrupt()
        finally:
            main.cancel()

    def _running(self) -> list[Attempt]:
        return [attempt for worker in self.workers for attempt in worker.holdings.attempts]

    async def _interrupt(self) -> None:
        running = self._running()
        for attempt in running:
            attempt.stop(Stop.INTERRUPTED)
        try:
            # Idle means settled and the message returned: only then may the process go.
            async with asyncio.timeout(GIVE_BACK_SECONDS):
                await asyncio.gather(*(worker.holdings.idle.wait() for worker in self.workers))
        except TimeoutError:
            left = len(self._running())
            self._say(
                f"{left} did not stop in {GIVE_BACK_SECONDS:.0f} s; another worker takes over when the lease ends."
            )
        if given := len(running) - len(self._running()):
            jobs, them = ("1 job", "it") if given == 1 else (f"{given} jobs", "them")
            self._say(
                f"Gave {jobs} back; another worker or the next start takes {them} over. "
                f"작업 {given}개를 반환했습니다. 다른 워커나 다음 시작이 이어받습니다."
            )
