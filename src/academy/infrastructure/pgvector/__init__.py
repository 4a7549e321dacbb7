"""Vectors of students' graphs in PostgreSQL with the extension `vector`: for a fleet of workers (GRA-3, GRA-8)."""
