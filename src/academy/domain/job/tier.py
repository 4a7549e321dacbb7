"""Tiers: what a job of the AI worker may cost, and so which machines take it (AI-1)."""

from enum import StrEnum

__all__ = ["Tier", "and_above"]


class Tier(StrEnum):
    """LITE: seconds of one core. BASIC: minutes of a core. PREMIUM: loads models, on a GPU where there is one."""

    LITE = "lite"
    BASIC = "basic"
    PREMIUM = "premium"


def and_above(least: Tier) -> tuple[Tier, ...]:
    """Return a tier and those above it, the least first."""
    order = tuple(Tier)
    return order[order.index(least) :]
