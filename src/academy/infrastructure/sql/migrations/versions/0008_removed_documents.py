"""Documents that were removed and whose objects go next are found by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    removed = sa.text("state = 'removed'")
    op.create_index(
        "ix_documents_removed",
        "documents",
        ["created_at", "id"],
        sqlite_where=removed,
        postgresql_where=removed,
    )


def downgrade() -> None:
    # Nobody knew this state before; what is left of them is an object each that nothing names.
    op.execute(sa.text("DELETE FROM documents WHERE state = 'removed'"))
    op.drop_index("ix_documents_removed", "documents")
