"""The indexes by groups get a condition of their own, so that no plan takes the index by turns for them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = (("ix_outbox_group", "outbox"), ("ix_queue_messages_group", "queue_messages"))
COLUMNS: Sequence[str] = ("queue", "grp", "turn")


def upgrade() -> None:
    _index("coalesce(turn, -1) >= 0")


def downgrade() -> None:
    _index("turn IS NOT NULL")


def _index(condition: str) -> None:
    where = sa.text(condition)
    for name, table in INDEXES:
        op.drop_index(name, table)
        op.create_index(name, table, COLUMNS, sqlite_where=where, postgresql_where=where)
