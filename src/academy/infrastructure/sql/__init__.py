"""Business tables, queues and progress in a relational database: one definition for SQLite and PostgreSQL."""
