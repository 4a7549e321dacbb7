"""A user's graph and the documents under the microscope, as rows know them; what they hold lies in the object store."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["LensDocument", "UserGraph"]


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
