"""Vectors of students' graphs in ChromaDB's embedded client: one folder for each owner (GRA-3, GRA-8)."""
