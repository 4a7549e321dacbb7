"""A user's graph and the documents under the microscope, as rows know them; what they hold lies in the object store."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from academy.domain.tenant.tenant import check_id

__all__ = [
    "LensDocument",
    "UserGraph",
    "build_prefix",
    "cache_prefix",
    "document_prefix",
    "tenant_graphs",
    "user_prefix",
]


@dataclass(frozen=True, slots=True)
class UserGraph:
    """The graph of one user.

    Attributes:
        holder: id of the job that may change it now, "" when none: one at a time, so that none works on what another replaces.
        build: id of the job that made it as it is, "" before the first.
        prefix: under which its files lie, with a trailing slash; "" before the first.
        summary_key: "" when it has no summary of this build.
        recipe: how its vectors were made (FileRecipe.vectors).
    """

    tenant_id: str
    user_id: str
    holder: str
    build: str
    prefix: str
    summary_key: str
    recipe: str
    nodes: int
    edges: int
    clusters: int
    updated_at: datetime

    def file(self, name: str) -> str:
        """Return the key of one of its files."""
        return self.prefix + name


@dataclass(frozen=True, slots=True)
class LensDocument:
    """One document that was read under the microscope.

    Attributes:
        build: id of the job that read it last.
        key: of its file (MicroscopeFile).
        source_key: of the object it was read from.
        digest: SHA-256 of its text.
    """

    tenant_id: str
    user_id: str
    document_id: str
    build: str
    key: str
    source_key: str
    title: str
    language: str
    digest: str
    passages: int
    entities: int
    relations: int
    updated_at: datetime


def tenant_graphs(tenant_id: str) -> str:
    """Return where everything lies that the graph worker makes for an academy, with a trailing slash."""
    return f"tenants/{check_id(tenant_id)}/graph/users/"


def user_prefix(tenant_id: str, user_id: str) -> str:
    """Return where everything of a user lies, with a trailing slash. Ids are any text, so a digest stands for them."""
    return f"{tenant_graphs(tenant_id)}{hashlib.sha256(user_id.encode()).hexdigest()[:40]}/"


def build_prefix(tenant_id: str, user_id: str, build: str, attempt: int) -> str:
    """Return where one attempt of a build writes, with a trailing slash: no attempt overwrites another's."""
    return f"{user_prefix(tenant_id, user_id)}builds/{check_id(build)}-{attempt}/"


def cache_prefix(tenant_id: str, user_id: str) -> str:
    """Return where what stages computed is kept for the next build, with a trailing slash."""
    return f"{user_prefix(tenant_id, user_id)}cache/"


def document_prefix(tenant_id: str, user_id: str, document_id: str, build: str, attempt: int) -> str:
    """Return where one attempt to read a document under the microscope writes, with a trailing slash."""
    name = hashlib.sha256(document_id.encode()).hexdigest()[:40]
    return f"{user_prefix(tenant_id, user_id)}microscope/{name}/{check_id(build)}-{attempt}/"
