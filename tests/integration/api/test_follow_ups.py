"""A job that finishes what another began is nobody's to cancel (JOB-8, MSG-3)."""

from typing import Any

import pytest
from tests.support.api import Api
from tests.support.messaging import order, ready_school

from academy.application.messaging.reports import await_reports
from academy.bootstrap.job_types import all_job_types
from academy.domain.job.states import JobState
from academy.domain.messaging.message import Batch, BatchState

pytestmark = pytest.mark.requirement("JOB-8", "MSG-3")


def test_whoever_asks_for_reports_is_not_called_off(api: Api) -> None:
    school = ready_school(api)
    placed = order(school, text="안내", to=[{"phone": "010-1234-0001"}])

    def sent(tx: Any) -> None:
        batch = Batch("b1", school.id, placed["id"], "console", "", BatchState.OPEN, tx.now())
        await_reports(tx, all_job_types(api.settings), batch)

    api.backends.database.run_sync(sent)
    for who in (school.teacher, school.owner):
        answer = who.post("/api/v1/jobs/reports-b1/cancel")
        assert (answer.status_code, answer.json()["code"]) == (409, "job_not_cancellable")
    job = api.backends.database.read_sync(lambda tx: tx.jobs.get("reports-b1"))
    assert job is not None
    assert (job.state, job.cancel_requested) == (JobState.PENDING, False)
