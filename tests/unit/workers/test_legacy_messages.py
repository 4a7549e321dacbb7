"""What older producers put on the messaging queue goes through a real worker: one message for each, or a reason (CON-2, MSG-1, MSG-2)."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.jobs import QUEUE, World, open_world, running_clock, until
from tests.support.running import UNAVAILABLE, Broker, left, reasons, working

from academy.application.jobs.attempt import JobHandler
from academy.application.jobs.rotation import PolledQueue
from academy.application.jobs.submit import revive
from academy.application.messaging.direct import DirectHandler
from academy.application.messaging.handover import Handover
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.names import DIRECT
from academy.application.messaging.orders import Orders
from academy.application.messaging.send import SendHandler
from academy.application.ports.database import JobFilter
from academy.application.ports.job_queue import JobConsumer
from academy.application.ports.messaging import MessageFilter
from academy.domain.job.job import Job
from academy.domain.job.states import JobState
from academy.domain.messaging.channel import Channel, Prices
from academy.domain.messaging.ledger import Balance, TransferKind
from academy.domain.messaging.message import MessageState, OrderState
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import Approval, MessageTemplate
from academy.infrastructure.ids import new_id
from academy.infrastructure.memory.message_provider import MemoryMessageProvider
from academy.interfaces.workers.runtime.config import WorkerConfig, WorkerParts
from academy.interfaces.workers.runtime.worker import Worker

pytestmark = pytest.mark.requirement("CON-2")
SENDER, PRICE, CREDIT = "0212345678", 10, 1000
EPOCH = datetime(2026, 3, 2, tzinfo=UTC)
MESSAGE: dict[str, Any] = {
    "tenant_id": "t1",
    "to": "010-1234-5678",
    "text": "결석",
    "created_at": "2024-03-02T09:00:00",
}


@dataclass
class Desk:
    """A world whose queue the messaging worker serves."""

    world: World
    provider: MemoryMessageProvider

    def worker(self, name: str = "w1", consumer: JobConsumer | None = None) -> Worker:
        world = self.world
        handover = Handover(world.database, self.provider, world.types, world.telemetry, new_id)
        sending = SendHandler(world.database, handover, world.types, batch=10)
        handlers: dict[str, JobHandler] = {
            DIRECT: DirectHandler(world.database, Orders(world.types, new_id), sending)
        }
        config = WorkerConfig(
            name,
            (PolledQueue(QUEUE),),
            slots=4,
            lease=timedelta(seconds=3),
            receive_wait=0.1,
            drain=timedelta(seconds=5),
            watch_interval=0.05,
        )
        intake = world.intake(name, lease=config.lease, handled=frozenset(handlers))
        return Worker(
            config,
            WorkerParts(
                world.database,
                consumer or world.queue,
                world.queue,
                world.progress,
                intake,
                world.types,
                handlers,
                world.clock,
                world.telemetry,
            ),
        )

    async def put(self, *messages: dict[str, Any]) -> None:
        await self.world.publish(*(json.dumps(each) for each in messages))

    async def served(self, *workers: Worker) -> None:
        """Let workers do what is there, until the queue holds nothing of it."""
        async with working(*(workers or (self.worker(),))):
            await eventually(self.empty)

    async def empty(self) -> bool:
        return await left(self.world) == (0, 0)

    @property
    def sent(self) -> list[tuple[str, str]]:
        return [(text.to, text.text) for text in self.provider.sent]

    def jobs(self, tenant: str = "t1") -> list[Job]:
        where = JobFilter(tenant_id=tenant, type=DIRECT)
        return list(self.world.database.read_sync(lambda tx: tx.jobs.list(where, "", 100)).items)

    def balance(self, tenant: str = "t1") -> Balance:
        kept, summed = self.world.database.read_sync(
            lambda tx: (tx.credits.balance(tenant), tx.credits.audit(tenant))
        )
        assert kept == summed
        return kept

    def messages(self, tenant: str = "t1") -> list[Any]:
        page = self.world.database.read_sync(lambda tx: tx.messages.list(tenant, MessageFilter(), "", 100))
        return list(page.items)

    def academy(self, tenant: str, won: int = CREDIT, **changes: Any) -> None:
        fields: dict[str, Any] = {
            "enabled": True,
            "sender": SENDER,
            "kakao_channel": "",
            "alimtalk_first": True,
            "prices": Prices(PRICE, 30, 8),
        }
        settings = MessagingSettings(tenant_id=tenant, updated_at=EPOCH, **{**fields, **changes})
        run = self.world.database.run_sync
        run(lambda tx: tx.messaging.save(settings))
        if won:
            run(lambda tx: tx.credits.transfer(tenant, TransferKind.TOP_UP, {"": won}))


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - a queue in memory tells nobody that it is empty
            await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    types = messaging_job_types({"messaging": QUEUE})
    async with open_world(folder, running_clock(), types) as world:
        yield Desk(world, MemoryMessageProvider())


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as made:
        made.academy("t1")
        yield made


@pytest.mark.requirement("MSG-1", "MSG-2")
class TestSent:
    @pytest.mark.parametrize(
        "more",
        [
            {},
            {"to": 1012345678},
            {"to": "+82 10 1234 5678"},
            {"sender": "02-1234-5678"},
            {"sender": "0212345678", "reservation_id": 7},
            {"sender": None, "reservation_id": None, "use_alimtalk_first": None, "template_id": None},
            {"use_alimtalk_first": False, "alimtalk_replacements": [], "template_id": ""},
            {"use_alimtalk_first": True},
            {"created_at": 1709337600},
            {"api_key": "dropped"},
        ],
        ids=lambda more: "-".join(more) or "least",
    )
    async def test_every_variant_sends_exactly_one_message(self, desk: Desk, more: dict[str, Any]) -> None:
        await desk.put({**MESSAGE, **more})
        await desk.served()
        assert desk.sent == [("01012345678", "결석")]
        (job,) = desk.jobs()
        assert job.state is JobState.SUCCEEDED
        (text,) = desk.provider.sent
        assert (text.sender, text.channel) == (SENDER, Channel.SMS)
        assert (desk.balance().spent, desk.balance().reserved) == (PRICE, 0)
        (order,) = desk.world.database.read_sync(lambda tx: tx.messages.orders("t1", None, "", 10)).items
        assert (order.state, order.total, order.created_by) == (OrderState.DONE, 1, "")
        assert await reasons(desk.world) == []

    async def test_variables_are_filled_in(self, desk: Desk) -> None:
        values = [{"key": "#{이름}", "value": "민수"}, {"key": "점수", "value": 90}]
        await desk.put({**MESSAGE, "text": "#{이름} #{점수}점", "alimtalk_replacements": values})
        await desk.served()
        assert desk.sent == [("01012345678", "민수 90점")]

    async def test_alimtalk_first_with_an_approved_template(self, desk: Desk) -> None:
        desk.academy("t1", won=0, kakao_channel="pf-1")
        made = MessageTemplate(
            "tm-1", "t1", "결석", "#{이름} 결석", "kakao-9", Approval.APPROVED, EPOCH, EPOCH
        )
        desk.world.database.run_sync(lambda tx: tx.messaging.save_template(made))
        values = [{"key": "이름", "value": "민수"}]
        asked = {"use_alimtalk_first": True, "template_id": "tm-1", "alimtalk_replacements": values}
        await desk.put({**MESSAGE, **asked, "text": ""})
        await desk.served()
        (text,) = desk.provider.sent
        assert (text.channel, text.text, text.fallback) == (Channel.ALIMTALK, "민수 결석", True)
        assert (text.kakao_channel, text.kakao_template_id) == ("pf-1", "kakao-9")

    async def test_delivered_twice_it_is_sent_once(self, desk: Desk) -> None:
        """The broker does not hear that the message is done with, and delivers it again: by its id it is the same."""
        broker = Broker(desk.world.queue)
        broker.fail["ack"] = UNAVAILABLE
        await desk.put(MESSAGE)
        async with working(desk.worker(consumer=broker)):
            await until(lambda: broker.calls.count("ack") >= 1)
            del broker.fail["ack"]
            await eventually(desk.empty)
        assert broker.calls.count("ack") >= 2
        assert desk.sent == [("01012345678", "결석")]
        assert len(desk.jobs()) == 1
        assert desk.balance().spent == PRICE

    @pytest.mark.parametrize("workers", [1, 2])
    async def test_one_reservation_in_two_messages_is_sent_once(self, desk: Desk, workers: int) -> None:
        reserved = {**MESSAGE, "reservation_id": 71}
        await desk.put(reserved, {**reserved, "reservation_id": "71"}, reserved)
        await desk.served(*(desk.worker(f"w{n}") for n in range(workers)))
        assert desk.sent == [("01012345678", "결석")]
        assert len(desk.jobs()) == 1
        await desk.put(reserved)
        await desk.served()
        assert len(desk.sent) == 1
        assert desk.balance().spent == PRICE

    async def test_one_reservation_tells_both_parents_and_later_of_a_change(self, desk: Desk) -> None:
        first = {**MESSAGE, "reservation_id": 71}
        await desk.put(first, {**first, "to": "010-9999-8888"}, {**first, "text": "보강이 취소되었습니다"})
        await desk.served()
        assert sorted(desk.sent) == [
            ("01012345678", "결석"),
            ("01012345678", "보강이 취소되었습니다"),
            ("01099998888", "결석"),
        ]

    async def test_two_messages_without_a_reservation_are_two(self, desk: Desk) -> None:
        await desk.put(MESSAGE, MESSAGE)
        await desk.served()
        assert desk.sent == [("01012345678", "결석")] * 2
        assert desk.balance().spent == 2 * PRICE

    @pytest.mark.requirement("MSG-5")
    async def test_one_reservation_number_of_two_academies_is_two_messages(self, desk: Desk) -> None:
        desk.world.database.run_sync(lambda tx: tx.tenants.add("t2", "second", "Second"))
        desk.academy("t2", sender="0311112222")
        reserved = {**MESSAGE, "reservation_id": 71}
        await desk.put(reserved, {**reserved, "tenant_id": "t2"})
        await desk.served()
        assert sorted(text.sender for text in desk.provider.sent) == [SENDER, "0311112222"]
        assert (desk.balance("t1").spent, desk.balance("t2").spent) == (PRICE, PRICE)


@pytest.mark.requirement("MSG-2", "SEC-3")
class TestNotSent:
    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"to": "010-12"}, "phone_malformed"),
            ({"to": "02-1234-5678"}, "phone_landline"),
            ({"to": "+1 202-555-0143"}, "phone_foreign"),
            ({"text": ""}, "text_empty"),
            ({"text": "😀"}, "text_not_encodable"),
            ({"text": "#{이름}"}, "variables_missing"),
            ({"text": "가" * 1001}, "text_too_long"),
            ({"sender": "02-9999-9999"}, "sender_foreign"),
            ({"sender": "x"}, "sender_foreign"),
            ({"use_alimtalk_first": True, "template_id": "none"}, "template_gone"),
        ],
    )
    async def test_what_cannot_be_sent_fails_with_its_reason_and_costs_nothing(
        self, desk: Desk, caplog: pytest.LogCaptureFixture, more: dict[str, Any], code: str
    ) -> None:
        caplog.set_level(logging.DEBUG, logger="academy")
        await desk.put({**MESSAGE, **more})
        await desk.served()
        self._nothing_came_of_it(desk, code)
        assert desk.balance().available == CREDIT
        told = f"{caplog.text}{[record.__dict__ for record in caplog.records]}{desk.jobs()[0].failure}"
        assert not any(digits in told for digits in ("1234-5678", "12345678", "555-0143", "9999-9999"))

    def _nothing_came_of_it(self, desk: Desk, code: str) -> None:
        (job,) = desk.jobs()
        assert (job.state, job.failure and job.failure.code) == (JobState.FAILED, code)
        assert job.failure is not None
        assert job.failure.message_ko
        assert desk.sent == []
        (message,) = desk.messages()
        assert (message.state, message.failure, message.price) == (MessageState.FAILED, job.failure, 0)
        assert (desk.balance().reserved, desk.balance().spent) == (0, 0)

    async def test_without_credit(self, desk: Desk) -> None:
        run = desk.world.database.run_sync
        run(lambda tx: tx.credits.transfer("t1", TransferKind.WITHDRAW, {"": CREDIT - PRICE + 1}))
        await desk.put(MESSAGE)
        await desk.served()
        self._nothing_came_of_it(desk, "credit_exhausted")

    async def test_switched_off(self, desk: Desk) -> None:
        desk.academy("t1", won=0, enabled=False)
        await desk.put(MESSAGE)
        await desk.served()
        self._nothing_came_of_it(desk, "messaging_off")

    async def test_never_set_up(self, tmp_path: Path) -> None:
        async with opened(tmp_path) as bare:
            await bare.put(MESSAGE)
            await bare.served()
            self._nothing_came_of_it(bare, "messaging_not_set_up")

    @pytest.mark.requirement("QUE-5")
    @pytest.mark.parametrize("tenant", ["nobody", "", None, 7])
    async def test_an_academy_that_is_not_there_is_a_dead_letter(self, desk: Desk, tenant: object) -> None:
        await desk.put({**MESSAGE, "tenant_id": tenant})
        await desk.served()
        (reason,) = await reasons(desk.world)
        assert "academy" in reason
        assert "1234" not in reason
        assert (desk.sent, desk.jobs()) == ([], [])

    @pytest.mark.requirement("QUE-5")
    async def test_a_body_that_does_not_fit_is_a_dead_letter_that_names_the_field(self, desk: Desk) -> None:
        await desk.put({**MESSAGE, "to": ["010-1234-5678"]}, {**MESSAGE, "sender": "0" * 30})
        await desk.served()
        found = sorted(await reasons(desk.world))
        assert [reason.split(":")[0] for reason in found] == ["sender", "to"]
        assert not any("1234" in reason for reason in found)
        assert (desk.sent, desk.jobs()) == ([], [])

    async def test_what_was_refused_for_credit_is_sent_once_when_it_is_tried_again(self, desk: Desk) -> None:
        run = desk.world.database.run_sync
        run(lambda tx: tx.credits.transfer("t1", TransferKind.WITHDRAW, {"": CREDIT}))
        await desk.put({**MESSAGE, "reservation_id": 71})
        await desk.served()
        self._nothing_came_of_it(desk, "credit_exhausted")
        run(lambda tx: tx.credits.transfer("t1", TransferKind.TOP_UP, {"": PRICE}))
        (job,) = desk.jobs()
        run(lambda tx: revive(tx, desk.world.types, job.id))
        await desk.world.relay().relay_once()
        await desk.served()
        assert len(desk.sent) == 1
        assert (desk.balance().available, desk.balance().spent) == (0, PRICE)
        assert [each.state for each in desk.messages()] == [MessageState.SENT, MessageState.FAILED]
