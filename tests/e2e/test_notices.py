"""Texts to parents through the whole system: API, outbox, queue, messaging worker, a provider that prints."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from academy.contracts.rest.messages import OrderMessagesRequest, RecipientRequest
from academy.interfaces.cli.client import Refusal
from academy.interfaces.cli.console import Trouble
from academy.interfaces.cli.embedded import EmbeddedSystem
from academy.interfaces.cli.notice_checks import PEOPLE
from academy.interfaces.cli.notices import show_notices
from academy.interfaces.cli.office import OfficeClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("embedded")]
PIPE_BYTES = 64 << 10


def academy(system: EmbeddedSystem, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ACADEMY_DATA_DIR": str(system.data_dir)}
    command = [sys.executable, "-m", "academy.interfaces.cli.main", "messages", *arguments]
    return subprocess.run(
        command, env=environment, cwd=system.data_dir, capture_output=True, text=True, timeout=60, check=False
    )


def office_of(system: EmbeddedSystem) -> OfficeClient:
    office = OfficeClient(system.url)
    owner = system.logins["owner"]
    office.log_in(owner.username, owner.password)
    return office


@pytest.mark.requirement("MSG-1")
@pytest.mark.requirement("MSG-4")
@pytest.mark.requirement("MSG-5")
@pytest.mark.requirement("MSG-6")
@pytest.mark.requirement("OPS-5")
def test_every_parent_of_a_class_gets_one_text_and_the_operator_sees_it(system: EmbeddedSystem) -> None:
    headlines: list[str] = []
    with office_of(system) as office:
        spent = office.balance().spent
        # Twice on the same data, as whoever keeps them may.
        for _ in range(2):
            show_notices(system, office, lambda korean, _english: headlines.append(korean))
        assert office.balance().spent == spent + 2 * PEOPLE * office.messaging_settings().prices.sms
    assert len(headlines) == 10
    orders = json.loads(academy(system, "orders", "--academy", "demo", "--limit", "4", "--json").stdout)
    assert [(each["state"], each["total"]) for each in orders] == [
        ("CANCELLED", PEOPLE),
        ("DONE", PEOPLE),
    ] * 2
    assert academy(system, "audit").returncode == 0
    assert "nothing is undecided" in academy(system, "undecided").stdout
    sent = json.loads(
        academy(system, "list", "--order", orders[1]["order"], "--limit", "99", "--json").stdout
    )
    assert len({each["to"] for each in sent}) == PEOPLE
    assert {each["state"] for each in sent} <= {"SENT", "DELIVERED"}


class Echoing(EmbeddedSystem):
    """A system of which every line is heard twice, as if a message had gone out twice."""

    def __init__(self, system: EmbeddedSystem) -> None:
        super().__init__(system.data_dir)
        self._system = system
        self._again = ""

    def next_line(self, seconds: float = 0.0) -> str:
        line, self._again = (self._again, "") if self._again else [self._system.next_line(seconds)] * 2
        return line


@pytest.mark.requirement("MSG-6")
def test_a_message_that_comes_twice_is_no_success(system: EmbeddedSystem) -> None:
    with office_of(system) as office, pytest.raises(Trouble, match=f"{PEOPLE} messages too many"):
        show_notices(Echoing(system), office, lambda _korean, _english: None)


@pytest.mark.requirement("MSG-1")
def test_more_lines_than_a_pipe_holds_do_not_stop_the_system(system: EmbeddedSystem) -> None:
    line = "가" * 110
    people = PIPE_BYTES // len(line.encode()) + 50
    to = [RecipientRequest(phone=f"0107777{n:04d}") for n in range(people)]
    with office_of(system) as office:
        placed = office.order(OrderMessagesRequest(text=line, to=to))
        *_, job = office.follow(placed.job.id)
        assert job.state == "SUCCEEDED"
        report = office.order_report(placed.order.id)
    assert sum(report.counts.get(state, 0) for state in ("SENT", "DELIVERED")) == people
    printed = 0
    while system.next_line(2.0):
        printed += 1
        if printed == people:
            break
    assert printed == people


@pytest.mark.requirement("MSG-2")
def test_the_demo_academy_gets_its_credit_once_and_keeps_what_was_changed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with EmbeddedSystem(data) as first, office_of(first) as office:
        funding = office.balance().funding
    assert funding < 0
    assert academy(first, "settings", "demo", "--sender", "02-555-6666", "--off").returncode == 0
    assert academy(first, "withdraw", "demo", "1000").returncode == 0
    with EmbeddedSystem(data) as again, office_of(again) as office:
        settings = office.messaging_settings()
        assert (settings.sender, settings.enabled) == ("025556666", False)
        assert office.balance().funding == funding + 1000
        with pytest.raises(Refusal, match="messaging_off"):
            show_notices(again, office, lambda _korean, _english: None)
