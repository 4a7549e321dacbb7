"""Vendor exceptions become ours.

    DatabaseUnavailable   connection, pool, lock, space, time-out, schema: the same work may succeed later
    ValueError            a value that the tables cannot hold or that breaks a constraint: it never will

What SQLAlchemy says about its own use (a statement that cannot be built) is a fault of ours and passes through.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from academy.application.ports.database import DatabaseUnavailable

__all__ = ["translated"]


@contextmanager
def translated() -> Iterator[None]:
    """Raise DatabaseUnavailable or ValueError for what the driver raises inside; anything else passes through."""
    try:
        yield
    except (DataError, IntegrityError) as error:
        raise ValueError(f"the database refused a value: {_words(error)}") from error
    except DBAPIError as error:
        raise DatabaseUnavailable(_words(error)) from error
    except (PoolTimeout, DisconnectionError) as error:
        raise DatabaseUnavailable(str(error)) from error


def _words(error: DBAPIError) -> str:
    """Return the driver's own first line: the statement's parameters may hold what no log should."""
    return str(error.orig).strip().partition("\n")[0]
