"""The tables of graphs and microscope documents; see `tables.py` for what holds of all."""

from sqlalchemy import Column, Integer, Table, Text

from academy.infrastructure.sql.columns import Key, UtcMillis
from academy.infrastructure.sql.metadata import metadata

__all__ = ["graphs", "lens_documents"]

# The columns stand in the order of the fields of their classes.
graphs = Table(
    "graphs",
    metadata,
    Column("tenant_id", Key, primary_key=True),
    Column("user_id", Key, primary_key=True),
    Column("holder", Key, nullable=False),
    Column("build", Key, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("summary_key", Text, nullable=False),
    Column("recipe", Text, nullable=False),
    Column("nodes", Integer, nullable=False),
    Column("edges", Integer, nullable=False),
    Column("clusters", Integer, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)

lens_documents = Table(
    "lens_documents",
    metadata,
    Column("tenant_id", Key, primary_key=True),
    Column("user_id", Key, primary_key=True),
    Column("document_id", Key, primary_key=True),
    Column("build", Key, nullable=False),
    Column("key", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("passages", Integer, nullable=False),
    Column("entities", Integer, nullable=False),
    Column("relations", Integer, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
)
