"""MSG-1, MSG-5: how academies send, the same on both databases; no academy sees another's."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from tests.contract.database.conftest import Place

from academy.application.ports.database import Transaction
from academy.application.ports.messaging import OptOut
from academy.application.ports.page import Page
from academy.domain.messaging.channel import Prices
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import Approval, MessageTemplate
from academy.infrastructure.sql import cursors

pytestmark = pytest.mark.requirement("MSG-5")
CREATED = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
ENOUGH = 0.5
"""Seconds in which a second transaction gets as far as it can."""
SETTINGS = MessagingSettings(
    tenant_id="t1",
    enabled=True,
    sender="0212345678",
    kakao_channel="pf1",
    alimtalk_first=False,
    prices=Prices(9, 30, 14),
    updated_at=CREATED,
)


def template(template_id: str, tenant: str = "t1", **changes: object) -> MessageTemplate:
    plain = MessageTemplate(
        id=template_id,
        tenant_id=tenant,
        name="결석 안내",
        text="#{이름} 학생이 결석했습니다.",
        kakao_template_id="",
        approval=Approval.NOT_NEEDED,
        created_at=CREATED,
        updated_at=CREATED,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def save(place: Place, *templates: MessageTemplate) -> None:
    def work(tx: Transaction) -> None:
        for each in templates:
            tx.messaging.save_template(each)

    place.database.run_sync(work)


def found(place: Place, template_id: str, tenant: str = "t1") -> MessageTemplate | None:
    return place.database.read_sync(lambda tx: tx.messaging.template(tenant, template_id))


def test_settings_read_back_as_written_with_their_time(place: Place) -> None:
    assert place.database.read_sync(lambda tx: tx.messaging.get("t1")) is None
    place.database.run_sync(lambda tx: tx.messaging.save(SETTINGS))
    saved = place.database.read_sync(lambda tx: tx.messaging.get("t1"))
    now = place.database.read_sync(lambda tx: tx.now())
    assert saved is not None
    assert replace(saved, updated_at=CREATED) == SETTINGS
    assert abs(saved.updated_at - now) < timedelta(seconds=60)


def test_saving_settings_changes_those_of_the_academy_alone(place: Place) -> None:
    for tenant in ("t1", "t2"):
        place.database.run_sync(lambda tx, who=tenant: tx.messaging.save(replace(SETTINGS, tenant_id=who)))  # type: ignore[misc]
    changed = replace(
        SETTINGS,
        enabled=False,
        sender="01011112222",
        kakao_channel="",
        alimtalk_first=True,
        prices=Prices(0, 1, 2),
    )
    place.database.run_sync(lambda tx: tx.messaging.save(changed))
    mine, other = place.database.read_sync(lambda tx: (tx.messaging.get("t1"), tx.messaging.get("t2")))
    assert mine is not None
    assert other is not None
    assert replace(mine, updated_at=CREATED) == changed
    assert replace(other, updated_at=CREATED) == replace(SETTINGS, tenant_id="t2")


@pytest.mark.requirement("MSG-1")
def test_template_is_made_and_changed(place: Place) -> None:
    save(place, template("a1"))
    made = found(place, "a1")
    assert made is not None
    assert replace(made, created_at=CREATED, updated_at=CREATED) == template("a1")
    assert made.created_at == made.updated_at > CREATED
    place.pass_time(60)
    before = found(place, "a1")
    assert before is not None
    changed = template("a1", name="지각", text="늦음", kakao_template_id="KA01", approval=Approval.PENDING)
    save(place, changed)
    after = found(place, "a1")
    assert after is not None
    assert replace(after, created_at=CREATED, updated_at=CREATED) == changed
    assert after.created_at == before.created_at
    assert after.updated_at >= before.updated_at + timedelta(seconds=60)


def test_a_template_of_another_academy_is_neither_seen_nor_changed(place: Place) -> None:
    save(place, template("a1"))
    assert found(place, "a1", "t2") is None
    with pytest.raises(ValueError, match="taken"):
        save(place, template("a1", "t2", name="stolen"))
    assert not place.database.run_sync(lambda tx: tx.messaging.remove_template("t2", "a1"))
    kept = found(place, "a1")
    assert kept is not None
    assert (kept.tenant_id, kept.name) == ("t1", "결석 안내")


def test_template_is_removed_once(place: Place) -> None:
    save(place, template("a1"), template("a2"))
    removed = [place.database.run_sync(lambda tx: tx.messaging.remove_template("t1", "a1")) for _ in range(2)]
    assert (removed, found(place, "a1")) == ([True, False], None)
    assert found(place, "a2") is not None


def test_templates_are_listed_newest_first(place: Place) -> None:
    for name in ("a3", "a1", "a2"):
        save(place, template(name))
        place.pass_time(1)
    save(place, template("other", "t2"))

    def ids(cursor: str) -> tuple[list[str], str]:
        page = place.database.read_sync(lambda tx: tx.messaging.templates("t1", cursor, 2))
        return [each.id for each in page.items], page.next_cursor

    first, cursor = ids("")
    assert ([*first, *ids(cursor)[0]], ids(cursor)[1]) == (["a2", "a1", "a3"], "")
    with pytest.raises(ValueError, match="cursor"):
        ids("!!")


def test_opt_outs_hold_for_the_academy_that_was_told(place: Place) -> None:
    phones = ["01011112222", "01033334444", "01011112222"]

    def out(tenant: str = "t1") -> frozenset[str]:
        return place.database.read_sync(lambda tx: tx.messaging.opted_out(tenant, phones))

    assert out() == frozenset()
    for _ in range(2):
        place.database.run_sync(lambda tx: tx.messaging.opt_out("t1", "01011112222"))
    place.database.run_sync(lambda tx: tx.messaging.opt_out("t1", "01099999999"))
    assert out() == {"01011112222"}
    assert out("t2") == frozenset()
    place.database.run_sync(lambda tx: tx.messaging.opt_in("t2", "01011112222"))
    assert out() == {"01011112222"}
    for _ in range(2):
        place.database.run_sync(lambda tx: tx.messaging.opt_in("t1", "01011112222"))
    assert out() == frozenset()
    assert place.database.read_sync(lambda tx: tx.messaging.opted_out("t1", [])) == frozenset()


@pytest.mark.requirement("MSG-1")
def test_a_name_is_taken_by_another_template_of_the_academy_alone(place: Place) -> None:
    save(place, template("a1"), template("a2", name="지각"), template("b1", "t2", name="남의 것"))

    def taken(name: str, but: str) -> bool:
        return place.database.run_sync(lambda tx: tx.messaging.template_name_taken("t1", name, but))

    assert taken("결석 안내", "a2")
    assert not taken("결석 안내", "a1")
    assert not taken("남의 것", "a1")
    assert not taken("결석", "")


@pytest.mark.requirement("MSG-1")
def test_of_two_who_take_one_name_at_once_one_finds_it_taken(place: Place) -> None:
    place.database.run_sync(lambda tx: tx.tenants.add("t1", "one", "하나"))
    asked, answered, other = Event(), Event(), place.another()

    def first(tx: Transaction) -> bool:
        tx.messaging.save_template(template("a1"))
        taken = tx.messaging.template_name_taken("t1", "결석 안내", "a1")
        asked.set()
        # Whoever need not wait for us has answered by then.
        answered.wait(ENOUGH)
        return taken

    def second(tx: Transaction) -> bool:
        tx.messaging.save_template(template("a2"))
        taken = tx.messaging.template_name_taken("t1", "결석 안내", "a2")
        answered.set()
        return taken

    def rival() -> bool:
        assert asked.wait(10)
        return other.run_sync(second)

    with ThreadPoolExecutor(1) as pool:
        later = pool.submit(rival)
        assert not place.database.run_sync(first)
        assert later.result()


@pytest.mark.requirement("MSG-1")
def test_templates_of_all_academies_are_listed_newest_first_and_by_approval(place: Place) -> None:
    waits = {"kakao_template_id": "KA01", "approval": Approval.PENDING}
    made = [
        template("a1", **waits),
        template("b1", "t2", **waits),
        template("a2"),
        template("b2", "t2", **waits),
    ]
    for each in made:
        save(place, each)
        place.pass_time(1)

    def ids(approval: Approval | None, tenant: str = "", cursor: str = "") -> tuple[list[str], str]:
        page = place.database.read_sync(lambda tx: tx.messaging.all_templates(tenant, approval, cursor, 2))
        return [each.id for each in page.items], page.next_cursor

    first, cursor = ids(Approval.PENDING)
    assert (first, ids(Approval.PENDING, cursor=cursor)) == (["b2", "b1"], (["a1"], ""))
    assert ids(None, "t1") == (["a2", "a1"], "")
    assert ids(Approval.PENDING, "t1") == (["a1"], "")
    assert ids(Approval.REJECTED) == ([], "")


def test_opt_outs_are_listed_newest_first_without_a_number_in_the_cursor(place: Place) -> None:
    phones = [f"0101234000{number}" for number in range(5)]

    def note(tx: Transaction) -> None:
        # Within one transaction several have the same time.
        for phone in phones[1:4]:
            tx.messaging.opt_out("t1", phone)

    place.database.run_sync(lambda tx: tx.messaging.opt_out("t1", phones[0]))
    place.pass_time(1)
    place.database.run_sync(note)
    place.pass_time(1)
    place.database.run_sync(lambda tx: tx.messaging.opt_out("t1", phones[4]))
    place.database.run_sync(lambda tx: tx.messaging.opt_out("t2", "01099999999"))
    every = place.database.read_sync(lambda tx: tx.messaging.opt_outs("t1", "", 10))
    assert [each.phone for each in every.items[::4]] == [phones[4], phones[0]]
    assert every.items[0].created_at > every.items[-1].created_at
    for limit in (1, 2, 3, 4):
        seen, cursor = [], ""
        for _ in range(5):
            page = _opt_outs(place, cursor, limit)
            seen += [each.phone for each in page.items]
            cursor = page.next_cursor
            if not cursor:
                break
            assert all(phone not in cursors.decode_text(cursor) for phone in phones)
        assert seen == [each.phone for each in every.items]
    only = place.database.read_sync(lambda tx: tx.messaging.opt_outs("t1", "", 10, phone=phones[2]))
    assert [each.phone for each in only.items] == [phones[2]]
    for wrong in (
        "!!",
        cursors.encode_text("1:x"),
        cursors.encode_text("1:-1"),
        cursors.encode_text("1:99999999999"),
    ):
        with pytest.raises(ValueError, match="cursor"):
            _opt_outs(place, wrong, 2)


def _opt_outs(place: Place, cursor: str, limit: int) -> Page[OptOut]:
    return place.database.read_sync(lambda tx: tx.messaging.opt_outs("t1", cursor, limit))
