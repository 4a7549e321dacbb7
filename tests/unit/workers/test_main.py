"""How the process of a role ends."""

import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
    import asyncio
    from academy.application.jobs.attempt import HandlerStuck
    from academy.interfaces.workers.runtime.main import _until_done

    async def deaf():
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

    async def work():
        handler = asyncio.create_task(deaf())
        await asyncio.sleep(0)
        raise ExceptionGroup("sides", [ExceptionGroup("jobs", [HandlerStuck("job-a")])])

    asyncio.run(_until_done(work()))
"""


@pytest.mark.requirement("JOB-8", "JOB-12")
def test_a_handler_that_will_not_stop_cannot_keep_the_process() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        env={"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 70, ended.stderr
    assert "job-a" in ended.stderr
