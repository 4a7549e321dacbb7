"""The API over PostgreSQL: the same tables, users beside them, connections within the budget (API-5)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.support.api_process import api_process
from tests.support.servers.postgres import new_postgres_database

CLIP = b"\x00\x00\x00\x18ftypmp42" + bytes(5000)
WISH = {"title": "1강", "file_name": "a.mp4", "size": len(CLIP), "content_type": "video/mp4"}
# The server's own vacuum visits a new database as it likes: that is nobody's connection.
CLIENTS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@pytest.mark.requirement("API-1")
@pytest.mark.requirement("API-5")
def test_a_lecture_goes_in_and_connections_stay_within_the_budget(
    postgres_server: str, tmp_path: Path
) -> None:
    with new_postgres_database(postgres_server, template=None) as url, api_process(url, tmp_path) as teacher:
        started = teacher.post("/api/v1/videos", json=WISH, headers={"Idempotency-Key": "k"})
        again = teacher.post("/api/v1/videos", json=WISH, headers={"Idempotency-Key": "k"})
        assert (started.status_code, again.json()) == (201, started.json())
        video_id = started.json()["video"]["id"]
        address = urlsplit(started.json()["upload"]["urls"][0])
        assert teacher.put(f"{address.path}?{address.query}", content=CLIP).status_code == 200
        job = teacher.post(f"/api/v1/videos/{video_id}/complete").json()["job"]

        with ThreadPoolExecutor(12) as people:
            statuses = list(people.map(lambda _: teacher.get("/api/v1/jobs").status_code, range(60)))
        with psycopg.connect(url.replace("+psycopg", "")) as operator:
            row = operator.execute(CLIENTS).fetchone()
        assert teacher.post(f"/api/v1/jobs/{job['id']}/cancel").json()["status"] == "cancelled"
        assert teacher.get("/readyz").status_code == 200
        assert teacher.get("/api/v1/videos/a%00b").status_code == 404

    assert set(statuses) == {200}
    # Three threads of Django's, two connections of ours.
    assert row is not None
    assert row[0] <= 5
