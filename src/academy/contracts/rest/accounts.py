"""Logging in and who one is."""

from typing import Literal

from pydantic import AwareDatetime, Field, SecretStr

from academy.contracts.rest.common import RestRequest, RestResponse

__all__ = ["LoginAnswer", "LoginRequest", "Me", "MembershipView", "RoleName"]

RoleName = Literal["owner", "teacher", "student", "parent", "operator"]


class LoginRequest(RestRequest):
    """A name and a password."""

    username: str = Field(min_length=1, max_length=150, pattern=r"^[^\x00-\x1f\x7f]+$")
    password: SecretStr = Field(min_length=1, max_length=1000)


class MembershipView(RestResponse):
    """What one is in an academy."""

    tenant_id: str = Field(description="For the header `X-Academy-Tenant`.")
    code: str = Field(description="The academy's short name.")
    name: str = Field(description="The academy's name.")
    role: RoleName


class Me(RestResponse):
    """A user and the academies they belong to."""

    id: str = Field(description="Opaque; the `viewer` in lists of viewers.")
    username: str
    name: str
    memberships: list[MembershipView]


class LoginAnswer(RestResponse):
    """A token for the header `Authorization: Bearer {token}`."""

    token: str = Field(description="Secret; shown once.")
    expires_at: AwareDatetime
    user: Me
