"""Who is asking, and as what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from academy.domain.tenant.tenant import Role
from academy.interfaces.api import kinds
from academy.interfaces.api.problems import Trouble

__all__ = ["EVERYBODY", "MANAGERS", "OPERATORS", "STAFF", "Member", "Principal", "member_of"]

MANAGERS = frozenset({Role.OWNER, Role.TEACHER})
OPERATORS = frozenset({Role.OPERATOR})
STAFF = MANAGERS | OPERATORS
EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Principal:
    """A user who is logged in.

    Attributes:
        viewer: opaque id, as it stands in media addresses and lists of viewers.
        roles: by the id of the academy.
        is_authenticated: for Django REST framework.
    """

    viewer: str
    username: str
    name: str
    roles: Mapping[str, Role]
    is_authenticated: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Member:
    """A user in one academy."""

    viewer: str
    tenant_id: str
    role: Role

    @property
    def manages(self) -> bool:
        """Return whether the member sees and changes what the academy's staff does."""
        return self.role in MANAGERS


def member_of(principal: Principal, named: str) -> Member:
    """Return what somebody is in the academy that the request names, or in their only one. Raises Trouble."""
    found = [tenant_id for tenant_id in principal.roles if named in {"", tenant_id}]
    if not found:
        raise Trouble(kinds.ACADEMY_NOT_FOUND if named else kinds.NO_ACADEMY)
    if len(found) > 1:
        raise Trouble(kinds.ACADEMY_REQUIRED)
    return Member(principal.viewer, found[0], principal.roles[found[0]])
