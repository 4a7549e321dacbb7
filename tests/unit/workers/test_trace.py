"""One trace from the request to the ack, over the components of two processes (API-4)."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.support.jobs import WORK, Payload, Result, World, until
from tests.support.running import working

from academy.application.jobs.attempt import Work
from academy.application.jobs.relay import OutboxRelay
from academy.application.jobs.submit import submit
from academy.application.ports.telemetry import NoTracer, Tracer, current_trace, in_trace, trace_id
from academy.bootstrap.logs import configure_logs
from academy.bootstrap.settings import Settings
from academy.contracts.base import Contract
from academy.infrastructure.opentelemetry.tracer import OpenTelemetryTracer
from academy.interfaces.workers.runtime.config import WorkerParts
from academy.interfaces.workers.runtime.worker import Worker

pytestmark = pytest.mark.requirement("API-4")
GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def process(name: str) -> tuple[OpenTelemetryTracer, InMemorySpanExporter]:
    """Return the tracer of one process, and what it exported."""
    exporter = InMemorySpanExporter()
    return OpenTelemetryTracer(name, SimpleSpanProcessor(exporter)), exporter


def record(world: World, name: str, trace: str) -> None:
    """Submit as a view does."""
    world.database.run_sync(
        lambda tx: submit(
            tx,
            world.types,
            job_id=f"job-{name}",
            tenant_id="t1",
            type_name=WORK,
            payload=Payload(name=name),
            idempotency_key=f"key-{name}",
            trace=trace,
        )
    )


def traced_worker(world: World, run: object, tracer: Tracer) -> Worker:
    plain = world.worker(run)  # type: ignore[arg-type]
    p = plain.parts
    parts = WorkerParts(
        p.database,
        p.consumer,
        p.publisher,
        p.progress,
        p.intake,
        p.types,
        p.handlers,
        p.clock,
        p.telemetry,
        tracer=tracer,
    )
    return Worker(plain.config, parts)


def ids(span: ReadableSpan) -> tuple[int, int | None]:
    assert span.context is not None
    return span.context.trace_id, span.parent.span_id if span.parent else None


async def test_one_trace_leads_from_the_request_to_the_ack(world: World) -> None:
    api, in_api = process("api")
    worker, in_worker = process("worker")
    seen: list[str] = []

    async def run(work: Work) -> Contract:
        seen.append(current_trace.get())
        return Result(text="")

    with api.span("request", GIVEN, method="POST") as request, api.span("submit", request.traceparent):
        record(world, "a", request.traceparent)
    await OutboxRelay(world.database, world.queue, world.telemetry, tracer=api).relay_once()
    async with working(traced_worker(world, run, worker)):
        await until(lambda: {"ack"} <= {span.name for span in in_worker.get_finished_spans()})
    spans = {s.name: s for s in (*in_api.get_finished_spans(), *in_worker.get_finished_spans())}
    assert set(spans) == {"request", "submit", "publish", "claim", "run", "settle", "ack"}
    trace = int(trace_id(GIVEN), 16)
    assert {ids(span)[0] for span in spans.values()} == {trace}
    assert ids(spans["request"])[1] == 0xB7AD6B7169203331
    root = spans["request"].context
    assert root is not None
    assert {ids(span)[1] for name, span in spans.items() if name != "request"} == {root.span_id}
    assert spans["run"].attributes == {"academy.type": WORK, "academy.job": "job-a"}
    assert seen == [world.job("job-a").trace]
    assert world.telemetry.counts["academy_job_wait_seconds"] == 1
    assert world.telemetry.counts["academy_job_attempt_seconds"] == 1
    assert world.telemetry.counts["academy_jobs_running"] == 0


async def test_a_caller_who_asks_for_no_sample_gets_none_and_a_broken_parent_begins_anew() -> None:
    tracer, exported = process("api")
    with tracer.span("request", GIVEN[:-2] + "00"):
        pass
    assert exported.get_finished_spans() == ()
    with tracer.span("request", "garbage") as span:
        assert len(span.traceparent) == 55
    with tracer.spans("publish", ["", "garbage", GIVEN, GIVEN]) as several:
        assert several.traceparent == ""
    assert [s.name for s in exported.get_finished_spans()] == ["request", "publish", "publish"]


def test_a_failed_span_tells_the_kind_of_error_and_not_its_words() -> None:
    tracer, exported = process("api")
    with pytest.raises(ValueError, match="010"), tracer.span("request", ""):
        raise ValueError("the number 010-1234-5678")
    (span,) = exported.get_finished_spans()
    assert span.status.description == "ValueError"
    assert "1234" not in span.to_json()


def test_what_is_off_makes_nothing_and_looks_at_nothing() -> None:
    def parents() -> Iterator[str]:
        raise AssertionError("the parents were looked at")
        yield

    tracer = NoTracer()
    one, several = tracer.span("run", GIVEN, type="x"), tracer.spans("claim", parents())
    assert one is several
    with one as span:
        assert span.traceparent == ""


def test_log_lines_written_for_a_trace_carry_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    written = StringIO()
    monkeypatch.setattr("sys.stderr", written)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure_logs(Settings(log_format="json"))
        with in_trace(GIVEN):
            logging.getLogger("academy.test").info("inside", extra={"job_id": "j1"})
        logging.getLogger("academy.test").info("outside")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()
    inside, outside = written.getvalue().splitlines()
    assert f'"trace_id": "{trace_id(GIVEN)}"' in inside
    assert "trace_id" not in outside
