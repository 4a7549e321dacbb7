"""What people call themselves, for what they did in an academy."""

from collections.abc import Collection, Mapping
from uuid import UUID

from academy.interfaces.api.accounts.models import User

__all__ = ["names_of"]


def names_of(viewers: Collection[str]) -> Mapping[str, str]:
    """Return the names of accounts by viewer id; what is no account's id, or of one that is gone or has no name, is left out."""
    ids = [found for each in set(viewers) if (found := _id(each)) is not None]
    return {user.viewer: user.name for user in User.objects.filter(pk__in=ids) if user.name} if ids else {}


def _id(viewer: str) -> UUID | None:
    try:
        return UUID(hex=viewer)
    except ValueError:
        return None
