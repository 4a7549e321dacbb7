"""Users' graphs, and documents under the microscope."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "graphs",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("user_id", key, nullable=False),
        sa.Column("holder", key, nullable=False),
        sa.Column("build", key, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("summary_key", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("nodes", sa.Integer(), nullable=False),
        sa.Column("edges", sa.Integer(), nullable=False),
        sa.Column("clusters", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_graphs")),
    )
    op.create_table(
        "lens_documents",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("user_id", key, nullable=False),
        sa.Column("document_id", key, nullable=False),
        sa.Column("build", key, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("entities", sa.Integer(), nullable=False),
        sa.Column("relations", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "document_id", name=op.f("pk_lens_documents")),
    )


def downgrade() -> None:
    for table in ("lens_documents", "graphs"):
        op.drop_table(table)
