"""No operator reads a number or the words of a text message without asking for them (MSG-5)."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from academy.application.jobs.submit import submit
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.names import DIRECT
from academy.application.ports.database import Transaction
from academy.application.ports.job_queue import OutgoingMessage
from academy.bootstrap.operator import Operator
from academy.bootstrap.queues import queue_names
from academy.contracts.messaging import DirectMessage, DirectVariable
from academy.domain.phone import mask_phones

from .conftest import Installation

pytestmark = [pytest.mark.requirement("MSG-5"), pytest.mark.requirement("OPS-5")]
QUEUE, VIDEO = "academy-messaging-jobs", "academy-video-jobs"
PHONE, WORDS, NAME = "010-1234-5678", "오늘 결석했습니다", "김하늘"
ENVELOPE: dict[str, Any] = {
    "v": 1,
    "id": "0196a0c2-7b1e-7c55-9a4e-3f1f6d2b8c01",
    "type": "message.direct",
    "tenant_id": "t1",
    "payload": {"to": PHONE, "text": WORDS, "variables": [{"key": "학생이름", "value": NAME}]},
    "created_at": "2026-03-02T00:00:00Z",
    "idempotency_key": "absence:20391",
}
OLDER = {
    "tenant_id": 3,
    "to": PHONE,
    "text": WORDS,
    "reservation_id": 88041,
    "alimtalk_replacements": [{"key": "#{학생이름}", "value": NAME}],
}
BODIES = {
    "envelope": ENVELOPE,
    "older": OLDER,
    "number as a number": {**OLDER, "to": 1012345678},
    "other names": {"phone": "+82 10-1234-5678", "message": WORDS, "child": NAME, "at": {"name": NAME}},
    "list": [PHONE, WORDS, NAME],
    "text": WORDS,
}


def bare(text: str) -> str:
    return re.sub(r"\D", "", text)


def says_nothing(text: str) -> bool:
    return not any(word in text for word in (WORDS, NAME, "1234-5678", "12345678", "1012345678"))


def die(installed: Installation, queue: str, body: str) -> None:
    async def work(operator: Operator) -> None:
        await operator.backends.queue.publish(queue, [OutgoingMessage(body)])
        (delivery,) = await operator.backends.queue.receive(queue, 1, 0, 60)
        await operator.backends.queue.dead_letter(delivery, "to: Input should be a text")

    installed.within(work)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_dead_letter_hides_numbers_and_words_until_asked(
    installed: Installation, body: Any, form: tuple[str, ...]
) -> None:
    die(installed, QUEUE, json.dumps(body, ensure_ascii=False))
    shown = installed.run("queues", "dead-letters", QUEUE, *form)
    assert (shown.code, says_nothing(shown.out)) == (0, True)
    assert "to: Input should be a text" in shown.out
    assert not says_nothing(installed.run("queues", "dead-letters", QUEUE, "--personal", *form).out)


def test_what_is_harmless_of_a_dead_letter_is_shown_and_the_number_masked(installed: Installation) -> None:
    die(installed, QUEUE, json.dumps(ENVELOPE))
    (letter,) = installed.run("queues", "dead-letters", QUEUE, "--json").json()
    seen = json.loads(letter["body"])
    payload = seen.pop("payload")
    assert seen == {name: value for name, value in ENVELOPE.items() if name != "payload"}
    assert payload["to"] == "010-****-5678"
    assert payload["text"] == f"(hidden, {len(WORDS)} characters)"


@pytest.mark.parametrize(
    "written", [PHONE, "01012345678", "+82 10 1234 5678", "0821012345678"[1:], "０１０-1234-5678"]
)
@pytest.mark.parametrize("queue", [QUEUE, VIDEO])
def test_a_body_that_is_no_json_masks_each_number(installed: Installation, written: str, queue: str) -> None:
    die(installed, queue, f"to={written}&x=1")
    said = installed.run("queues", "dead-letters", queue).out
    assert ("010-****-5678" in said, "12345678" in bare(said)) == (True, False)
    assert written in installed.run("queues", "dead-letters", queue, "--personal").out


def test_words_that_are_no_json_are_hidden_on_the_queue_of_messages(installed: Installation) -> None:
    die(installed, QUEUE, f"{WORDS} {NAME}")
    assert says_nothing(installed.run("queues", "dead-letters", QUEUE).out)


def test_a_message_on_the_wrong_queue_is_hidden_as_well_and_ids_stay(installed: Installation) -> None:
    die(installed, VIDEO, json.dumps(ENVELOPE, ensure_ascii=False))
    said = installed.run("queues", "dead-letters", VIDEO, "--json")
    assert says_nothing(said.out)
    assert ENVELOPE["id"] in said.out


def test_a_look_at_what_waits_hides_the_same(installed: Installation) -> None:
    installed.run("queues", "send", QUEUE, "-", typed=json.dumps(ENVELOPE, ensure_ascii=False))
    assert says_nothing(installed.run("queues", "peek", QUEUE).out)
    assert says_nothing(installed.run("queues", "peek", QUEUE, "--json").out)
    assert WORDS in installed.run("queues", "peek", QUEUE, "--personal").out


def test_an_id_that_begins_like_a_number_stays_readable() -> None:
    for harmless in (
        "01961234-567a-7d20-8a11-2f6b1c9e4a02",
        "2026-03-02:20391",
        "1760000000",
        "3.14159265358979",
    ):
        assert mask_phones(harmless) == harmless
    for phone in (
        "call 02-123-4567 or 010.1234.5678!",
        "전화01012345678번",
        "+82-(0)10-1234-5678",
        "1012345678",
    ):
        assert "5678" not in bare(mask_phones(phone)).removesuffix("5678")
        assert "*" in mask_phones(phone)


def direct(installed: Installation) -> str:
    """Record a job of somebody else's message."""

    async def work(operator: Operator) -> str:
        types = messaging_job_types(queue_names(operator.backends.settings))

        def record(tx: Transaction) -> str:
            tx.tenants.add("t1", "haneul", "하늘학원")
            variables = (DirectVariable(key="학생이름", value=NAME),)
            payload = DirectMessage(to=PHONE, text=WORDS, variables=variables)
            return submit(
                tx,
                types,
                job_id="job-1",
                tenant_id="t1",
                type_name=DIRECT,
                payload=payload,
                idempotency_key="k",
            ).job.id

        return await operator.backends.database.run(record)

    return installed.within(work)


def test_a_job_hides_what_its_contract_marks_until_asked(installed: Installation) -> None:
    job = direct(installed)
    for command in (("jobs", "show", job), ("jobs", "show", job, "--json"), ("jobs", "list", "--json")):
        shown = installed.run(*command)
        assert (shown.code, says_nothing(shown.out), "010-****-5678" in shown.out) == (0, True, True)
        asked = installed.run(*command, "--personal").out
        assert [word for word in (WORDS, NAME, PHONE) if word not in asked] == []


def test_times_are_korean_for_people_and_utc_for_programs(installed: Installation) -> None:
    job = direct(installed)
    fields = installed.run("jobs", "show", job, "--json").json()
    created = datetime.fromisoformat(fields["created_at"])
    assert fields["created_at"].endswith("Z")
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=5)
    korean = (created.astimezone(UTC) + timedelta(hours=9)).strftime("%Y-%m-%d %H:%M")
    assert f"{korean} KST" in installed.run("jobs", "list").out
    exact = next(line for line in installed.run("jobs", "show", job).out.splitlines() if "created at" in line)
    assert re.search(rf"{korean}:\d\d KST", exact)
