"""A document: one file of an academy in the object store, uploaded by a person or made by a job."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from academy.domain.failures import Failure

__all__ = [
    "DOCUMENT_ROOT",
    "MADE",
    "Document",
    "DocumentPurpose",
    "DocumentState",
    "document_key",
    "file_name_of",
    "study_document",
    "study_folder",
    "study_key",
]

DOCUMENT_ROOT = "documents"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_OUR_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LONGEST_NAME = 120
_LONGEST_PART = 180
_NOT_IN_KEYS = re.compile(r"[\x00-\x20\x7f=%#&+]+|\.{2,}")


class DocumentPurpose(StrEnum):
    """What a document is for; the first ones are uploaded, those in MADE come from jobs."""

    SCAN = "scan"
    BLANK_SHEET = "blank_sheet"
    PAPER = "paper"
    ROSTER = "roster"
    HOMEWORK = "homework"
    STUDY = "study"
    SHEETS = "sheets"
    OVERLAY = "overlay"
    NOTE = "note"
    CROP = "crop"
    EXPORT = "export"


MADE = frozenset(
    {
        DocumentPurpose.SHEETS,
        DocumentPurpose.OVERLAY,
        DocumentPurpose.NOTE,
        DocumentPurpose.CROP,
        DocumentPurpose.EXPORT,
    }
)


class DocumentState(StrEnum):
    """PENDING: its upload is open. READY: the file is there. FAILED: the upload was no such file; `failure` says why.

    REMOVED: nobody finds it any more; its object goes next, then its row.
    """

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Document:
    """One file.

    Attributes:
        key: of the object.
        file_name: for people, without a folder.
        size: bytes.
        upload_id: of the open upload at the store, "" for none.
        made_by: the account that uploads it, or "job:ID".
        subject: what it belongs to ("exam:…"), "" for nothing.
    """

    id: str
    tenant_id: str
    purpose: DocumentPurpose
    state: DocumentState
    key: str
    file_name: str
    content_type: str
    size: int
    upload_id: str
    made_by: str
    subject: str
    failure: Failure | None
    created_at: datetime


def document_key(tenant_id: str, document_id: str) -> str:
    """Return where the object of a document lies."""
    return f"{DOCUMENT_ROOT}/{tenant_id}/{document_id}"


def study_key(tenant_id: str, document_id: str, file_name: str) -> str:
    """Return where the object of a document for a graph lies: below its academy, and named as people know it, for nodes are named so."""
    stem, dot, ending = _NOT_IN_KEYS.sub("-", file_name).strip(".-").rpartition(".")
    if not dot or len(ending.encode()) > 10:
        stem, dot, ending = stem + dot + ending, "", ""
    room = _LONGEST_PART - len(dot + ending)
    short = stem.encode()[:room].decode(errors="ignore")
    return f"{study_folder(tenant_id)}{document_id}/{short or 'study'}{dot}{ending}"


def study_folder(tenant_id: str) -> str:
    """Return below what the objects of an academy's documents for graphs lie; producers may keep files of their own there."""
    return f"tenants/{tenant_id}/{DOCUMENT_ROOT}/"


def study_document(tenant_id: str, key: str) -> str:
    """Return the id of the document to which an object would belong, "" for one that is none of ours: our ids are UUIDv7."""
    parts = key.removeprefix(study_folder(tenant_id)).split("/")
    return parts[0] if len(parts) == 2 and _OUR_ID.fullmatch(parts[0]) else ""


def file_name_of(given: str, otherwise: str) -> str:
    """Return a file name as browsers may save it: no folders, no control characters, at most 120 characters."""
    cleaned = _UNSAFE.sub(" ", given).strip(" .")[-_LONGEST_NAME:]
    return cleaned or otherwise
