"""`academy messages templates`, `approve`, `reject`, `cancel` and `list --name` on a real (SQLite) installation (MSG-1, MSG-4, OPS-5)."""

import pytest

from academy.application.messaging.desk import Desk
from academy.bootstrap.operator import Operator
from academy.domain.messaging.template import MessageTemplate

from .conftest import Installation
from .test_texts import academy, order

pytestmark = pytest.mark.requirement("OPS-5")


def template(installed: Installation, tenant_id: str, name: str, kakao: str = "KA01TP1") -> str:
    async def work(operator: Operator) -> MessageTemplate:
        desk = Desk(operator.new_id)
        return await operator.backends.database.run(
            lambda tx: desk.add_template(tx, tenant_id, name, "#{이름}님 등원", kakao)
        )

    return installed.within(work).id


@pytest.mark.requirement("MSG-1")
def test_templates_that_wait_are_found_and_decided(installed: Installation) -> None:
    haneul, bada = academy(installed), academy(installed, "bada")
    first, second = template(installed, haneul, "[출석]"), template(installed, bada, "하원")
    plain = template(installed, haneul, "안내", "")

    def pending(*more: str) -> list[tuple[str, str]]:
        rows = installed.run("messages", "templates", "--pending", "--json", *more).json()
        return [(row["template"], row["academy"]) for row in rows]

    assert pending() == [(second, "bada"), (first, "haneul")]
    assert pending("--academy", "haneul") == [(first, "haneul")]
    listed = installed.run("messages", "templates", "--academy", "haneul").out
    assert all(each in listed for each in (first, plain, "[출석]", "KA01TP1", "pending", "not_needed"))
    approved = installed.run("messages", "approve", "haneul", first)
    assert (approved.code, "[출석]" in approved.out, "approved" in approved.out) == (0, True, True)
    assert installed.run("messages", "reject", "id-bada", second).code == 0
    assert pending() == []
    assert "no such templates" in installed.run("messages", "templates", "--pending").out
    rows = installed.run("messages", "templates", "--json").json()
    states = {row["template"]: row["approval"] for row in rows}
    assert states == {first: "approved", second: "rejected", plain: "not_needed"}


@pytest.mark.requirement("MSG-1")
def test_what_cannot_be_approved_is_said(installed: Installation) -> None:
    haneul = academy(installed)
    academy(installed, "bada")
    plain, waits = template(installed, haneul, "안내", ""), template(installed, haneul, "출석")
    pointless = installed.run("messages", "approve", "haneul", plain)
    assert (pointless.code, "nothing to approve" in pointless.err) == (1, True)
    foreign = installed.run("messages", "approve", "bada", waits)
    assert (foreign.code, "there is no template" in foreign.err) == (1, True)
    assert "`academy messages templates` shows the ids" in foreign.err
    assert "there is no academy nowhere" in installed.run("messages", "reject", "nowhere", waits).err


@pytest.mark.requirement("MSG-4")
def test_an_order_is_called_off_and_paid_back(installed: Installation) -> None:
    tenant_id = academy(installed, won=1000)
    placed, other = order(installed, tenant_id), order(installed, tenant_id)
    academy(installed, "bada")
    assert installed.run("messages", "cancel", placed.id, "--academy", "bada").code == 1
    ended = installed.run("messages", "cancel", placed.id)
    assert (ended.code, "2 messages called off" in ended.out, "하늘학원" in ended.out) == (0, True, False)
    again = installed.run("messages", "cancel", placed.id)
    assert (again.code, "cancel" in again.err) == (1, True)
    rows = installed.run("messages", "orders", "--json").json()
    assert {row["order"]: row["state"] for row in rows} == {placed.id: "CANCELLED", other.id: "WAITING"}
    shown = installed.run("messages", "credits", "haneul", "--json").json()
    assert (shown["available"], shown["reserved"]) == (960, 40)
    assert installed.run("messages", "cancel", other.id, "--academy", "haneul").code == 0
    unknown = installed.run("messages", "cancel", "nowhere")
    assert (unknown.code, "there is no order nowhere" in unknown.err) == (1, True)
    assert "`academy messages orders` shows the ids" in unknown.err


@pytest.mark.requirement("MSG-4")
def test_who_is_told_of_stranded_orders_is_told_what_to_type(installed: Installation) -> None:
    order(installed, academy(installed))
    changed = installed.run("messages", "settings", "haneul", "--sender", "010-2222-3333")
    assert "academy messages cancel ORDER" in changed.out


@pytest.mark.requirement("MSG-5")
def test_messages_are_listed_by_name_and_by_state_in_any_case(installed: Installation) -> None:
    order(installed, academy(installed))
    (row,) = installed.run("messages", "list", "--name", "부모 1", "--state", "QUEUED", "--json").json()
    assert row["to"] == "010-****-0001"
    assert installed.run("messages", "list", "--name", "%", "--json").code == 1
    assert len(installed.run("messages", "list", "--state", "queued", "--json").json()) == 2
