"""Text messages, how academies send them, and the ledger of their credits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "credit_accounts",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "account", name=op.f("pk_credit_accounts")),
    )
    op.create_table(
        "credit_transfers",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("message_id", key, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", key, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_transfers")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_credit_transfers_list", "credit_transfers", ["tenant_id", "id"], unique=False)
    op.create_index(
        "uq_credit_transfers_message",
        "credit_transfers",
        ["message_id", "kind"],
        unique=True,
        sqlite_where=sa.text("message_id != ''"),
        postgresql_where=sa.text("message_id != ''"),
    )
    op.create_table(
        "message_batches",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("order_id", key, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_batches")),
    )
    op.create_index(
        "ix_message_batches_open",
        "message_batches",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("state = 'OPEN'"),
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index(op.f("ix_message_batches_order_id"), "message_batches", ["order_id"], unique=False)
    op.create_table(
        "message_opt_outs",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("phone", key, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "phone", name=op.f("pk_message_opt_outs")),
    )
    op.create_table(
        "message_orders",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("job_id", key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("kakao_channel", sa.Text(), nullable=False),
        sa.Column("advertising", sa.Boolean(), nullable=False),
        sa.Column("send_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_by", key, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_orders")),
    )
    op.create_index(
        "ix_message_orders_list", "message_orders", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "message_templates",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kakao_template_id", sa.Text(), nullable=False),
        sa.Column("approval", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_templates")),
    )
    op.create_index(
        "ix_message_templates_list", "message_templates", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "messages",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("order_id", key, nullable=False),
        sa.Column("to", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("fallback", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kakao_template_id", sa.Text(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("batch_id", key, nullable=False),
        sa.Column("provider_id", key, nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(
        "ix_messages_batch",
        "messages",
        ["batch_id"],
        unique=False,
        sqlite_where=sa.text("batch_id != ''"),
        postgresql_where=sa.text("batch_id != ''"),
    )
    op.create_index("ix_messages_list", "messages", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_messages_order_id_state_id"), "messages", ["order_id", "state", "id"], unique=False
    )
    op.create_index("ix_messages_to", "messages", ["tenant_id", "to", "created_at"], unique=False)
    op.create_table(
        "messaging_settings",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("kakao_channel", sa.Text(), nullable=False),
        sa.Column("alimtalk_first", sa.Boolean(), nullable=False),
        sa.Column("price_sms", sa.Integer(), nullable=False),
        sa.Column("price_lms", sa.Integer(), nullable=False),
        sa.Column("price_alimtalk", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_messaging_settings")),
    )


def downgrade() -> None:
    op.drop_table("messaging_settings")
    op.drop_table("messages")
    op.drop_table("message_templates")
    op.drop_table("message_orders")
    op.drop_table("message_opt_outs")
    op.drop_table("message_batches")
    op.drop_table("credit_transfers")
    op.drop_table("credit_accounts")
