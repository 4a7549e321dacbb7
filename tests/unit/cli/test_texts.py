"""`academy messages` on a real (SQLite) installation: what it prints, what it changes, how it fails (MSG-1, MSG-5, OPS-5)."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from academy.application.jobs.submit import cancel
from academy.application.messaging.handover import Handover
from academy.application.messaging.job_types import messaging_job_types
from academy.application.messaging.orders import OrderRequest, Orders
from academy.application.ports.database import Lease, Settlement, Transaction
from academy.application.ports.message_provider import ProviderUnavailable
from academy.application.ports.telemetry import NoTelemetry
from academy.bootstrap.operator import Operator
from academy.bootstrap.queues import queue_names
from academy.domain.job.states import JobState
from academy.domain.messaging.compose import Recipient
from academy.domain.messaging.message import Order
from academy.domain.phone import PHONE_FAILURES as REFUSALS
from academy.domain.phone import PhoneProblem
from academy.infrastructure.memory.message_provider import MemoryMessageProvider
from academy.interfaces.cli import console
from academy.interfaces.cli.main import app

from .conftest import Installation

pytestmark = pytest.mark.requirement("OPS-5")
COMMANDS = (
    "list",
    "show",
    "orders",
    "cancel",
    "templates",
    "approve",
    "reject",
    "undecided",
    "settle",
    "credits",
    "top-up",
    "withdraw",
    "audit",
    "settings",
)
PHONES = ("010-1234-5678", "010-9876-0001")
SETTINGS = ("--prices", "sms=20,lms=50,alimtalk=15", "--on", "--sender")
SENDERS = {"haneul": "02-123-4567", "bada": "051-123-4567"}


class Silent(MemoryMessageProvider):
    """A provider whose answers to `send` and everything after it are lost."""

    async def send(self, group: str) -> None:
        await super().send(group)
        raise ProviderUnavailable("no answer")

    async def withdraw(self, group: str) -> bool:
        raise ProviderUnavailable("no answer")


def academy(installed: Installation, code: str = "haneul", *, won: int = 1000) -> str:
    """Make an academy that can send."""
    installed.run("tenants", "add", code, "하늘학원", "--id", f"id-{code}")
    assert installed.run("messages", "settings", code, *SETTINGS, SENDERS[code]).code == 0
    if won:
        assert installed.run("messages", "top-up", code, str(won), "--note", "3월 이체").code == 0
    return f"id-{code}"


def order(installed: Installation, tenant_id: str, title: str = "결석 알림", **changes: object) -> Order:
    """Order a message to each of two parents."""

    async def work(operator: Operator) -> Order:
        types = messaging_job_types(queue_names(operator.backends.settings))
        people = [Recipient(phone, f"학부모 {n}") for n, phone in enumerate(PHONES)]
        request = OrderRequest(tenant_id, people, "오늘 결석했습니다.", title=title, **changes)  # type: ignore[arg-type]
        orders = Orders(types, operator.new_id)
        return await operator.backends.database.run(lambda tx: orders.place(tx, request))

    return installed.within(work)


def hand_over(installed: Installation, placed: Order, provider: MemoryMessageProvider) -> str:
    """Hand the order over as its worker would; return the batch."""

    async def work(operator: Operator) -> str:
        database = operator.backends.database
        types = messaging_job_types(queue_names(operator.backends.settings))
        handover = Handover(database, provider, types, NoTelemetry(), operator.new_id)
        messages = await database.read(lambda tx: tx.messages.queued(placed.tenant_id, placed.id, 10))
        batch = await database.run(lambda tx: handover.begin(tx, placed, messages))
        await handover.hand_over(placed, batch, messages)
        return batch.id

    return installed.within(work)


def spoil(installed: Installation, statement: str) -> None:
    """Change a table by hand."""
    with closing(sqlite3.connect(installed.data_dir / "academy.sqlite3")) as database, database:
        database.execute(statement)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example_and_speaks_korean(command: str) -> None:
    shown = CliRunner().invoke(app, ["messages", command, "--help"], env={"TERMINAL_WIDTH": "200"}).stdout
    assert f"academy messages {command}" in shown
    assert re.search(r"[가-힣]", shown)


@pytest.mark.requirement("MSG-5")
def test_messages_are_listed_masked_newest_first_and_by_what_is_asked(installed: Installation) -> None:
    first = order(installed, academy(installed))
    second = order(installed, academy(installed, "bada"))
    hand_over(installed, first, MemoryMessageProvider())
    rows = installed.run("messages", "list", "--json").json()
    assert [row["academy"] for row in rows] == ["bada", "bada", "haneul", "haneul"]
    assert {row["to"] for row in rows} == {"010-****-5678", "010-****-0001"}
    of_haneul = installed.run("messages", "list", "--academy", "haneul", "--json").json()
    assert {(row["academy"], row["state"], row["won"]) for row in of_haneul} == {("haneul", "SENT", 20)}
    waiting = installed.run("messages", "list", "--state", "queued", "--order", second.id, "--json").json()
    assert len(waiting) == 2
    (to,) = installed.run("messages", "list", "--to", "5678", "--academy", "id-bada", "--json").json()
    assert to["to"] == "010-****-5678"
    table = installed.run("messages", "list", "--limit", "1")
    assert "perhaps older ones" in table.out
    assert "no such messages" in installed.run("messages", "list", "--state", "failed").out


@pytest.mark.requirement("MSG-5")
def test_no_command_prints_a_number_and_only_one_the_words(installed: Installation) -> None:
    placed = order(installed, academy(installed))
    batch = hand_over(installed, placed, Silent())
    message = installed.run("messages", "list", "--json").json()[0]["message"]
    looks = [
        ("list",),
        ("orders",),
        ("undecided",),
        ("credits", "haneul"),
        ("show", message),
        ("settle", batch),
    ]
    for look in looks:
        said = installed.run("messages", *look)
        assert said.code == 0, said.err
        digits = re.sub(r"\D", "", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", said.out))
        assert [phone for phone in PHONES if phone.replace("-", "") in digits] == []
        assert "결석했습니다" not in said.out
        assert "학부모" not in said.out
    words = installed.run("messages", "show", message, "--text")
    assert "오늘 결석했습니다." in words.out
    assert "학부모" in words.out


def test_a_message_that_failed_says_why_in_both_languages(installed: Installation) -> None:
    tenant_id = academy(installed)
    placed = order(installed, tenant_id)
    provider = MemoryMessageProvider()
    refused = REFUSALS[PhoneProblem.LANDLINE]
    provider.refuse["01012345678"] = refused
    hand_over(installed, placed, provider)
    (row,) = installed.run("messages", "list", "--state", "failed", "--json").json()
    assert row["why"] == refused.code
    shown = installed.run("messages", "show", row["message"])
    assert f"{refused.message} / {refused.message_ko}" in shown.out
    assert "결석 알림" in shown.out


def test_orders_say_what_became_of_their_messages(installed: Installation) -> None:
    tenant_id = academy(installed)
    sent, waits = order(installed, tenant_id, "먼저"), order(installed, tenant_id, "나중")
    hand_over(installed, sent, MemoryMessageProvider())
    rows = installed.run("messages", "orders", "--json").json()
    assert [(row["order"], row["messages"]) for row in rows] == [
        (waits.id, {"QUEUED": 2}),
        (sent.id, {"SENT": 2}),
    ]
    table = installed.run("messages", "orders", "--academy", "haneul", "--state", "waiting").out
    assert "2 queued" in table
    assert "나중" in table
    assert "no such orders" in installed.run("messages", "orders", "--state", "cancelled").out


def jobs_that_ask(installed: Installation) -> list[dict[str, str]]:
    found: list[dict[str, str]] = installed.run("jobs", "list", "--type", "message.settle", "--json").json()
    return found


@pytest.mark.requirement("MSG-3")
def test_an_undecided_batch_is_shown_and_its_waiting_job_brought_forward(installed: Installation) -> None:
    assert "nothing is undecided" in installed.run("messages", "undecided").out
    placed = order(installed, academy(installed))
    batch = hand_over(installed, placed, Silent())
    (row,) = installed.run("messages", "undecided", "--json").json()
    assert (row["batch"], row["academy"], row["provider"], row["messages"]) == (batch, "haneul", "memory", 2)
    assert row["asked_again"]
    assert installed.run("messages", "undecided", "--older", "3600", "--json").json() == []

    def waiting(tx: Transaction) -> int:
        due, _ = tx.outbox.backlog()
        return due

    before = installed.within(lambda known: known.backends.database.read(waiting))
    asked = installed.run("messages", "settle", batch)
    assert (asked.code, "at once" in asked.out) == (0, True)
    assert installed.within(lambda known: known.backends.database.read(waiting)) == before + 1
    (job,) = jobs_that_ask(installed)
    assert (job["state"], job["id"]) == ("PENDING", f"settle-{batch}")
    # Again does no harm, and there is still one job that asks.
    assert installed.run("messages", "settle", batch).code == 0
    assert len(jobs_that_ask(installed)) == 1


@pytest.mark.requirement("MSG-3")
def test_a_batch_whose_worker_died_gets_a_job_that_asks(installed: Installation) -> None:
    placed = order(installed, academy(installed))

    async def begin(operator: Operator) -> str:
        database = operator.backends.database
        types = messaging_job_types(queue_names(operator.backends.settings))
        handover = Handover(database, MemoryMessageProvider(), types, NoTelemetry(), operator.new_id)
        messages = await database.read(lambda tx: tx.messages.queued(placed.tenant_id, placed.id, 10))
        return (await database.run(lambda tx: handover.begin(tx, placed, messages))).id

    batch = installed.within(begin)
    assert installed.run("messages", "undecided", "--json").json()[0]["asked_again"] == ""
    assert installed.run("messages", "settle", batch).code == 0
    (job,) = jobs_that_ask(installed)
    assert job["state"] == "PENDING"


@pytest.mark.requirement("MSG-3")
def test_a_job_that_was_given_up_asks_again_and_one_that_runs_is_left_alone(installed: Installation) -> None:
    batch = hand_over(installed, order(installed, academy(installed)), Silent())
    job_id = f"settle-{batch}"

    async def give_up(operator: Operator) -> None:
        types = messaging_job_types(queue_names(operator.backends.settings))
        await operator.backends.database.run(lambda tx: cancel(tx, types, job_id))

    async def claim(operator: Operator) -> Lease:
        claimed = await operator.backends.database.run(
            lambda tx: tx.jobs.claim([job_id], "w1", timedelta(seconds=60))
        )
        return Lease(job_id, claimed[job_id].token)

    installed.within(give_up)
    assert installed.run("messages", "settle", batch).code == 0
    lease = installed.within(claim)
    assert "is asking the provider now" in installed.run("messages", "settle", batch).out
    (row,) = installed.run("messages", "undecided", "--json").json()
    assert row["asked_again"] == "now"
    end = Settlement(lease, JobState.SUCCEEDED)
    installed.within(lambda known: known.backends.database.run(lambda tx: tx.jobs.settle([end])))
    assert installed.run("messages", "settle", batch).code == 0
    assert sorted(job["state"] for job in jobs_that_ask(installed)) == ["PENDING", "SUCCEEDED"]


@pytest.mark.requirement("MSG-3")
def test_a_decided_batch_is_not_asked_for(installed: Installation) -> None:
    batch = hand_over(installed, order(installed, academy(installed)), MemoryMessageProvider())
    assert "is decided" in installed.run("messages", "settle", batch).out
    assert jobs_that_ask(installed) == []


@pytest.mark.requirement("MSG-2")
def test_credit_is_paid_in_reserved_and_taken_back(installed: Installation) -> None:
    tenant_id = academy(installed, won=1000)
    order(installed, tenant_id)
    shown = installed.run("messages", "credits", "haneul", "--json").json()
    kept = {name: shown[name] for name in ("funding", "available", "reserved", "spent")}
    assert kept == {"funding": -1000, "available": 960, "reserved": 40, "spent": 0}
    assert [(row["kind"], row["won"]) for row in shown["transfers"]] == [
        ("reserve", 20),
        ("reserve", 20),
        ("top_up", 1000),
    ]
    assert "3월 이체" in installed.run("messages", "credits", "haneul").out
    too_much = installed.run("messages", "withdraw", "haneul", "961")
    assert (too_much.code, "reserved for messages under way" in too_much.err) == (1, True)
    assert "0 won available now" in installed.run("messages", "withdraw", "haneul", "960").out
    for wrong in ("0", "-5", "1.5", "99999999999"):
        assert installed.run("messages", "top-up", "haneul", "--", wrong).code == 2


@pytest.mark.requirement("MSG-2")
def test_the_audit_finds_books_that_somebody_changed(installed: Installation) -> None:
    academy(installed)
    academy(installed, "bada")
    assert installed.run("messages", "audit").code == 0
    spoil(
        installed,
        "UPDATE credit_accounts SET balance = balance + 500 WHERE tenant_id = 'id-bada' AND account = 'available'",
    )
    found = installed.run("messages", "audit")
    assert (found.code, "the books of bada do not balance" in found.err) == (1, True)
    assert "DIFFERS: the transfers sum up to funding -1,000, available 1,000" in found.out
    as_json = installed.run("messages", "audit", "--json")
    assert as_json.code == 1
    assert [(row["academy"], row["ok"]) for row in as_json.json()] == [("bada", False), ("haneul", True)]
    assert as_json.json()[0]["kept"]["available"] == 1500


@pytest.mark.requirement("MSG-1")
def test_settings_are_shown_and_changed_one_by_one(installed: Installation) -> None:
    installed.run("tenants", "add", "haneul", "하늘학원")
    none = installed.run("messages", "settings", "haneul")
    assert (none.code, "--sender" in none.err) == (1, True)
    lacking = installed.run("messages", "settings", "haneul", "--on")
    assert (lacking.code, "sender number" in lacking.err) == (1, True)
    assert installed.run("messages", "settings", "haneul", *SETTINGS, SENDERS["haneul"]).code == 0
    installed.run(
        "messages", "settings", "haneul", "--prices", "lms=45", "--kakao-channel", "PF1", "--text-first"
    )
    shown = installed.run("messages", "settings", "haneul", "--json").json()
    assert shown["prices"] == {"sms": 20, "lms": 45, "alimtalk": 15}
    assert (shown["sender"], shown["enabled"], shown["kakao_channel"]) == ("021234567", True, "PF1")
    assert shown["alimtalk_first"] is False
    off = installed.run("messages", "settings", "haneul", "--off").out
    assert "sms 20 won, lms 45 won, alimtalk 15 won" in off
    assert installed.run("messages", "settings", "haneul", "--json").json()["enabled"] is False


@pytest.mark.requirement("MSG-5")
def test_a_number_of_another_academy_is_taken_only_when_both_may_use_it(installed: Installation) -> None:
    academy(installed)
    academy(installed, "bada")
    change = ("messages", "settings", "bada", "--sender", SENDERS["haneul"])
    refused = installed.run(*change)
    assert (refused.code, "--shared" in refused.err) == (1, True)
    before = installed.run("messages", "settings", "bada", "--json").json()
    assert before["sender"] == "0511234567"
    assert installed.run(*change, "--shared").code == 0
    assert installed.run("messages", "settings", "bada", "--json").json() == {
        **before,
        "sender": "021234567",
        "updated": installed.run("messages", "settings", "bada", "--json").json()["updated"],
    }
    assert installed.run("messages", "settings", "bada", "--sender", "12", "--shared").code == 1


@pytest.mark.parametrize("prices", ["sms", "sms=-1", "sms=1.5", "fax=3", "sms=1,sms=2", ","])
def test_prices_that_are_none_say_how_to_write_them(installed: Installation, prices: str) -> None:
    academy(installed)
    refused = installed.run("messages", "settings", "haneul", "--prices", prices)
    assert (refused.code, "--prices sms=20,lms=50,alimtalk=15" in refused.err) == (1, True)
    assert installed.run("messages", "settings", "haneul", "--json").json()["prices"]["sms"] == 20


@pytest.mark.requirement("MSG-4")
def test_orders_that_wait_under_a_number_that_is_changed_are_told_of(installed: Installation) -> None:
    order(installed, academy(installed))
    assert "will fail" not in installed.run("messages", "settings", "haneul").out
    changed = installed.run("messages", "settings", "haneul", "--sender", "010-2222-3333")
    assert "1 order waits under another number and will fail" in changed.out
    assert installed.run("messages", "settings", "haneul", "--json").json()["stranded"] == 1


@pytest.mark.parametrize("columns", [80, 100])
def test_lists_fit_a_narrow_terminal(
    installed: Installation, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    batch = hand_over(installed, order(installed, academy(installed)), Silent())
    message = installed.run("messages", "list", "--json").json()[0]["message"]
    monkeypatch.setattr(console.out, "_width", columns)
    for look, whole in (("list", message), ("undecided", batch), ("orders", "결석 알림")):
        lines = installed.run("messages", look).out.splitlines()
        assert [line for line in lines if len(line) > columns] == []
        assert [line for line in lines if whole in line]


UNKNOWN = (
    ("credits", "nowhere"),
    ("top-up", "nowhere", "5"),
    ("settings", "nowhere"),
    ("list", "--academy", "nowhere"),
    ("show", "nowhere"),
    ("settle", "nowhere"),
)


@pytest.mark.parametrize("command", UNKNOWN)
def test_what_is_not_there_is_named_with_where_to_look(
    installed: Installation, command: tuple[str, ...]
) -> None:
    academy(installed)
    refused = installed.run("messages", *command)
    assert refused.code == 1
    assert re.search(r"there is no (academy|message|batch) nowhere", refused.err)
    assert "How to fix it: `academy " in refused.err


def test_a_number_that_cannot_be_looked_for_is_said(installed: Installation) -> None:
    refused = installed.run("messages", "list", "--to", "12")
    assert refused.code == 1
    assert "010-2345-6789" in refused.err


@pytest.mark.requirement("MSG-2")
@pytest.mark.parametrize("won", ["100001", "99999999999", "92233720368547758070", "9" * 5000])
def test_a_price_that_nobody_means_is_refused(installed: Installation, won: str) -> None:
    academy(installed)
    refused = installed.run("messages", "settings", "haneul", "--prices", f"lms={won}")
    assert (refused.code, "100,000 won" in refused.err, "Traceback" in refused.err) == (1, True, False)
    assert installed.run("messages", "settings", "haneul", "--prices", "lms=100000").code == 0
    assert installed.run("messages", "settings", "haneul", "--json").json()["prices"]["lms"] == 100_000


@pytest.mark.requirement("MSG-2")
@pytest.mark.parametrize("won", ["0", "10000000001", "92233720368547758070", "9" * 5000])
@pytest.mark.parametrize("command", ["top-up", "withdraw"])
def test_an_amount_that_nobody_means_is_refused(installed: Installation, command: str, won: str) -> None:
    academy(installed)
    refused = installed.run("messages", command, "haneul", won)
    assert (refused.code, "Traceback" in refused.err) == (2, False)


@pytest.mark.requirement("MSG-2")
@pytest.mark.parametrize("command", ["top-up", "withdraw"])
@pytest.mark.parametrize("note", ["3월\n이체", "\x1b[31m", "a\tb"])
def test_a_note_is_one_line_without_control_characters(
    installed: Installation, command: str, note: str
) -> None:
    academy(installed)
    refused = installed.run("messages", command, "haneul", "100", "--note", note)
    assert (refused.code, "control characters" in refused.err) == (1, True)
    assert installed.run("messages", "credits", "haneul", "--json").json()["available"] == 1000
