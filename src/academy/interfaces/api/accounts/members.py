"""Who is asking, and as what."""

from collections.abc import Iterable
from dataclasses import dataclass

from academy.domain.tenant.tenant import Role
from academy.interfaces.api import kinds
from academy.interfaces.api.accounts.models import Membership, User
from academy.interfaces.api.problems import Trouble

__all__ = ["EVERYBODY", "MANAGERS", "OPERATORS", "STAFF", "Member", "member_of"]

MANAGERS = frozenset({Role.OWNER, Role.TEACHER})
OPERATORS = frozenset({Role.OPERATOR})
STAFF = MANAGERS | OPERATORS
EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Member:
    """A user in one academy; `viewer` is the user's opaque id."""

    viewer: str
    tenant_id: str
    role: Role

    @property
    def manages(self) -> bool:
        """Return whether the member sees and changes what the academy's staff does."""
        return self.role in MANAGERS


def member_of(user: User, named: str) -> Member:
    """Return what `user` is in the academy that the request names, or in their only one. Raises Trouble."""
    memberships: Iterable[Membership] = user.memberships.all()
    found = [each for each in memberships if named in {"", each.tenant_id}]
    if not found:
        raise Trouble(kinds.ACADEMY_NOT_FOUND if named else kinds.NO_ACADEMY)
    if len(found) > 1:
        raise Trouble(kinds.ACADEMY_REQUIRED)
    return Member(user.viewer, found[0].tenant_id, Role(found[0].role))
