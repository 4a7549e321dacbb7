"""The names of the messaging job types, and what lists of jobs call an order."""

from hashlib import sha256

__all__ = ["DIRECT", "REPORTS", "SEND", "SETTLE", "bounded", "order_subject"]

SEND = "message.send"
SETTLE = "message.settle"
REPORTS = "message.reports"
DIRECT = "message.direct"

LONGEST = 200
"""Letters of an id (see `contracts.envelope`)."""


def bounded(made: str) -> str:
    """Return an id that was made of others: as it is, or where it is too long its beginning and a digest of the whole."""
    if len(made) <= LONGEST:
        return made
    digest = sha256(made.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{made[: LONGEST - len(digest) - 1]}~{digest}"


def order_subject(order_id: str) -> str:
    """Return how lists of jobs name an order."""
    return f"messages:{order_id}"
