"""How academies send: settings, templates, and who wants no advertising."""
# ruff: noqa: S608 (every part is a constant of this package; values are bound)

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite

from academy.application.ports.messaging import OptOut
from academy.application.ports.page import Page
from academy.domain.messaging.channel import Prices
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.messaging.template import Approval, MessageTemplate
from academy.infrastructure.sql import cursors, turns
from academy.infrastructure.sql.columns import now, row_now, rows_text
from academy.infrastructure.sql.tables import tenants
from academy.infrastructure.sql.tables_messaging import message_opt_outs as opt_outs
from academy.infrastructure.sql.tables_messaging import message_templates as templates
from academy.infrastructure.sql.tables_messaging import messaging_settings as table
from academy.infrastructure.sql.turns import Dialect

__all__ = ["SqlMessagingSettingsRepository"]


def _opted_out(dialect: Dialect) -> str:
    given = f"SELECT phone FROM ({dialect.rows('phones', phone='text')}) AS given"
    return (
        f"SELECT phone FROM message_opt_outs WHERE tenant_id = :tenant_id AND {dialect.among('phone', given)}"
    )


_LONGEST_COUNT = 9
_HELD = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_SQLITE, _POSTGRESQL = text(_opted_out(turns.SQLITE)), text(_opted_out(turns.POSTGRESQL))


class SqlMessagingSettingsRepository:
    """`MessagingSettingsRepository` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        small = connection.dialect.name == "sqlite"
        self._insert = sqlite.insert if small else postgresql.insert
        self._opted_out = _SQLITE if small else _POSTGRESQL
        self._small = small

    def sender_taken(self, sender: str, but: str) -> bool:
        """Return whether another academy sends under this number; one asker of a number at a time, until its transaction ends."""
        return self._taken(table.c.sender, sender, but)

    def channel_taken(self, kakao_channel: str, but: str) -> bool:
        """Return whether another academy sends by this KakaoTalk channel; one asker at a time, too."""
        return self._taken(table.c.kakao_channel, kakao_channel, but)

    def _taken(self, column: ColumnElement[str], value: str, but: str) -> bool:
        if not self._small:
            # No row stands for a number that nobody has yet; SQLite has one writer anyway.
            self._connection.execute(_HELD, {"name": f"{table.name}.{column.key}:{value}"})
        others = select(table.c.tenant_id).where(column == value, table.c.tenant_id != but)
        return self._connection.execute(others.limit(1)).first() is not None

    def get(self, tenant_id: str, *, lock: bool = False) -> MessagingSettings | None:
        """Return the settings or None; `lock` keeps the row until the transaction ends, or the academy's where there is none yet."""
        query = select(table).where(table.c.tenant_id == tenant_id)
        if lock:
            query = query.with_for_update()
        row = self._connection.execute(query).one_or_none()
        if row is None and lock:
            # Two that make the first settings at once follow each other: the second one finds what the first has written.
            academy = select(tenants.c.id).where(tenants.c.id == tenant_id)
            self._connection.execute(academy.with_for_update(key_share=True)).first()
            row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return MessagingSettings(
            tenant_id=row.tenant_id,
            enabled=row.enabled,
            sender=row.sender,
            kakao_channel=row.kakao_channel,
            alimtalk_first=row.alimtalk_first,
            prices=Prices(row.price_sms, row.price_lms, row.price_alimtalk),
            updated_at=row.updated_at,
        )

    def save(self, settings: MessagingSettings) -> None:
        """Write the settings; `updated_at` is set here."""
        fields = {
            "enabled": settings.enabled,
            "sender": settings.sender,
            "kakao_channel": settings.kakao_channel,
            "alimtalk_first": settings.alimtalk_first,
            "price_sms": settings.prices.sms,
            "price_lms": settings.prices.lms,
            "price_alimtalk": settings.prices.alimtalk,
            "updated_at": row_now(),
        }
        new = self._insert(table).values(tenant_id=settings.tenant_id, **fields)
        self._connection.execute(new.on_conflict_do_update(index_elements=["tenant_id"], set_=fields))

    def template(self, tenant_id: str, template_id: str) -> MessageTemplate | None:
        """Return a template or None."""
        query = select(templates).where(templates.c.tenant_id == tenant_id, templates.c.id == template_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else MessageTemplate(*row)

    def approved(self, tenant_id: str, kakao_template_id: str) -> bool:
        """Return whether the academy has an approved template by this id of the provider's."""
        mine = (templates.c.tenant_id == tenant_id) & (templates.c.approval == Approval.APPROVED)
        query = select(templates.c.id).where(mine, templates.c.kakao_template_id == kakao_template_id)
        return self._connection.execute(query.limit(1)).first() is not None

    def templates(self, tenant_id: str, cursor: str, limit: int) -> Page[MessageTemplate]:
        """Return templates, newest first; a cursor that is not ours raises ValueError."""
        return self._templates(select(templates).where(templates.c.tenant_id == tenant_id), cursor, limit)

    def all_templates(
        self, tenant_id: str, approval: Approval | None, cursor: str, limit: int
    ) -> Page[MessageTemplate]:
        """Return templates of an academy ("": of all), newest first; a cursor that is not ours raises ValueError."""
        query = select(templates)
        if tenant_id:
            query = query.where(templates.c.tenant_id == tenant_id)
        if approval is not None:
            query = query.where(templates.c.approval == approval)
        return self._templates(query, cursor, limit)

    def _templates(self, query: Select[Any], cursor: str, limit: int) -> Page[MessageTemplate]:
        newest = cursors.newest_first(query, templates, cursor, limit)
        found = [MessageTemplate(*row) for row in self._connection.execute(newest).all()]
        return cursors.page_of_newest(found, limit)

    def template_name_taken(self, tenant_id: str, name: str, but: str) -> bool:
        """Return whether a template other than `but` has this name; one asker of an academy at a time, until its transaction ends."""
        # The academy's row, for it may have no settings yet; SQLite has one writer anyway.
        held = select(tenants.c.id).where(tenants.c.id == tenant_id)
        self._connection.execute(held.with_for_update()).first()
        others = (templates.c.tenant_id == tenant_id) & (templates.c.id != but)
        query = select(templates.c.id).where(others, templates.c.name == name)
        return self._connection.execute(query.limit(1)).first() is not None

    def save_template(self, template: MessageTemplate) -> None:
        """Insert or change a template; its times are set here. Raises ValueError when its id is another academy's."""
        words = {
            "name": template.name,
            "text": template.text,
            "kakao_template_id": template.kakao_template_id,
            "approval": template.approval,
            "updated_at": now(),
        }
        owner = {"id": template.id, "tenant_id": template.tenant_id}
        new = self._insert(templates).values(**owner, **words, created_at=now())
        mine = templates.c.tenant_id == template.tenant_id
        saved = new.on_conflict_do_update(index_elements=["id"], set_=words, where=mine)
        if self._connection.execute(saved.returning(templates.c.id)).one_or_none() is None:
            raise ValueError("the id of the template is taken")

    def remove_template(self, tenant_id: str, template_id: str) -> bool:
        """Delete a template; return whether there was one."""
        mine = (templates.c.tenant_id == tenant_id) & (templates.c.id == template_id)
        return self._connection.execute(delete(templates).where(mine)).rowcount > 0

    def opt_out(self, tenant_id: str, phone: str) -> None:
        """Note that a phone wants no advertising of this academy; again is no error."""
        new = self._insert(opt_outs).values(tenant_id=tenant_id, phone=phone, created_at=row_now())
        self._connection.execute(new.on_conflict_do_nothing())

    def opt_in(self, tenant_id: str, phone: str) -> None:
        """Forget an opt-out; none is no error."""
        mine = (opt_outs.c.tenant_id == tenant_id) & (opt_outs.c.phone == phone)
        self._connection.execute(delete(opt_outs).where(mine))

    def opted_out(self, tenant_id: str, phones: Sequence[str]) -> frozenset[str]:
        """Return which of these phones want no advertising."""
        values = {"tenant_id": tenant_id, "phones": rows_text([[phone] for phone in phones])}
        return frozenset(self._connection.scalars(self._opted_out, values).all())

    def opt_outs(self, tenant_id: str, cursor: str, limit: int, phone: str = "") -> Page[OptOut]:
        """Return those who want no advertising, newest first, or the one with this phone; a cursor that is not ours raises ValueError."""
        query = select(opt_outs.c.phone, opt_outs.c.created_at).where(opt_outs.c.tenant_id == tenant_id)
        if phone:
            query = query.where(opt_outs.c.phone == phone)
        last, seen = _opt_outs_after(cursor)
        if last is not None:
            query = query.where(opt_outs.c.created_at <= last).offset(seen)
        newest = query.order_by(opt_outs.c.created_at.desc(), opt_outs.c.phone).limit(limit + 1)
        found = [OptOut(*row) for row in self._connection.execute(newest).all()]

        def after(item: OptOut) -> str:
            alike = sum(
                1 for _ in takewhile(lambda each: each.created_at == item.created_at, found[limit - 1 :: -1])
            )
            return cursors.encode(item.created_at, str(alike + (seen if item.created_at == last else 0)))

        return cursors.page_of(found, limit, after)


def _opt_outs_after(cursor: str) -> tuple[datetime | None, int]:
    """Return the time of the last row seen and how many of that time were: by its phone a cursor would tell the number."""
    if not cursor:
        return None, 0
    last, seen = cursors.decode(cursor)
    if not (seen.isascii() and seen.isdecimal()) or len(seen) > _LONGEST_COUNT:
        raise ValueError("not a cursor of ours")
    return last, int(seen)
