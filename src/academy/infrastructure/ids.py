"""Ids: UUIDv7, so that rows made together lie together (RFC 9562, 5.7)."""

import os
import time
import uuid

__all__ = ["new_id"]


def new_id() -> str:
    """Return a fresh UUIDv7 as text."""
    millis = time.time_ns() // 1_000_000
    value = (millis & ((1 << 48) - 1)) << 80 | 7 << 76 | int.from_bytes(os.urandom(10), "big") & ~(0xF << 76)
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
