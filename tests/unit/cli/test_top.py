"""`academy top` and `academy jobs trim` on a real (SQLite) installation."""

import fcntl
import os
import pty
import select
import sqlite3
import subprocess
import sys
import termios
import time
from contextlib import closing
from datetime import timedelta

import pytest
from rich.cells import cell_len

from academy.application.ports.database import OutboxMessage
from academy.application.ports.progress import ProgressUpdate
from academy.application.ports.workers import WorkerBeat
from academy.bootstrap.operator import Operator
from academy.domain.job.progress import Progress
from academy.interfaces.cli import console

from .conftest import Installation
from .test_operators_commands import QUEUE, submit_job

pytestmark = pytest.mark.requirement("OPS-5")


def at_work(installed: Installation, said: int = 1) -> str:
    """Let a worker hold a job, say that it runs `said` and how far it is."""
    job = submit_job(installed)

    async def work(operator: Operator) -> None:
        database = operator.backends.database
        beat = WorkerBeat("video@host:1", ("academy-video-jobs",), 2, said)
        await database.run(lambda tx: tx.workers.beat(beat))
        claimed = await database.run(lambda tx: tx.jobs.claim([job.id], beat.name, timedelta(minutes=2)))
        step = Progress("transcode", 3, 6, 41.5, 125.0)
        update = ProgressUpdate(job.id, claimed[job.id].token, step)
        await operator.backends.progress.write([update])

    installed.within(work)
    return job.id


def test_one_picture_shows_queues_workers_and_jobs_without_colours(installed: Installation) -> None:
    job_id = at_work(installed)
    ran = installed.run("top", "--once")
    assert ran.code == 0
    for text in (
        "academy-video-jobs",
        "video@host:1",
        "working",
        "video.transcode",
        "haneul",
        "transcode 3/6",
        "41.5 %",
        "2 m 05 s",
        job_id,
        "대기열",
    ):
        assert text in ran.out
    assert "\x1b" not in ran.out


def test_an_idle_system_says_so(installed: Installation) -> None:
    shown = installed.run("top", "--once").out
    assert "no worker has been seen" in shown
    assert "no job runs now" in shown


def test_a_worker_runs_what_the_rows_say_and_not_what_it_said_last(installed: Installation) -> None:
    at_work(installed, said=0)
    shown = installed.run("top", "--once").out
    (row,) = (line for line in shown.splitlines() if line.startswith("video@host:1"))
    assert row.split()[2:4] == ["2", "1"]


def test_the_job_of_an_unseen_worker_says_so_in_place_of_a_time(installed: Installation) -> None:
    at_work(installed)
    with closing(sqlite3.connect(installed.data_dir / "academy.sqlite3")) as database, database:
        database.execute("UPDATE workers SET seen_at = seen_at - 60000")
    shown = installed.run("top", "--once").out
    assert "worker unseen" in shown
    assert "2 m 05 s" not in shown


def test_queues_that_cannot_be_counted_keep_their_rows_and_one_line_says_why(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACADEMY_QUEUE_BACKEND", "sqs")
    monkeypatch.setenv("ACADEMY_SQS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    lines = installed.run("top", "--once").out.splitlines()
    rows = [line.split() for line in lines if line.startswith("academy-")]
    assert [row[1:] for row in rows] == [["?"] * 5] * 7
    (why,) = (line for line in lines if "not counted" in line)
    assert why.startswith("7 queues not counted (?): ")


@pytest.mark.parametrize("columns", [80, 100])
def test_a_picture_fits_its_terminal(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    at_work(installed)
    monkeypatch.setattr(console.out, "_width", columns)
    shown = installed.run("top", "--once").out
    assert [line for line in shown.splitlines() if cell_len(line) > columns] == []
    assert [
        text for text in ("oldest", "video.transcode", "transcode 3/6", "2 m 05 s") if text not in shown
    ] == []
    assert "…" not in shown
    assert ("대기" in shown) == (columns >= 100)


def test_one_message_waits_and_two_messages_wait(installed: Installation) -> None:
    def wait(name: str) -> None:
        async def work(operator: Operator) -> None:
            await operator.backends.database.run(lambda tx: tx.outbox.add([OutboxMessage(QUEUE, name, "t1")]))

        installed.within(work)

    wait("a")
    assert "1 message waits in the outbox" in installed.run("top", "--once").out
    wait("b")
    assert "2 messages wait in the outbox" in installed.run("top", "--once").out


def test_without_an_installation_there_is_nothing_to_watch(empty: Installation) -> None:
    ran = empty.run("top", "--once")
    assert (ran.code, "there is no installation" in ran.err) == (69, True)


@pytest.mark.parametrize("key", [b"q", b"\x03"])
def test_the_live_screen_ends_with_a_key_and_leaves_the_terminal_as_it_was(
    installed: Installation, key: bytes
) -> None:
    at_work(installed)
    keyboard, terminal = pty.openpty()
    command = [sys.executable, "-m", "academy", "top", "--every", "0.2"]
    environment = {**os.environ, "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen(
        command,
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
        # Ctrl-C becomes a signal only for whom this terminal controls.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no thread runs here
    )
    os.close(terminal)
    shown, pressed, deadline = b"", False, time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([keyboard], [], [], 0.1)[0]:
            try:
                shown += os.read(keyboard, 1 << 16)
            except OSError:
                break
        if not pressed and b"video@host:1" in shown:
            os.write(keyboard, key)
            pressed = True
    os.close(keyboard)
    assert child.wait(30) == 0
    assert b"\x1b[?1049h" in shown
    assert b"\x1b[?1049l" in shown


def test_trim_counts_asks_and_refuses_what_is_too_young(installed: Installation) -> None:
    submit_job(installed)
    assert "would remove 0 jobs" in installed.run("jobs", "trim", "--older-than", "90d", "--dry-run").out
    assert "nothing is that old" in installed.run("jobs", "trim", "--older-than", "1y", "--yes").out
    young = installed.run("jobs", "trim", "--older-than", "2w", "--yes")
    assert (young.code, "15 days" in young.err) == (1, True)
    odd = installed.run("jobs", "trim", "--older-than", "soon", "--yes")
    assert (odd.code, "90d" in odd.err) == (1, True)


def test_trim_removes_what_is_old(installed: Installation) -> None:
    job = submit_job(installed)

    async def long_ago(operator: Operator) -> None:
        await operator.operations.cancel(job.id)
        with closing(sqlite3.connect(installed.data_dir / "academy.sqlite3")) as database, database:
            database.execute("UPDATE jobs SET finished_at = finished_at - 100 * 86400000")

    installed.within(long_ago)
    assert "would remove 1 jobs" in installed.run("jobs", "trim", "--older-than", "90d", "--dry-run").out
    refused = installed.run("jobs", "trim", "--older-than", "90d", typed="n\n")
    assert (refused.code, "nothing was removed" in refused.err) == (1, True)
    assert "removed 1 jobs" in installed.run("jobs", "trim", "--older-than", "90d", "--yes").out
    assert installed.run("jobs", "show", job.id).code == 1
