"""Documents, the answer sheets and keys of exams, scans, what was read from them and what people decided."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _documents()
    op.create_table(
        "exam_sheets",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("exam_id", key, nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("blank_document_id", key, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by", key, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("last_scan", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_exam_sheets")),
    )
    _scans()


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("made_by", key, nullable=False),
        sa.Column("subject", key, nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index("ix_documents_list", "documents", ["tenant_id", "created_at", "id"])
    op.create_index("ix_documents_purpose", "documents", ["tenant_id", "purpose", "created_at", "id"])
    op.create_index("ix_documents_subject", "documents", ["tenant_id", "subject", "created_at", "id"])
    still_open = sa.text("state = 'pending'")
    op.create_index(
        "ix_documents_open",
        "documents",
        ["created_at", "id"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _scans() -> None:
    op.create_table(
        "scans",
        sa.Column("id", key, nullable=False),
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("exam_id", key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document_id", key, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", key, nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("job_id", key, nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("by", key, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
        sa.UniqueConstraint("exam_id", "number", name=op.f("uq_scans_exam_id_number")),
    )
    op.create_table(
        "scan_pages",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("scan_id", key, nullable=False),
        sa.Column("revision", key, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("overlay_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scan_id", "revision", "number", name=op.f("pk_scan_pages")),
    )
    op.create_table(
        "page_decisions",
        sa.Column("tenant_id", key, nullable=False),
        sa.Column("scan_id", key, nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", key, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scan_id", "page", "number", name=op.f("pk_page_decisions")),
    )


def downgrade() -> None:
    for table in ("page_decisions", "scan_pages", "scans", "exam_sheets", "documents"):
        op.drop_table(table)
