"""Probes, metrics, logs, the description of the API, start and stop (API-4, API-1)."""

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from django.urls import get_resolver
from openapi_spec_validator import validate
from pydantic import SecretStr
from tests.support.api import Api

from academy.bootstrap.api import open_api_services
from academy.bootstrap.operator import migrate_database
from academy.bootstrap.settings import Profile, Role, SettingsInvalid, load_settings
from academy.interfaces.api.operations.probes import metrics, readyz
from academy.interfaces.api.portal import Portal
from academy.interfaces.api.problems import Trouble
from academy.interfaces.api.runtime import Runtime
from academy.interfaces.api.server import listening, serve

ROOT = Path(__file__).parents[3]


@pytest.mark.requirement("API-4")
def test_ready_only_while_every_adapter_answers(api: Api) -> None:
    ready = api.anybody.get("/readyz")
    bucket = api.settings.objects_dir / "academy-video"
    aside = bucket.with_name("aside")
    bucket.rename(aside)
    try:
        lacking = api.anybody.get("/readyz")
        alive = api.anybody.get("/healthz")
    finally:
        aside.rename(bucket)

    assert (ready.status_code, set(ready.json()["checks"].values())) == (200, {"ok"})
    assert (lacking.status_code, lacking.json()["status"]) == (503, "not_ready")
    assert {name for name, state in lacking.json()["checks"].items() if state != "ok"} == {"objects"}
    assert alive.json() == {"status": "ok"}


@pytest.mark.requirement("API-4")
def test_not_ready_on_a_disk_that_is_about_to_be_full(api: Api) -> None:
    async def fine() -> None:
        return

    async def ask(least_free: int) -> tuple[int, dict[str, str]]:
        async with open_api_services(api.settings, api.backends) as services:
            answer = await readyz(Runtime(services, Portal()), fine, least_free=least_free)
            return answer.status, json.loads(answer.body)["checks"]

    enough, full = api.await_(ask(1)), api.await_(ask(1 << 62))

    assert (enough[0], enough[1]["disk"]) == (200, "ok")
    assert (full[0], full[1]["disk"]) == (503, "unavailable")
    assert {name for name, state in full[1].items() if state != "ok"} == {"disk"}


@pytest.mark.requirement("SEC-3")
def test_the_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    migrate_database(load_settings(Role.API, data_dir=folder))

    assert (folder / "academy.sqlite3").exists()
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.requirement("API-4")
def test_metrics_count_requests_by_route_and_jobs_by_state(api: Api) -> None:
    school = api.school()
    job = school.job()
    school.teacher.get(f"/api/v1/jobs/{job.id}")

    text = api.anybody.get("/metrics").text

    assert 'academy_http_requests_total{method="GET",route="/api/v1/jobs/<str:job_id>",status="200"}' in text
    assert 'academy_jobs{state="PENDING",type="video.transcode"}' in text
    assert "academy_outbox_due" in text
    assert school.id not in text
    assert job.id not in text


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize(
    ("token", "given", "seen"),
    [
        ("", "", False),
        ("", "Bearer ", False),
        ("s3cret", "", False),
        ("s3cret", "Bearer x", False),
        ("s3cret", "Bearer s3cret", True),
    ],
)
def test_production_shows_metrics_only_to_who_has_the_token(
    api: Api, token: str, given: str, seen: bool
) -> None:
    settings = api.settings.model_copy(
        update={"profile": Profile.PRODUCTION, "metrics_token": SecretStr(token)}
    )

    async def ask() -> int:
        async with open_api_services(settings, api.backends) as services:
            scope = {"headers": [(b"authorization", given.encode())] if given else []}
            try:
                return (await metrics(Runtime(services, Portal()), scope)).status
            except Trouble as trouble:
                return trouble.kind.status

    assert api.await_(ask()) == (200 if seen else 404)


@pytest.mark.requirement("SEC-3")
def test_logs_hold_no_token_no_signature_and_no_name(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    school = api.school()
    video = school.ready_video()
    session = school.student.post(f"/api/v1/videos/{video.id}/playback").json()
    wish = {"title": "x", "file_name": "x", "size": 1, "content_type": "video/mp4"}
    upload = school.teacher.post("/api/v1/videos", json=wish).json()["upload"]["urls"][0]
    api.anybody.get(api.at(session["master_url"]))
    api.anybody.put(api.at(upload), content=b"xx")
    api.anybody.post("/api/v1/auth/login", json={"username": "010-1234-5678", "password": "hunter2hunter2"})

    ours = [record for record in caplog.records if not record.name.startswith(("httpx2", "httpcore2"))]
    everything = "\n".join(json.dumps(record.__dict__, default=str) for record in ours)

    assert any(record.getMessage() == "request" for record in ours)
    secrets = {
        school.student.token,
        session["master_url"].split("/media/")[1].split("/")[0],
        upload.rpartition("signature=")[2],
        "010-1234-5678",
        "hunter2hunter2",
    }
    assert [secret for secret in secrets if secret in everything] == []


@pytest.mark.requirement("API-1")
def test_the_description_is_valid_published_and_fresh(api: Api) -> None:
    published = api.anybody.get("/api/v1/openapi.json")

    validate(published.json())
    assert published.json()["openapi"].startswith("3.1")
    written = (ROOT / "docs" / "schemas" / "openapi.json").read_text(encoding="utf-8")
    assert written == published.text, "stale: run `python -m academy.interfaces.api.openapi`"


@pytest.mark.requirement("API-1")
def test_every_endpoint_is_described_with_its_problem(api: Api) -> None:
    paths = api.anybody.get("/api/v1/openapi.json").json()["paths"]
    routes = {
        f"/{entry.pattern}".replace("<str:", "{").replace(">", "}") for entry in get_resolver().url_patterns
    }

    assert routes - set(paths) == {"/admin/", "/api/v1/openapi.json"}
    undescribed = [
        f"{method} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "default" not in operation["responses"] and path not in {"/healthz", "/readyz"}
    ]
    assert undescribed == []


@pytest.mark.requirement("API-1")
def test_the_generator_needs_no_environment(tmp_path: Path) -> None:
    target = tmp_path / "openapi.json"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "academy.interfaces.api.openapi", str(target)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_text(encoding="utf-8") == (ROOT / "docs" / "schemas" / "openapi.json").read_text(
        encoding="utf-8"
    )


@pytest.mark.requirement("SEC-1")
def test_production_does_not_start_with_what_is_good_enough_at_home(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(Role.API, data_dir=tmp_path, profile=Profile.PRODUCTION)

    for variable in (
        "ACADEMY_DATABASE_URL",
        "ACADEMY_SECRET_KEY",
        "ACADEMY_PLAYBACK_SECRETS",
        "ACADEMY_CONTENT_SECRET",
        "ACADEMY_UPLOAD_SECRET",
    ):
        assert variable in str(refused.value)


@pytest.mark.requirement("API-5")
def test_connections_say_that_they_are_tcp_so_that_answers_do_not_wait_for_acknowledgements() -> None:
    with listening("127.0.0.1:0") as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_a_taken_address_is_an_error_at_the_start(api: Api) -> None:
    taken = api.settings.model_copy(update={"bind": api.url.removeprefix("http://")})

    async def start() -> None:
        await serve(taken, asyncio.Event())

    with pytest.raises(OSError, match="in use"):
        api.await_(start())


def test_another_database_in_the_same_process_is_an_error_at_the_start(api: Api, tmp_path: Path) -> None:
    other = load_settings(Role.API, data_dir=tmp_path, bind="127.0.0.1:0")

    async def start() -> None:
        await serve(other, asyncio.Event())

    with pytest.raises(RuntimeError, match="another database"):
        api.await_(start())


def test_the_admin_works_without_a_network_of_others(api: Api) -> None:
    page = api.anybody.get("/admin/login/")
    style = api.anybody.get("/static/admin/css/base.css")

    assert (page.status_code, style.status_code) == (200, 200)
    assert "/static/admin/css/base.css" in page.text


@pytest.mark.requirement("API-5")
def test_more_requests_than_threads_all_get_answers(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.school().teacher.token}"}

    async def crowd() -> list[int]:
        limits = httpx2.Limits(max_connections=60)
        async with httpx2.AsyncClient(
            base_url=api.url, headers=headers, limits=limits, timeout=30, trust_env=False, verify=False
        ) as client:
            answers = await asyncio.gather(*(client.get("/api/v1/videos") for _ in range(60)))
        return [answer.status_code for answer in answers]

    assert asyncio.run(crowd()) == [200] * 60
