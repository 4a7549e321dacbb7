"""What each way of a message cost when it was ordered, and by which it went."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = ("channel_price", "fallback_price", "went_by")


def upgrade() -> None:
    # What was ordered before has no prices of its ways: it costs the one price that it was ordered at.
    op.add_column("messages", sa.Column("channel_price", sa.Integer(), nullable=True))
    op.add_column("messages", sa.Column("fallback_price", sa.Integer(), nullable=True))
    op.add_column("messages", sa.Column("went_by", sa.Text(), nullable=True))


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_column("messages", column)
