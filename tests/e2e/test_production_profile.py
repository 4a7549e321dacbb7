"""The production profile: PostgreSQL, SQS, S3 and Valkey, the worker in its own process with only its own packages."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import httpx2
import pytest
from sqlalchemy import create_engine, text
from tests.support.media import make_video
from tests.support.system import RoleProcess, role_process

from academy.infrastructure.ffmpeg.tools import MediaTools
from academy.interfaces.cli.client import AcademyClient
from academy.interfaces.cli.player import Player

ROOT = Path(__file__).parents[2]
SECRET = "a secret of thirty-two bytes or more"
QUEUE = "academy-video-jobs"


@pytest.fixture(scope="module")
def worker_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the interpreter of an environment that holds what requirements/worker-video.txt names and nothing else."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    folder = tmp_path_factory.mktemp("worker") / "venv"
    python = str(folder / "bin" / "python")
    quiet = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(folder)], check=True, env=quiet)
    install = [
        uv,
        "pip",
        "install",
        "-q",
        "-p",
        python,
        "-r",
        str(ROOT / "requirements" / "worker-video.txt"),
    ]
    subprocess.run(install, check=True, env=quiet)
    absent = "import importlib.util as u; print([n for n in ('django', 'rest_framework', 'gunicorn') if u.find_spec(n)])"
    assert (
        subprocess.run([python, "-c", absent], capture_output=True, text=True, check=True).stdout.strip()
        == "[]"
    )
    return python


@pytest.fixture
def production(postgres_url: str, moto_url: str, valkey_url: str) -> dict[str, str]:
    """Return the environment of a production system of this test alone: its own database, bucket and queue."""
    name = uuid.uuid4().hex[:12]
    env = {
        "ACADEMY_PROFILE": "production",
        "ACADEMY_DATABASE_URL": postgres_url.replace("+psycopg", ""),
        "ACADEMY_QUEUE_BACKEND": "sqs",
        "ACADEMY_SQS_ENDPOINT_URL": moto_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "ACADEMY_QUEUE_VIDEO": f"{QUEUE}-{name}",
        "ACADEMY_OBJECTS_BACKEND": "s3",
        "R2_ENDPOINT_URL": moto_url,
        "R2_ACCESS_KEY_ID": "test",
        "R2_SECRET_ACCESS_KEY": "test",
        "R2_VIDEO_BUCKET": f"academy-video-{name}",
        "ACADEMY_PROGRESS_BACKEND": "redis",
        "ACADEMY_REDIS_URL": valkey_url,
        "ACADEMY_CONTENT_SECRET": SECRET,
        "ACADEMY_LEASE_SECONDS": "30",
        "ACADEMY_SQS_WAIT_SECONDS": "2",
    }
    uses = ("AI_LITE", "AI_BASIC", "AI_PREMIUM", "MESSAGING", "GRAPH_REQUESTS", "GRAPH_RESULTS")
    env |= {f"ACADEMY_QUEUE_{use}": f"academy-{use.lower().replace('_', '-')}-{name}" for use in uses}
    s3 = client("s3", env)
    s3.create_bucket(
        Bucket=env["R2_VIDEO_BUCKET"], CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    return env


def client(service: str, env: dict[str, str]):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return boto3.client(
        service,
        endpoint_url=env["R2_ENDPOINT_URL"],
        region_name="ap-northeast-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def academy(env: dict[str, str], *arguments: str, typed: str = "") -> str:
    """Run one of the operator's commands and return what it printed."""
    command = [sys.executable, "-m", "academy.interfaces.cli.main", *arguments]
    full = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **env}
    done = subprocess.run(command, env=full, input=typed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def api(env: dict[str, str]) -> Iterator[str]:
    """Run the API as its own process and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    own = {"ACADEMY_BIND": f"127.0.0.1:{port}", "ACADEMY_BASE_URL": f"http://127.0.0.1:{port}"}
    full = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), **env, **own}
    process = subprocess.Popen([sys.executable, "-m", "academy.interfaces.cli.main", "api"], env=full)
    try:
        ends = time.monotonic() + 60
        while True:
            try:
                if httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                    break
            except httpx2.TransportError:
                assert process.poll() is None, "the API ended at once"
            assert time.monotonic() < ends, "the API is not ready"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(30) == 0


def produce(env: dict[str, str], video_id: int, key: str) -> None:
    """Do what an old producer does: plain boto3, its own message, nothing of ours."""
    sqs = client("sqs", env)
    url = sqs.get_queue_url(QueueName=env["ACADEMY_QUEUE_VIDEO"])["QueueUrl"]
    message = {
        "video_id": video_id,
        "file_key": key,
        "tenant_id": 7,
        "tenant_code": "hakwon",
        "created_at": "2026-01-02T03:04:05",
        "attempt": 1,
    }
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message))


def rows(env: dict[str, str], statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(env["ACADEMY_DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def keys(env: dict[str, str]) -> set[str]:
    listed = client("s3", env).list_objects_v2(Bucket=env["R2_VIDEO_BUCKET"])
    return {entry["Key"] for entry in listed.get("Contents", [])}


def finish(worker: RoleProcess) -> None:
    worker.wait_for("job_settled", job_type="video.transcode", outcome="SUCCEEDED", timeout=100)
    worker.wait_for("job_settled", job_type="video.sweep", outcome="SUCCEEDED", timeout=60)


@pytest.mark.slow
@pytest.mark.requirement("CON-2")
@pytest.mark.requirement("OPS-1")
@pytest.mark.requirement("OPS-2")
@pytest.mark.requirement("VID-1")
def test_an_old_producers_message_becomes_a_stream(
    production: dict[str, str], worker_python: str, tmp_path: Path
) -> None:
    academy(production, "queues", "create")
    academy(production, "tenants", "add", "hakwon", "Hakwon", "--id", "7")
    clip = make_video(tmp_path, "lecture", size="640x360", seconds=3)
    key = "tenants/7/video/source/41/original"
    client("s3", production).upload_file(str(clip), production["R2_VIDEO_BUCKET"], key)
    with (
        role_process("video", production, python=worker_python) as worker,
        role_process("outbox_relay", production, python=worker_python),
    ):
        produce(production, 41, key)
        produce(production, 41, key)
        finish(worker)
        produce(production, 41, key)
        again = worker.wait_for("job_settled", job_type="video.sweep")
    assert again["outcome"] == "SUCCEEDED"
    ((state, revision, tenant),) = rows(production, "SELECT state, revision, tenant_id FROM videos")
    assert (state, tenant) == ("READY", "7")
    made = keys(production)
    published = f"tenants/7/video/hls/41/{revision}/"
    assert f"{published}master.m3u8" in made
    assert {k for k in made if not k.startswith(published)} == {key}
    assert rows(production, "SELECT count(*) FROM jobs WHERE type = 'video.transcode'") == [(1,)]


@pytest.mark.slow
@pytest.mark.requirement("VID-1")
@pytest.mark.requirement("VID-7")
@pytest.mark.requirement("OPS-1")
def test_a_teachers_upload_is_watched_by_a_student(
    production: dict[str, str], worker_python: str, tmp_path: Path
) -> None:
    secrets = ("ACADEMY_SECRET_KEY", "ACADEMY_UPLOAD_SECRET", "ACADEMY_CONTENT_SECRET")
    web = {**production, **dict.fromkeys(secrets, SECRET), "ACADEMY_PLAYBACK_SECRETS": f"k1:{SECRET}"}
    academy(web, "migrate")
    academy(web, "queues", "create")
    academy(web, "tenants", "add", "haneul", "Haneul")
    for role in ("teacher", "student"):
        academy(web, "tenants", "member", "haneul", role, role, typed="a long pass phrase\n" * 2)
    clip = make_video(tmp_path, "lecture", size="640x360", seconds=3)
    with (
        api(web) as address,
        role_process("video", production, python=worker_python),
        role_process("outbox_relay", production, python=worker_python),
        AcademyClient(address) as teacher,
        AcademyClient(address) as student,
    ):
        teacher.log_in("teacher", "a long pass phrase")
        video, job = teacher.upload(clip, "lecture", "video/mp4")
        last = list(teacher.follow(job.id))[-1]
        assert last.state == "SUCCEEDED"
        student.log_in("student", "a long pass phrase")
        opened = student.open_playback(video.id)
        player = Player(student.media, MediaTools.find().ffmpeg, tmp_path)
        seen = player.play(opened.master_url, opened.duration)
        assert ([rung.name for rung in seen.rungs], seen.encrypted) == (["360p"], True)
        assert player.refusals(opened.master_url, seen.first_segment_url, seen.key_url) > 0
        assert player.preview(opened.poster_url, opened.sprites_url, opened.duration).sheets > 0
