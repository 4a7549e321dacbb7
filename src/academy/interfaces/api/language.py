"""Which language a person reads: Korean or English, by Accept-Language (RFC 9110, 12.5.4)."""

from typing import Literal

__all__ = ["Language", "language_of"]

Language = Literal["ko", "en"]
_MAX_RANGES = 20


def language_of(accept: str) -> Language:
    """Return the language that an Accept-Language header prefers; English when it names neither."""
    best: Language = "en"
    best_weight = 0.0
    for item in accept.split(",", _MAX_RANGES)[:_MAX_RANGES]:
        tag, _, parameters = item.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if weight > best_weight and primary in {"ko", "en"}:
            best, best_weight = ("ko" if primary == "ko" else "en"), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
