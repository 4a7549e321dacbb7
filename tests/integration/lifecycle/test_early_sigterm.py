"""A role that is told to end before its loop listens ends well: supervisors take any other status for a crash."""

import signal
import subprocess
import sys

import pytest

_ROLE = """
import asyncio, sys
from academy.bootstrap.settings import Role
from academy.interfaces.workers.runtime.main import run_role

async def main(settings):
    try:
        print("opened", flush=True)
        await asyncio.sleep(60)
    finally:
        print("closed", flush=True)

run_role(Role.MESSAGING, "A role that never comes to listen.", main, main)
"""


@pytest.mark.requirement("JOB-12")
def test_a_role_that_is_stopped_before_it_listens_closes_what_it_opened_and_ends_with_0() -> None:
    role = subprocess.Popen([sys.executable, "-c", _ROLE], stdout=subprocess.PIPE, text=True)
    assert role.stdout is not None
    with role:
        assert role.stdout.readline() == "opened\n"
        role.send_signal(signal.SIGTERM)
        assert role.stdout.read() == "closed\n"
    assert role.returncode == 0
