"""An academy, the roles within it, and the object keys that are its own (API-2)."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Role", "Tenant", "check_id", "hls_prefix", "source_key", "video_prefixes", "work_prefix"]

_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Role(StrEnum):
    """What a member may do."""

    OWNER = "owner"
    TEACHER = "teacher"
    STUDENT = "student"
    PARENT = "parent"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One academy; `code` is its short public name, unique, which older producers send."""

    id: str
    code: str
    name: str
    created_at: datetime


def check_id(value: str) -> str:
    """Return `value` if it can stand in an object key as one part, else raise ValueError."""
    if not _SAFE_ID.fullmatch(value) or ".." in value:
        raise ValueError("an id is 1 to 100 of A-Z a-z 0-9 . _ - and holds no '..'")
    return value


def source_key(tenant_id: str, video_id: str) -> str:
    """Return where a video's upload lies."""
    return f"tenants/{check_id(tenant_id)}/video/source/{check_id(video_id)}/original"


def hls_prefix(tenant_id: str, video_id: str, revision: str = "") -> str:
    """Return the prefix of a video's published streams, or of one revision of it, with a trailing slash."""
    prefix = f"tenants/{check_id(tenant_id)}/video/hls/{check_id(video_id)}/"
    return f"{prefix}{check_id(revision)}/" if revision else prefix


def work_prefix(tenant_id: str, video_id: str) -> str:
    """Return the prefix of unfinished work on a video, with a trailing slash."""
    return f"tenants/{check_id(tenant_id)}/video/work/{check_id(video_id)}/"


def video_prefixes(tenant_id: str, video_id: str) -> tuple[str, ...]:
    """Return every prefix under which a video has objects."""
    source = f"tenants/{check_id(tenant_id)}/video/source/{check_id(video_id)}/"
    return source, work_prefix(tenant_id, video_id), hls_prefix(tenant_id, video_id)
