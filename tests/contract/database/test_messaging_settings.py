"""MSG-1, MSG-5: how academies send, the same on both databases; no academy sees another's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.database.conftest import Place

from academy.application.ports.database import Transaction
from academy.domain.messaging.channel import Prices
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import Approval, MessageTemplate

pytestmark = pytest.mark.requirement("MSG-5")
CREATED = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
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
