"""Which names an object may have: the same for every store, so that a key can move between them."""

__all__ = ["MAX_KEY_BYTES", "checked_key", "checked_prefix"]

MAX_KEY_BYTES = 1024
"""Longest key in UTF-8 (Amazon S3, "Naming Amazon S3 objects"; Cloudflare R2 has the same limit)."""


def checked_key(key: str) -> str:
    """Return the key if it is one, else raise ValueError.

    A key is 1 to 1,024 bytes of UTF-8 without control characters; its parts between `/` are not empty, `.` or `..`.
    """
    try:
        size = len(key.encode())
    except UnicodeEncodeError as error:
        raise ValueError("an object key is Unicode text without surrogates") from error
    if not 0 < size <= MAX_KEY_BYTES:
        raise ValueError(f"an object key has 1 to {MAX_KEY_BYTES} bytes, not {size}")
    if any(character < " " or character == "\x7f" for character in key):
        raise ValueError("an object key has no control characters")
    if any(part in {"", ".", ".."} for part in key.split("/")):
        raise ValueError("an object key has no empty part and no part '.' or '..'")
    return key


def checked_prefix(prefix: str) -> str:
    """Return the prefix if keys can start with it and it ends with `/`, else raise ValueError."""
    if not prefix.endswith("/"):
        raise ValueError("a prefix ends with '/'")
    return checked_key(prefix[:-1]) + "/"
