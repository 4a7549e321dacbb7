"""The names of the messaging job types, and what lists of jobs call an order."""

__all__ = ["DIRECT", "REPORTS", "SEND", "SETTLE", "order_subject"]

SEND = "message.send"
SETTLE = "message.settle"
REPORTS = "message.reports"
DIRECT = "message.direct"


def order_subject(order_id: str) -> str:
    """Return how lists of jobs name an order."""
    return f"messages:{order_id}"
