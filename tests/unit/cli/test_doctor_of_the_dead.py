"""`academy doctor` and `academy top` tell a system in which nobody works from one in which nothing waits (OPS-5)."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from academy.application.jobs.standstill import OUTBOX_WAITS, QUEUE_WAITS, RELAY, WORKS_LATE
from academy.application.ports.database import OutboxMessage
from academy.application.ports.job_queue import OutgoingMessage
from academy.application.ports.workers import WorkerBeat
from academy.bootstrap.operator import Operator
from academy.interfaces.cli import console

from .conftest import Installation
from .test_operators_commands import QUEUE, submit_job

pytestmark = pytest.mark.requirement("OPS-5")
MESSAGING = "academy-messaging-jobs"
LONG = timedelta(seconds=5)


def change(installed: Installation, statement: str) -> None:
    """Let time pass for a table."""
    with closing(sqlite3.connect(installed.data_dir / "academy.sqlite3")) as database, database:
        database.execute(statement)


def waits_in_the_outbox(installed: Installation, wait: timedelta) -> None:
    async def work(operator: Operator) -> None:
        await operator.backends.database.run(lambda tx: tx.outbox.add([OutboxMessage(MESSAGING, "{}", "t1")]))

    installed.within(work)
    change(installed, f"UPDATE outbox SET ready_at = ready_at - {wait // timedelta(milliseconds=1)}")


def waits_in_its_queue(installed: Installation, wait: timedelta) -> None:
    async def work(operator: Operator) -> None:
        await operator.backends.queue.publish(MESSAGING, [OutgoingMessage("{}")])

    installed.within(work)
    late = wait // timedelta(milliseconds=1)
    change(
        installed, f"UPDATE queue_messages SET sent_at = sent_at - {late}, visible_at = visible_at - {late}"
    )


def alive(installed: Installation, name: str, *queues: str, draining: bool = False) -> None:
    async def work(operator: Operator) -> None:
        beat = WorkerBeat(name, queues, 1 if queues else 0, 0, draining)
        await operator.backends.database.run(lambda tx: tx.workers.beat(beat))

    installed.within(work)


def findings(installed: Installation) -> tuple[int, dict[str, dict[str, Any]]]:
    ran = installed.run("doctor", "--no-media", "--json")
    return ran.code, {each["what"]: each for each in ran.json()["findings"]}


def test_a_fresh_system_in_which_nothing_waits_is_well(installed: Installation) -> None:
    code, found = findings(installed)
    assert (code, [what for what, each in found.items() if not each["ok"]]) == (0, [])
    assert {"relay", "reconciler"} <= set(found)


def test_messages_that_wait_in_the_outbox_without_a_relay_are_found(installed: Installation) -> None:
    waits_in_the_outbox(installed, OUTBOX_WAITS + LONG)
    code, found = findings(installed)
    relay = found["relay"]
    assert (code, relay["ok"], "no relay runs" in relay["text"]) == (1, False, True)
    assert "academy worker outbox_relay" in relay["mend"]
    said = installed.run("doctor", "--no-media").out
    assert "everything works" not in said.replace("not everything works", "")
    assert "✗ relay" in said


def test_a_message_of_this_moment_does_not_make_a_system_ill(installed: Installation) -> None:
    waits_in_the_outbox(installed, timedelta(0))
    assert findings(installed)[0] == 0


def test_a_relay_that_runs_gets_more_time_and_another_remedy(installed: Installation) -> None:
    alive(installed, f"{RELAY}@host:1")
    waits_in_the_outbox(installed, OUTBOX_WAITS + LONG)
    assert findings(installed)[0] == 0
    waits_in_the_outbox(installed, WORKS_LATE + LONG)
    _, found = findings(installed)
    assert (found["relay"]["ok"], f"{RELAY}@host:1 runs" in found["relay"]["text"]) == (False, True)
    assert "publish_failed" in found["relay"]["mend"]


def test_a_relay_that_was_killed_counts_for_nothing(installed: Installation) -> None:
    alive(installed, f"{RELAY}@host:1")
    change(installed, "UPDATE workers SET seen_at = seen_at - 60000")
    waits_in_the_outbox(installed, OUTBOX_WAITS + LONG)
    assert "no relay runs" in findings(installed)[1]["relay"]["text"]


def test_a_queue_that_nobody_works_names_the_command_that_does(installed: Installation) -> None:
    waits_in_its_queue(installed, QUEUE_WAITS + LONG)
    alive(installed, "video@host:1", QUEUE)
    alive(installed, "messaging@host:1", MESSAGING, draining=True)
    code, found = findings(installed)
    ill = found[f"queue {MESSAGING}"]
    assert (code, ill["ok"], "no worker" in ill["text"]) == (1, False, True)
    assert "academy worker messaging" in ill["mend"]
    assert found[f"queue {QUEUE}"]["ok"]
    alive(installed, "messaging@host:2", MESSAGING)
    assert findings(installed)[0] == 0


def test_a_queue_in_which_a_message_has_just_come_is_well(installed: Installation) -> None:
    waits_in_its_queue(installed, timedelta(0))
    assert findings(installed)[0] == 0


def test_timers_long_past_mean_that_no_reconciler_runs(installed: Installation) -> None:
    submit_job(installed)
    assert findings(installed)[1]["reconciler"]["ok"]
    change(installed, f"UPDATE jobs SET due_at = due_at - {timedelta(hours=1) // timedelta(milliseconds=1)}")
    code, found = findings(installed)
    ill = found["reconciler"]
    assert (code, ill["ok"], "no reconciler runs" in ill["text"]) == (1, False, True)
    assert ("1 job" in ill["text"], "academy worker reconciler" in ill["mend"]) == (True, True)


def test_top_says_in_its_head_that_no_relay_runs(installed: Installation) -> None:
    assert "no relay runs" not in installed.run("top", "--once").out
    waits_in_the_outbox(installed, OUTBOX_WAITS + LONG)
    head, second, *_ = installed.run("top", "--once").out.splitlines()
    assert "1 message waits in the outbox, the oldest for 15 s" in head
    assert "no relay runs" in second


def test_top_says_in_its_head_that_no_reconciler_runs_where_a_timer_is_long_past(
    installed: Installation,
) -> None:
    submit_job(installed)
    assert "no reconciler runs" not in installed.run("top", "--once").out
    change(installed, f"UPDATE jobs SET due_at = due_at - {timedelta(hours=1) // timedelta(milliseconds=1)}")
    assert "no reconciler runs" in installed.run("top", "--once").out


def test_top_lists_relay_and_reconciler_beside_the_workers(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive(installed, f"{RELAY}@host:1")
    alive(installed, "reconciler@host:2")
    monkeypatch.setattr(console.out, "_width", 80)
    shown = installed.run("top", "--once").out
    rows = [line.split() for line in shown.splitlines() if "@host" in line]
    assert [(row[0], row[-1]) for row in rows] == [
        (f"{RELAY}@host:1", "working"),
        ("reconciler@host:2", "working"),
    ]
