"""Turns between tenants in queues and outbox, shared rate limits, the register of workers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BUSY = {"autovacuum_vacuum_scale_factor": "0.01", "autovacuum_vacuum_threshold": "5000"}
NOW = {
    "sqlite": "CAST(strftime('%s', 'now') AS INTEGER) * 1000",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
}


def upgrade() -> None:
    for table in ("queue_messages", "outbox"):
        op.add_column(table, sa.Column("turn", sa.BigInteger(), nullable=True))
    op.drop_index("ix_queue_messages_visible", "queue_messages")
    op.drop_index("ix_outbox_due", "outbox")
    line_up("queue_messages", "visible_at")
    line_up("outbox", "due_at")
    partial("ix_queue_messages_turn", "queue_messages", ["queue", "turn", "id"], "turn IS NOT NULL")
    partial("ix_queue_messages_group", "queue_messages", ["queue", "grp", "turn"], "turn IS NOT NULL")
    partial("ix_queue_messages_hidden", "queue_messages", ["queue", "visible_at", "id"], "turn IS NULL")
    partial("ix_outbox_turn", "outbox", ["turn", "id"], "turn IS NOT NULL")
    partial("ix_outbox_group", "outbox", ["queue", "grp", "turn"], "turn IS NOT NULL")
    partial("ix_outbox_due", "outbox", ["due_at", "id"], "turn IS NULL")
    tune("SET", ", ".join(f"{name} = {value}" for name, value in BUSY.items()))
    op.create_table(
        "lines",
        sa.Column("name", key, nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lines")),
    )
    op.create_table(
        "rate_buckets",
        sa.Column("name", key, nullable=False),
        sa.Column("full_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rate_buckets")),
    )
    op.create_table(
        "rate_lines",
        sa.Column("name", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", "tenant_id", name=op.f("pk_rate_lines")),
    )
    op.create_table(
        "workers",
        sa.Column("name", key, nullable=False),
        sa.Column("queues", sa.Text(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
    )


def downgrade() -> None:
    for table in ("workers", "rate_lines", "rate_buckets", "lines"):
        op.drop_table(table)
    tune("RESET", ", ".join(BUSY))
    for table in ("queue_messages", "outbox"):
        for name in ("turn", "group"):
            op.drop_index(f"ix_{table}_{name}", table)
    op.drop_index("ix_queue_messages_hidden", "queue_messages")
    op.drop_index("ix_outbox_due", "outbox")
    for table in ("queue_messages", "outbox"):
        op.drop_column(table, "turn")
    op.create_index("ix_queue_messages_visible", "queue_messages", ["queue", "visible_at", "id"])
    op.create_index("ix_outbox_due", "outbox", ["due_at", "id"])


def line_up(table: str, time: str) -> None:
    """Give what waits its turn, tenant by tenant; what is hidden gets its own when its time comes."""
    now = NOW[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE {table} SET turn = line.place FROM ("
        f"SELECT id, row_number() OVER (PARTITION BY queue, grp ORDER BY id) AS place FROM {table} "
        f"WHERE {time} <= {now}) AS line WHERE {table}.id = line.id"
    )


def partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def tune(verb: str, what: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("queue_messages", "outbox"):
            op.execute(f"ALTER TABLE {table} {verb} ({what})")
