"""Every metric has a meaning, and a line in the runbook that says what to do about it (API-4)."""

import ast
import re

import pytest
from tests.architecture.source_rules import ROOT, source_files

from academy.infrastructure.prometheus.catalogue import HELP
from academy.infrastructure.prometheus.telemetry import PrometheusTelemetry

pytestmark = pytest.mark.requirement("API-4")
NAME = re.compile(r"academy_[a-z_]+")
RUNBOOK = (ROOT / "docs/runbooks/metrics.md").read_text()


def measured() -> set[str]:
    """Return the names that the code counts, sets or observes."""
    found = set()
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.args[0].value
                kind = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if kind in {"count", "gauge", "observe", "_Part"} and NAME.fullmatch(str(name)):
                    found.add(str(name))
    return found


def test_the_catalogue_holds_what_is_measured_and_nothing_else() -> None:
    assert set(HELP) == measured()


def test_the_runbook_explains_every_metric_and_no_other() -> None:
    assert set(NAME.findall(RUNBOOK)) == set(HELP)


def test_histograms_of_jobs_reach_hours_and_those_of_requests_seconds() -> None:
    telemetry = PrometheusTelemetry()
    telemetry.observe("academy_job_attempt_seconds", 4000, type="video.transcode")
    telemetry.observe("academy_http_request_seconds", 0.2, route="/x", method="GET")
    text = telemetry.exposition().decode()
    assert 'academy_job_attempt_seconds_bucket{le="7200.0",type="video.transcode"} 1.0' in text
    assert 'academy_job_attempt_seconds_bucket{le="3600.0",type="video.transcode"} 0.0' in text
    assert 'le="0.25"' in text
    assert "_created" not in text


def test_a_gauge_that_was_dropped_is_absent_and_may_come_back() -> None:
    telemetry = PrometheusTelemetry()
    for value in (1, 2):
        telemetry.gauge("academy_queue_messages", value, queue="q", state="visible")
        assert f'queue="q",state="visible"}} {value}.0' in telemetry.exposition().decode()
        telemetry.drop("academy_queue_messages")
        telemetry.drop("academy_queue_messages")
        assert "academy_queue_messages" not in telemetry.exposition().decode()
