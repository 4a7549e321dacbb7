"""Every table of the system, for whoever makes or migrates the whole schema."""

from academy.infrastructure.sql import tables, tables_academics, tables_ai, tables_graph, tables_messaging
from academy.infrastructure.sql.metadata import metadata

__all__ = ["metadata", "tables", "tables_academics", "tables_ai", "tables_graph", "tables_messaging"]
