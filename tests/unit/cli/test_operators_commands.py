"""Operators' commands on a real (SQLite) installation: what they print, what they change, how they fail (OPS-5)."""

import socket
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from academy.application.jobs.submit import submit
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.application.ports.job_queue import OutgoingMessage
from academy.application.video.job_types import TRANSCODE, video_job_types
from academy.bootstrap.background import outbox_relay
from academy.bootstrap.operator import Operator, migrate_database
from academy.bootstrap.queues import queue_names, queue_plan
from academy.bootstrap.settings import load_settings
from academy.contracts.video import TranscodeVideo
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import EndReason, JobState
from academy.interfaces.cli import console

from .conftest import Installation

pytestmark = pytest.mark.requirement("OPS-5")
QUEUE = "academy-video-jobs"
BROKEN = Failure("tool_missing", "A tool is missing.", "도구가 없습니다.", detail="ffmpeg: not found")


def submit_job(installed: Installation, name: str = "v1") -> Job:
    """Record a transcode job and publish its message."""

    async def work(operator: Operator) -> Job:
        types = video_job_types(queue_names(operator.backends.settings))

        def record(tx: Transaction) -> Job:
            tx.tenants.add("t1", "haneul", "하늘학원")
            job = submit(
                tx,
                types,
                job_id=f"job-{name}",
                tenant_id="t1",
                type_name=TRANSCODE,
                payload=TranscodeVideo(video_id=name, file_key=f"tenants/t1/video/source/{name}/original"),
                idempotency_key=f"video:{name}",
                subject=f"video:{name}",
            ).job
            types[TRANSCODE].effects.created(tx, job)
            return job

        job = await operator.backends.database.run(record)
        await outbox_relay(operator.backends).relay_once()
        return job

    return installed.within(work)


def kill_job(installed: Installation, job: Job) -> None:
    """Let a worker take the job and give it up for good, as after the last attempt."""

    async def work(operator: Operator) -> None:
        queue, database = operator.backends.queue, operator.backends.database
        (delivery,) = await queue.receive(QUEUE, 1, 0, 60)
        claimed = await database.run(lambda tx: tx.jobs.claim([job.id], "w1", timedelta(seconds=60)))
        lease = Lease(job.id, claimed[job.id].token)
        end = Settlement(lease, JobState.DEAD, reason=EndReason.RETRIES_EXHAUSTED, failure=BROKEN)
        await database.run(lambda tx: tx.jobs.settle([end]))
        await queue.dead_letter(delivery, "retries_exhausted: A tool is missing.")

    installed.within(work)


def test_queues_are_made_once_and_counted(installed: Installation) -> None:
    assert "every queue is as it should be" in installed.run("queues", "create").out
    submit_job(installed)
    row, *others = installed.run("queues", "list", "--json").json()
    assert (row["queue"], row["waiting"], row["in_flight"], row["dead"]) == (QUEUE, 1, 0, 0)
    assert {other["waiting"] for other in others} == {0}
    assert QUEUE in installed.run("queues", "list").out


def test_a_dead_letter_is_shown_with_its_reason(installed: Installation) -> None:
    kill_job(installed, submit_job(installed))
    (letter,) = installed.run("queues", "dead-letters", QUEUE, "--json").json()
    assert letter["reason"] == "retries_exhausted: A tool is missing."
    assert "A tool is missing." in installed.run("queues", "dead-letters", QUEUE).out


def test_redrive_wakes_the_dead_job_before_its_message(installed: Installation) -> None:
    job = submit_job(installed)
    kill_job(installed, job)
    done = installed.run("queues", "redrive", QUEUE, "--yes")
    assert (done.code, "moved 1 messages" in done.out, "1 dead jobs got a new life" in done.out) == (
        0,
        True,
        True,
    )
    fields = installed.run("jobs", "show", job.id, "--json").json()
    assert (fields["state"], fields["attempt"]) == ("PENDING", 0)

    async def take(operator: Operator) -> bool:
        deliveries = await operator.backends.queue.receive(QUEUE, 10, 0, 60)
        claims = await operator.backends.database.run(
            lambda tx: tx.jobs.claim([job.id], "w2", timedelta(seconds=60))
        )
        return bool(deliveries) and job.id in claims

    assert installed.within(take)


def test_redrive_moves_a_message_that_nobody_understands_too(installed: Installation) -> None:
    async def spoil(operator: Operator) -> None:
        await operator.backends.queue.publish(QUEUE, [OutgoingMessage("no JSON")])
        (delivery,) = await operator.backends.queue.receive(QUEUE, 1, 0, 60)
        await operator.backends.queue.dead_letter(delivery, "not JSON")

    installed.within(spoil)
    assert "moved 1 messages" in installed.run("queues", "redrive", QUEUE, "-y").out


def test_redrive_without_dead_letters_says_so_and_asks_nothing(installed: Installation) -> None:
    done = installed.run("queues", "redrive", QUEUE)
    assert (done.code, f"no dead letters in {QUEUE}" in done.out) == (0, True)


def test_redrive_asks_before_it_moves(installed: Installation) -> None:
    kill_job(installed, submit_job(installed))
    assert installed.run("queues", "redrive", QUEUE, typed="n\n").code == 1
    row, *_ = installed.run("queues", "list", "--json").json()
    assert (row["queue"], row["waiting"], row["dead"]) == (QUEUE, 0, 1)


def test_jobs_are_listed_newest_first_and_filtered(installed: Installation) -> None:
    first, second = submit_job(installed, "v1"), submit_job(installed, "v2")
    assert [job["id"] for job in installed.run("jobs", "list", "--json").json()] == [second.id, first.id]
    wanted = installed.run("jobs", "list", "--subject", "video:v1", "--json").json()
    assert [job["id"] for job in wanted] == [first.id]
    assert "no such jobs" in installed.run("jobs", "list", "--state", "dead").out
    assert "--limit shows more" in installed.run("jobs", "list", "--limit", "1").out


def test_a_failed_job_shows_why_in_both_languages_and_is_retried(installed: Installation) -> None:
    job = submit_job(installed)
    kill_job(installed, job)
    text = installed.run("jobs", "show", job.id).out
    assert "A tool is missing." in text
    assert "도구가 없습니다." in text
    assert "ffmpeg: not found" in text
    assert installed.run("jobs", "retry", job.id).code == 0
    assert installed.run("jobs", "show", job.id, "--json").json()["state"] == "PENDING"


def labels(installed: Installation, job: Job) -> dict[str, str]:
    """Return what `jobs show` tells a person, by label."""
    lines = installed.run("jobs", "show", job.id).out.splitlines()
    parts = (line.partition("  ") for line in lines)
    return {name.strip(): text.strip() for name, _, text in parts}


def test_a_job_says_what_its_timer_and_its_last_end_mean_in_its_state(installed: Installation) -> None:
    job = submit_job(installed)
    assert "looked at again at" in labels(installed, job)

    async def interrupt_and_claim_again(operator: Operator) -> None:
        database = operator.backends.database
        claimed = await database.run(lambda tx: tx.jobs.claim([job.id], "w1", timedelta(seconds=60)))
        lease = Lease(job.id, claimed[job.id].token)
        end = Settlement(lease, JobState.PENDING, reason=EndReason.INTERRUPTED)
        await database.run(lambda tx: tx.jobs.settle([end]))
        await database.run(lambda tx: tx.jobs.claim([job.id], "w2", timedelta(seconds=60)))

    installed.within(interrupt_and_claim_again)
    shown = labels(installed, job)
    assert (shown["state"], shown["last end"], "lease until" in shown) == ("RUNNING", "interrupted", True)
    assert {"why", "due at", "due_at", "reply to"} & set(shown) == set()


def test_a_job_shows_where_its_result_goes_and_when_it_is_tried_again(installed: Installation) -> None:
    job = submit_job(installed)

    async def fail(operator: Operator) -> None:
        database = operator.backends.database
        claimed = await database.run(lambda tx: tx.jobs.claim([job.id], "w1", timedelta(seconds=60)))
        lease = Lease(job.id, claimed[job.id].token)
        delay = timedelta(minutes=5)
        end = Settlement(
            lease, JobState.RETRY_WAIT, reason=EndReason.RETRYABLE_ERROR, failure=BROKEN, delay=delay
        )
        await database.run(lambda tx: tx.jobs.settle([end]))

    installed.within(fail)
    with closing(sqlite3.connect(installed.data_dir / "academy.sqlite3")) as database, database:
        database.execute("UPDATE jobs SET reply_to = 'academy-graph-results'")
    shown = labels(installed, job)
    assert (shown["reply to"], shown["last end"]) == (
        "academy-graph-results",
        "retryable_error: tool_missing",
    )
    assert "next attempt at" in shown


def test_a_waiting_job_is_cancelled_at_once_and_only_once(installed: Installation) -> None:
    job = submit_job(installed)
    assert "is cancelled" in installed.run("jobs", "cancel", job.id).out
    again = installed.run("jobs", "retry", job.id)
    assert (again.code, "PENDING again" in again.out) == (0, True)
    assert "cancelled" not in installed.run("jobs", "show", job.id, "--json").json()["why"]


def test_the_job_of_a_video_that_is_gone_is_not_retried_and_says_why(installed: Installation) -> None:
    job = submit_job(installed)
    installed.run("jobs", "cancel", job.id)
    installed.within(lambda known: known.backends.database.run(lambda tx: tx.videos.remove("t1", "v1")))
    refused = installed.run("jobs", "retry", job.id)
    assert (refused.code, "The video was deleted" in refused.err) == (1, True)


def test_a_job_that_may_not_be_retried_says_so(installed: Installation) -> None:
    refused = installed.run("jobs", "retry", submit_job(installed).id)
    assert refused.code == 1
    assert "is PENDING" in refused.err
    assert "How to fix it" in refused.err


def test_an_unknown_job_is_named(installed: Installation) -> None:
    for command in ("show", "retry", "cancel"):
        refused = installed.run("jobs", command, "nobody")
        assert (refused.code, "there is no job nobody" in refused.err) == (1, True)


def test_academies_are_added_once_and_listed(installed: Installation) -> None:
    assert installed.run("tenants", "add", "haneul", "하늘학원", "--id", "t1").code == 0
    assert "id t1" in installed.run("tenants", "add", "haneul", "다른 이름").out
    (row,) = installed.run("tenants", "list", "--json").json()
    assert (row["id"], row["code"], row["name"]) == ("t1", "haneul", "하늘학원")
    taken = installed.run("tenants", "add", "haneul", "x", "--id", "t2")
    assert (taken.code, "belongs to another academy" in taken.err) == (1, True)
    assert installed.run("tenants", "add", "bad", "x", "--id", "a/b").code == 1


READING = (("jobs", "list"), ("queues", "list"), ("tenants", "list"), ("doctor", "--no-media"))


@pytest.mark.parametrize("command", READING)
def test_looking_at_nothing_leaves_nothing_behind(empty: Installation, command: tuple[str, ...]) -> None:
    looked = empty.run(*command)
    said = looked.out + looked.err
    assert looked.code in {1, 69}
    assert [word for word in ("ACADEMY_DATA_DIR", "academy up", "academy migrate") if word not in said] == []
    assert not empty.data_dir.exists()


def test_an_empty_database_has_one_remedy(empty: Installation) -> None:
    empty.data_dir.mkdir()
    (empty.data_dir / "academy.sqlite3").touch()
    failed = empty.run("jobs", "list")
    assert (failed.code, "run `academy migrate`" in failed.err) == (69, True)
    assert "doctor" not in failed.err


@pytest.mark.parametrize("columns", [80, 100])
def test_a_list_of_jobs_fits_a_narrow_terminal(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    job_id = "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01"

    async def add(operator: Operator) -> None:
        types = video_job_types(queue_names(operator.backends.settings))
        payload = TranscodeVideo(video_id="v1", file_key="tenants/t1/x")
        await operator.backends.database.run(
            lambda tx: submit(
                tx,
                types,
                job_id=job_id,
                tenant_id="t1",
                type_name=TRANSCODE,
                payload=payload,
                idempotency_key="k",
                subject="video:v1",
            )
        )

    installed.within(add)
    monkeypatch.setattr(console.out, "_width", columns)
    listed = installed.run("jobs", "list").out.splitlines()
    assert [line for line in listed if len(line) > columns] == []
    (row,) = (line for line in listed if job_id in line)
    assert "PENDING" in row


def test_times_name_their_zone(installed: Installation) -> None:
    submit_job(installed)
    (job,) = installed.run("jobs", "list", "--json").json()
    assert datetime.fromisoformat(job["created_at"]).utcoffset() is not None


def test_a_password_from_a_pipe_is_taken_without_a_warning(installed: Installation) -> None:
    installed.run("tenants", "add", "haneul", "하늘학원", "--id", "t1")
    differs = installed.run(
        "tenants", "member", "haneul", "owner", "kim", typed="one-password\nother-password\n"
    )
    assert (differs.code, "differ" in differs.err, "echoed" in differs.err) == (1, True, False)


def test_queues_without_credentials_name_the_variables(
    empty: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ACADEMY_QUEUE_BACKEND", "sqs")
    monkeypatch.setenv("ACADEMY_SQS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    failed = empty.run("queues", "list")
    assert (failed.code, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in failed.err) == (69, True)
    assert empty.run("queues", "dead-letters", "nope").err.count("academy queues") == 1


def test_a_tool_that_a_setting_names_wrongly_is_said_to_the_operator(
    empty: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACADEMY_FFMPEG", "/nonexistent/ffmpeg")
    failed = empty.run("demo")
    assert failed.code == 78
    assert "ACADEMY_FFMPEG: /nonexistent/ffmpeg is no program" in failed.err
    assert failed.err.count("How to fix it") == 1
    assert "academy.log" not in failed.err


def test_the_demo_says_that_a_text_is_not_a_video(empty: Installation, tmp_path: Path) -> None:
    text = tmp_path / "README.md"
    text.write_text("# Academy")
    failed = empty.run("demo", str(text))
    assert (failed.code, "README.md is not a video" in failed.err) == (1, True)


def test_an_unmigrated_database_is_called_that(empty: Installation) -> None:
    for command in (("jobs", "list"), ("queues", "list"), ("queues", "create"), ("tenants", "list")):
        failed = empty.run(*command)
        assert (failed.code, "academy migrate" in failed.err) == (69, True)


def test_a_queue_that_is_not_there_is_named(installed: Installation) -> None:
    for command in (("dead-letters", "nowhere"), ("redrive", "nowhere", "--yes"), ("redrive", "nowhere")):
        failed = installed.run("queues", *command)
        assert failed.code == 1
        assert failed.err.strip() == "academy: there is no queue nowhere; `academy queues list` shows them"


def test_settings_that_do_not_add_up_exit_with_78_and_name_each(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACADEMY_PROFILE", "production")
    failed = installed.run("doctor")
    assert failed.code == 78
    assert [name for name in ("ACADEMY_DATABASE_URL", "ACADEMY_SECRET_KEY") if name not in failed.err] == []


def test_the_doctor_finds_nothing_on_a_healthy_installation(installed: Installation) -> None:
    healthy = installed.run("doctor", "--json")
    assert (healthy.code, healthy.json()["ok"]) == (0, True)
    names = {finding["what"] for finding in healthy.json()["findings"]}
    assert names >= {"database", f"queue {QUEUE}", "objects", "progress", "clock", "media tools"}


def test_the_doctor_says_how_to_mend_what_is_wrong(
    empty: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate_database(load_settings())
    monkeypatch.setenv("ACADEMY_FFMPEG", "no-such-ffmpeg")
    ill = empty.run("doctor", "--json")
    findings = {finding["what"]: finding for finding in ill.json()["findings"]}
    assert ill.code == 1
    queues = {f"queue {queue.name}" for queue in queue_plan(load_settings())}
    assert {what for what, finding in findings.items() if not finding["ok"]} == {*queues, "media tools"}
    assert "academy queues create" in findings[f"queue {QUEUE}"]["mend"]
    assert "no-such-ffmpeg" in findings["media tools"]["text"]


def test_a_folder_that_cannot_be_used_is_named(empty: Installation) -> None:
    migrate_database(load_settings())
    (empty.data_dir / "objects").write_text("a file where a folder should be")
    ill = empty.run("doctor", "--no-media")
    assert (ill.code, "must be writable" in ill.out) == (1, True)
    failed = empty.run("jobs", "list")
    assert (failed.code, "ACADEMY_DATA_DIR" in failed.err) == (1, True)


def test_the_doctor_on_an_empty_installation_names_the_migration(empty: Installation) -> None:
    ill = empty.run("doctor", "--no-media")
    assert (ill.code, "academy migrate" in ill.out) == (1, True)


@pytest.mark.slow
def test_a_broker_that_takes_connections_and_never_answers_is_one_finding(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("ACADEMY_QUEUE_BACKEND", "sqs")
        monkeypatch.setenv("ACADEMY_SQS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
        ill = installed.run("doctor", "--no-media")
        top = installed.run("top", "--once")
    assert (ill.code, ill.out.count("✗"), ill.out.count("→")) == (1, 1, 1)
    assert "queues  no answer in 4 s" in ill.out
    # What answers at once is told at once.
    assert ill.out.index("database") < ill.out.index("queues  no answer")
    assert "7 queues not counted (?): no answer in 4 s" in top.out


def test_a_database_that_is_away_is_one_outage_with_one_remedy(empty: Installation) -> None:
    empty.data_dir.mkdir()
    (empty.data_dir / "academy.sqlite3").touch()
    ill = empty.run("doctor", "--no-media")
    assert "queues, progress, clock, relay, reconciler  not asked: the database comes first" in ill.out
    assert (ill.code, ill.out.count("→")) == (1, 1)
