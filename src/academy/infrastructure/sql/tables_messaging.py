"""The tables of text messages and credits; see `tables.py` for what holds of all."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from academy.domain.messaging.channel import Channel
from academy.domain.messaging.ledger import Account, TransferKind
from academy.domain.messaging.message import BatchState, MessageState, OrderState
from academy.domain.messaging.template import Approval
from academy.infrastructure.sql.columns import Choice, FailureText, Key, RowNumber, UtcMillis
from academy.infrastructure.sql.metadata import index_part, metadata

__all__ = [
    "credit_accounts",
    "credit_transfers",
    "message_batches",
    "message_opt_outs",
    "message_orders",
    "message_templates",
    "messages",
    "messaging_settings",
]

# The columns of each table stand in the order of the fields of its class in domain.messaging.
messaging_settings = Table(
    "messaging_settings",
    metadata,
    Column("tenant_id", Key, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("sender", Text, nullable=False),
    Column("kakao_channel", Text, nullable=False),
    Column("alimtalk_first", Boolean, nullable=False),
    Column("price_sms", Integer, nullable=False),
    Column("price_lms", Integer, nullable=False),
    Column("price_alimtalk", Integer, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)

message_templates = Table(
    "message_templates",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("kakao_template_id", Text, nullable=False),
    Column("approval", Choice(Approval), nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)
Index(
    "ix_message_templates_list",
    message_templates.c.tenant_id,
    message_templates.c.created_at,
    message_templates.c.id,
)

message_opt_outs = Table(
    "message_opt_outs",
    metadata,
    Column("tenant_id", Key, primary_key=True),
    Column("phone", Key, primary_key=True),
    Column("created_at", UtcMillis, nullable=False),
)

message_orders = Table(
    "message_orders",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("job_id", Key, nullable=False),
    Column("title", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("kakao_channel", Text, nullable=False),
    Column("advertising", Boolean, nullable=False),
    Column("send_at", UtcMillis),
    Column("state", Choice(OrderState), nullable=False),
    Column("total", Integer, nullable=False),
    Column("created_by", Key, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)
Index("ix_message_orders_list", message_orders.c.tenant_id, message_orders.c.created_at, message_orders.c.id)

messages = Table(
    "messages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("order_id", Key, nullable=False),
    Column("to", Key, nullable=False),
    Column("name", Text, nullable=False),
    Column("channel", Choice(Channel), nullable=False),
    Column("fallback", Choice(Channel)),
    Column("text", Text, nullable=False),
    Column("kakao_template_id", Text, nullable=False),
    Column("price", Integer, nullable=False),
    Column("state", Choice(MessageState), nullable=False),
    Column("batch_id", Key, nullable=False),
    Column("provider_id", Key, nullable=False),
    Column("failure", FailureText),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    Column("channel_price", Integer),
    Column("fallback_price", Integer),
    Column("went_by", Choice(Channel)),
    Index(None, "order_id", "state", "id"),
)
Index("ix_messages_list", messages.c.tenant_id, messages.c.created_at, messages.c.id)
Index("ix_messages_to", messages.c.tenant_id, messages.c.to, messages.c.created_at)
index_part("ix_messages_batch", messages.c.batch_id != "", messages.c.batch_id)

message_batches = Table(
    "message_batches",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("order_id", Key, nullable=False),
    Column("provider", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("state", Choice(BatchState), nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Index(None, "order_id"),
)
index_part(
    "ix_message_batches_open", message_batches.c.state == BatchState.OPEN, message_batches.c.created_at
)
credit_accounts = Table(
    "credit_accounts",
    metadata,
    Column("tenant_id", Key, primary_key=True),
    Column("account", Choice(Account), primary_key=True),
    Column("balance", BigInteger, nullable=False),
)

credit_transfers = Table(
    "credit_transfers",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Key, nullable=False),
    Column("kind", Choice(TransferKind), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("message_id", Key, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Key, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_credit_transfers_list", credit_transfers.c.tenant_id, credit_transfers.c.id)
_for_message = credit_transfers.c.message_id != ""
# A message is paid for once, whatever happens: the database itself refuses a second transfer of a kind.
Index(
    "uq_credit_transfers_message",
    credit_transfers.c.message_id,
    credit_transfers.c.kind,
    unique=True,
    sqlite_where=_for_message,
    postgresql_where=_for_message,
)
