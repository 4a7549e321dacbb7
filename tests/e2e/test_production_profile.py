"""The production profile: PostgreSQL, SQS, S3 and Valkey, the worker in its own process with only its own packages."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import boto3
import pytest
from sqlalchemy import create_engine, text
from tests.support.media import make_video
from tests.support.system import RoleProcess, role_process

from academy.infrastructure.clock import SystemClock
from academy.infrastructure.sql.connections import SqlConnections
from academy.infrastructure.sql.database import SqlDatabase

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
    }
    s3 = client("s3", env)
    s3.create_bucket(
        Bucket=env["R2_VIDEO_BUCKET"], CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    client("sqs", env).create_queue(QueueName=f"{env['ACADEMY_QUEUE_VIDEO']}-dlq")
    client("sqs", env).create_queue(QueueName=env["ACADEMY_QUEUE_VIDEO"])
    return env


def client(service: str, env: dict[str, str]):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return boto3.client(
        service,
        endpoint_url=env["R2_ENDPOINT_URL"],
        region_name="ap-northeast-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def add_tenant(env: dict[str, str], tenant_id: str, code: str) -> None:
    connections = SqlConnections(env["ACADEMY_DATABASE_URL"], SystemClock())
    SqlDatabase(connections).run_sync(lambda tx: tx.tenants.add(tenant_id, code, "Academy"))
    connections.close()


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
    add_tenant(production, "7", "hakwon")
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
