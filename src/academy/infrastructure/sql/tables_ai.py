"""The tables of documents, answer sheets and scans; see `tables.py` for what holds of all."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text, UniqueConstraint

from academy.domain.document.document import DocumentPurpose, DocumentState
from academy.domain.omr.scan import ScanState
from academy.infrastructure.sql.columns import Choice, FailureText, JsonText, Key, UtcMillis
from academy.infrastructure.sql.metadata import index_part, metadata

__all__ = ["documents", "exam_sheets", "page_decisions", "scan_pages", "scans"]

# The columns of `documents` and `scans` stand in the order of the fields of their classes; `omr_json.py` has the JSON.
documents = Table(
    "documents",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("purpose", Choice(DocumentPurpose), nullable=False),
    Column("state", Choice(DocumentState), nullable=False),
    Column("key", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("upload_id", Text, nullable=False),
    Column("made_by", Key, nullable=False),
    Column("subject", Key, nullable=False),
    Column("failure", FailureText),
    Column("created_at", UtcMillis, nullable=False),
)
_newest = (documents.c.created_at, documents.c.id)
Index("ix_documents_list", documents.c.tenant_id, *_newest)
Index("ix_documents_purpose", documents.c.tenant_id, documents.c.purpose, *_newest)
# Few documents have one subject, so their purpose needs no index besides.
Index("ix_documents_subject", documents.c.tenant_id, documents.c.subject, *_newest)
index_part("ix_documents_open", documents.c.state == DocumentState.PENDING, *_newest)
index_part("ix_documents_removed", documents.c.state == DocumentState.REMOVED, *_newest)

exam_sheets = Table(
    "exam_sheets",
    metadata,
    Column("tenant_id", Key, nullable=False),
    Column("exam_id", Key, primary_key=True),
    Column("spec", JsonText, nullable=False),
    Column("key", JsonText),
    Column("threshold", Float, nullable=False),
    Column("blank_document_id", Key, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("by", Key, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    # The highest number that a scan of the exam ever had: a removed one's is not given again.
    Column("last_scan", Integer, nullable=False),
)

scans = Table(
    "scans",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenant_id", Key, nullable=False),
    Column("exam_id", Key, nullable=False),
    Column("number", Integer, nullable=False),
    Column("document_id", Key, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("state", Choice(ScanState), nullable=False),
    Column("revision", Key, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("job_id", Key, nullable=False),
    Column("failure", FailureText),
    Column("by", Key, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    UniqueConstraint("exam_id", "number"),
)

scan_pages = Table(
    "scan_pages",
    metadata,
    Column("tenant_id", Key, nullable=False),
    Column("scan_id", Key, primary_key=True),
    Column("revision", Key, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("reading", JsonText, nullable=False),
    Column("overlay_key", Text, nullable=False),
)

# Of two who decide at once, both would append the same number: the key lets one of them.
page_decisions = Table(
    "page_decisions",
    metadata,
    Column("tenant_id", Key, nullable=False),
    Column("scan_id", Key, primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("by", Key, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("decision", JsonText, nullable=False),
)
