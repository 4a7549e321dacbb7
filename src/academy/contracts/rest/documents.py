"""Documents: files that people upload for the AI worker, and files that its jobs made."""

from typing import Literal

from pydantic import AwareDatetime, Field

from academy.contracts.rest.common import PageQuery, RestRequest, RestResponse, Title
from academy.contracts.rest.jobs import FailureView
from academy.contracts.rest.people import Line
from academy.contracts.rest.videos import ContentType, TicketView

__all__ = [
    "BeginDocumentRequest",
    "DocumentAddressView",
    "DocumentPage",
    "DocumentPurposeName",
    "DocumentQuery",
    "DocumentStarted",
    "DocumentStateName",
    "DocumentView",
    "UploadPurposeName",
]

UploadPurposeName = Literal["scan", "blank_sheet", "paper", "roster", "homework", "study"]
DocumentPurposeName = Literal[
    "scan",
    "blank_sheet",
    "paper",
    "roster",
    "homework",
    "study",
    "sheets",
    "overlay",
    "note",
    "crop",
    "export",
]
DocumentStateName = Literal["pending", "ready", "failed"]
_SUBJECT = "What it belongs to, for example `exam:{id}`; empty for nothing."


class BeginDocumentRequest(RestRequest):
    """A file that somebody wants to upload."""

    purpose: UploadPurposeName = Field(
        description="`scan`: filled answer sheets. `blank_sheet`: one that is empty. `paper`: the exam's questions. `roster`: a "
        "spreadsheet of students. `homework`: a film of homework. `study`: chats, notes and documents for a knowledge graph: ZIP, JSON, "
        "MD, TXT, PDF, DOCX, PPTX, CSV, HTML."
    )
    file_name: Title = Field(description="As on the person's machine; for people only.", examples=["3반.pdf"])
    size: int = Field(ge=0, le=1 << 50, description="Bytes of the file.")
    content_type: ContentType = Field(
        description="What the file says it is; its first bytes decide.", examples=["application/pdf"]
    )
    subject: Line = Field("", description=_SUBJECT, examples=["exam:0192f0c4"])


class DocumentView(RestResponse):
    """A file of an academy."""

    id: str
    purpose: DocumentPurposeName
    state: DocumentStateName = Field(
        description="`pending`: its upload is open. `ready`: the file is there. `failed`: it was no such file."
    )
    file_name: str
    content_type: str
    size: int = Field(description="Bytes.")
    subject: str = Field(description=_SUBJECT)
    made_by: str = Field(description="Id of the user who uploaded it, or `job:{id}`.")
    failure: FailureView | None
    created_at: AwareDatetime


class DocumentStarted(RestResponse):
    """A new document and how to send its file; then POST `…/complete`."""

    document: DocumentView
    upload: TicketView


class DocumentQuery(PageQuery):
    """Which documents; the list is newest first."""

    purpose: DocumentPurposeName | None = None
    subject: str = Field(
        "", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="Only what belongs to this."
    )


class DocumentPage(RestResponse):
    """Documents, newest first."""

    items: list[DocumentView]
    next_cursor: str = Field(description="Empty on the last page.")


class DocumentAddressView(RestResponse):
    """Where a document can be fetched by anybody who has the address."""

    url: str = Field(description="Signed; needs no login.")
    expires_at: AwareDatetime
