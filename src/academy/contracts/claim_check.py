"""What a message carries instead of a body that is too large for the broker (QUE-7)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from academy.contracts.base import Contract

__all__ = ["ClaimCheck", "ClaimCheckMessage"]


class ClaimCheck(Contract):
    """Where the body is. It is the object's bytes, UTF-8; the last part of the key is their SHA-256 in hexadecimal."""

    v: Literal[1] = Field(1, description="Version of the claim check.")
    key: Annotated[
        str,
        StringConstraints(
            pattern=r"^tenants/[A-Za-z0-9][A-Za-z0-9._-]{0,99}/claim-checks/[0-9a-f]{64}$", max_length=200
        ),
    ] = Field(description="Key in the object store: `tenants/{tenant}/claim-checks/{sha256 of the body}`.")


class ClaimCheckMessage(Contract):
    """The whole body of such a message."""

    claim_check: ClaimCheck
