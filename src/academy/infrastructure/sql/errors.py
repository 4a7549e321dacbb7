"""Vendor exceptions become ours.

DatabaseUnavailable   connection, lock, space, time-out, schema: the same work may succeed later
ValueError            a value that the tables cannot hold or that breaks a constraint: it never will
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from academy.application.ports.database import DatabaseUnavailable

__all__ = ["translated"]


def _refused(error: SQLAlchemyError) -> bool:
    if isinstance(error, DataError | IntegrityError):
        return True
    # The drivers refuse some values before the database sees them (a number over 64 bits, a lone surrogate).
    return isinstance(error, DBAPIError) and isinstance(error.orig, sqlite3.DataError)


@contextmanager
def translated() -> Iterator[None]:
    """Raise DatabaseUnavailable or ValueError for what the driver raises inside; anything else passes through."""
    try:
        yield
    except SQLAlchemyError as error:
        # The statement's parameters may hold what no log should: only the driver's own words go on.
        words = str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0]
        if _refused(error):
            raise ValueError(f"the database refused a value: {words}") from error
        raise DatabaseUnavailable(words) from error
