"""Where what the graph worker makes lies; every key is below its academy."""

import hashlib

from academy.domain.tenant.tenant import check_id

__all__ = [
    "OUTCOMES_FOLDER",
    "build_prefix",
    "cache_prefix",
    "document_prefix",
    "outcomes_key",
    "tenant_graphs",
    "user_prefix",
]

OUTCOMES_FOLDER = "outcomes/"


def tenant_graphs(tenant_id: str) -> str:
    """Return where everything lies that the graph worker makes for an academy, with a trailing slash."""
    return f"tenants/{check_id(tenant_id)}/graph/users/"


def user_prefix(tenant_id: str, user_id: str) -> str:
    """Return where everything of a user lies, with a trailing slash. Ids are any text, so a digest stands for them."""
    return f"{tenant_graphs(tenant_id)}{hashlib.sha256(user_id.encode()).hexdigest()[:40]}/"


def build_prefix(tenant_id: str, user_id: str, build: str, attempt: int) -> str:
    """Return where one attempt of a build writes, with a trailing slash: no attempt overwrites another's."""
    return f"{user_prefix(tenant_id, user_id)}builds/{check_id(build)}-{attempt}/"


def outcomes_key(tenant_id: str, user_id: str, build: str, attempt: int) -> str:
    """Return where the outcomes of one attempt are kept that made nothing of its inputs."""
    return f"{user_prefix(tenant_id, user_id)}{OUTCOMES_FOLDER}{check_id(build)}-{attempt}.jsonl"


def cache_prefix(tenant_id: str, user_id: str) -> str:
    """Return where what stages computed is kept for the next build, with a trailing slash."""
    return f"{user_prefix(tenant_id, user_id)}cache/"


def document_prefix(tenant_id: str, user_id: str, document_id: str, build: str, attempt: int) -> str:
    """Return where one attempt to read a document under the microscope writes, with a trailing slash."""
    name = hashlib.sha256(document_id.encode()).hexdigest()[:40]
    return f"{user_prefix(tenant_id, user_id)}microscope/{name}/{check_id(build)}-{attempt}/"
