"""`academy up`: every role in one process, started with nothing configured and drained on a signal (OPS-1)."""

import os
import re
import select
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from tests.support.media import make_video

from academy.interfaces.cli.client import AcademyClient
from academy.interfaces.cli.embedded import EmbeddedSystem

from .conftest import Lecture, signed_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("embedded")]
READY_SECONDS = 60


def up(*arguments: str, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "academy.interfaces.cli.main", "up", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)


@pytest.mark.requirement("OPS-1")
def test_one_process_answers_uploads_transcodes_and_plays(system: EmbeddedSystem, lecture: Lecture) -> None:
    with signed_in(system, "student") as student:
        opened = student.open_playback(lecture.id)
        assert student.media.get(opened.master_url).status_code == 200
        assert student.media.get(f"{system.url}/healthz").status_code == 200


@pytest.mark.requirement("VID-7")
def test_heartbeats_make_a_lecture_completed(system: EmbeddedSystem, lecture: Lecture) -> None:
    with signed_in(system, "parent") as viewer, signed_in(system, "teacher") as teacher:
        opened = viewer.open_playback(lecture.id)
        first = viewer.beat(opened.session_id, position=3.0, played_from=0.0)
        assert (first.code, first.completed) == ("ok", False)
        # Time that has not passed is not credited, whatever the player claims.
        claimed = viewer.beat(opened.session_id, position=opened.duration, played_from=0.0)
        assert claimed.watched_seconds < opened.duration * 0.9
        (seen,) = [each for each in teacher.viewers(lecture.id).items if each.name == "최부모"]
        assert seen.watched_seconds == pytest.approx(claimed.watched_seconds, abs=0.01)


def test_pages_come_from_here_alone_and_are_sent_once(system: EmbeddedSystem) -> None:
    with httpx2.Client(base_url=system.url) as browser:
        page = browser.get("/watch/some-video")
        assert page.status_code == 200
        assert page.headers["content-encoding"] == "gzip"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert browser.get("/").headers["location"] == "/watch"
        again = browser.get("/watch", headers={"If-None-Match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for path in ("/console/nothing.js", "/console/%2e%2e/pages.py", "/console/"):
            assert browser.get(path).status_code == 404
        assert browser.post("/watch").status_code == 405


@pytest.mark.requirement("OPS-5")
def test_an_operator_lets_a_new_teacher_log_in(system: EmbeddedSystem, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "academy.interfaces.cli.main", "tenants", "member"]
    environment = {**os.environ, "ACADEMY_DATA_DIR": str(system.data_dir)}
    typed = "correct horse battery\n" * 2
    for role in ("teacher", "student"):
        done = subprocess.run(
            [*command, "demo", role, "kim", "--name", "김선생"],
            input=typed,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with AcademyClient(system.url) as client:
            user = client.log_in("kim", "correct horse battery").user
        assert [(each.code, each.role) for each in user.memberships] == [("demo", role)]


@pytest.mark.requirement("OPS-1")
@pytest.mark.parametrize("name", ["video", "messaging", "outbox_relay", "reconciler"])
def test_a_worker_checks_itself(system: EmbeddedSystem, tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-m", "academy.interfaces.cli.main", "worker", name, "--check"]
    environment = {**os.environ, "ACADEMY_DATA_DIR": str(system.data_dir)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["ok"] * (
        5 if name in {"video", "messaging"} else 4
    )


@pytest.mark.requirement("JOB-12")
def test_a_signal_drains_and_a_second_start_finds_everything(tmp_path: Path) -> None:
    with EmbeddedSystem(tmp_path / "data") as system:
        before = system.logins["owner"].password
    child = up("--port", "0", "--data-dir", "data", folder=tmp_path)
    assert child.stdout is not None
    lines: list[str] = []
    while not any("Ctrl-C drains" in line for line in lines):
        lines.append(child.stdout.readline())
        assert lines[-1], f"it ended:\n{''.join(lines)}"
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=READY_SECONDS)
    assert child.returncode == 0, rest
    assert before in "".join(lines)
    assert re.search(r"시험\(선생님\): http://\S+:\d+/exams$", "".join(lines), re.MULTILINE)
    assert "Traceback" not in rest
    assert "Draining: no job runs." in rest
    assert rest.rstrip().endswith("Stopped. 종료했습니다.")


@pytest.mark.requirement("JOB-12")
def test_a_second_signal_gives_the_running_job_back_at_once(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    film = make_video(tmp_path, "long", size="1280x720", seconds=60, gop=100, extra=("-crf", "38"))
    child = up("--port", "0", "--data-dir", "data", folder=tmp_path)
    request.addfinalizer(child.kill)
    assert child.stdout is not None
    said = ""
    while "Ctrl-C drains" not in said:
        said += (line := child.stdout.readline())
        assert line, f"it ended:\n{said}"
    url, login = re.search(r"(http://\S+)/watch#teacher:(\S+)", said).groups()  # type: ignore[union-attr]
    with AcademyClient(url) as teacher:
        teacher.log_in("teacher", login)
        _, job = teacher.upload(film, "극한과 연속", "video/mp4")
        next(seen for seen in teacher.follow(job.id) if seen.state == "RUNNING")
    child.send_signal(signal.SIGINT)
    while "Draining: 1 job runs, 60 s at most; Ctrl-C again gives it back at once." not in said:
        said += (line := child.stdout.readline())
        assert line, f"it ended:\n{said}"
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=READY_SECONDS)
    assert child.returncode == 130, rest
    assert "Gave 1 job back; another worker or the next start takes it over. 작업 1개를" in rest
    assert rest.rstrip().endswith("Stopped. 종료했습니다.")
    assert "Traceback" not in said + rest
    with closing(sqlite3.connect(tmp_path / "data" / "academy.sqlite3")) as database:
        (row,) = database.execute("SELECT state, interruptions FROM jobs").fetchall()
        (messages,) = database.execute("SELECT count(*) FROM outbox").fetchone()
    assert (row, messages) == (("PENDING", 1), 1)


def test_a_port_that_is_taken_is_said_plainly(system: EmbeddedSystem, tmp_path: Path) -> None:
    port = system.url.rpartition(":")[2]
    child = up("--port", port, folder=tmp_path)
    said, _ = child.communicate(timeout=READY_SECONDS)
    assert child.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "How to fix it" in said
    assert "Traceback" not in said
    # Nothing was begun, not even a folder for its data filled.
    assert "worker_started" not in said
    assert not (tmp_path / "var" / "academy.sqlite3").exists()


def test_the_system_ends_when_whoever_started_it_vanishes(tmp_path: Path) -> None:
    start = (
        "import os, sys; from pathlib import Path; from academy.interfaces.cli.embedded import EmbeddedSystem\n"
        "system = EmbeddedSystem(Path('data')).__enter__()\n"
        "print(system.url, system._child.pid, flush=True); os._exit(9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 9, done.stderr
    url, pid = done.stdout.split()
    assert ended(int(pid), READY_SECONDS), "the system outlived its parent"
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{url}/healthz")


def ended(pid: int, seconds: float) -> bool:
    """Wait for a process that is not our child; return whether it is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)
