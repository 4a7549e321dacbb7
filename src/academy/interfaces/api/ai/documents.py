"""Documents: upload, list, fetch, remove (SEC-2)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.ai.documents import NewDocument
from academy.application.ports.object_store import UploadPart
from academy.contracts.rest.documents import (
    BeginDocumentRequest,
    DocumentAddressView,
    DocumentPage,
    DocumentQuery,
    DocumentStarted,
    DocumentView,
)
from academy.contracts.rest.videos import CompleteUploadRequest
from academy.domain.document.document import DocumentPurpose
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.ai.endpoint import PaperEndpoint
from academy.interfaces.api.ai.present import document_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters
from academy.interfaces.api.video.present import ticket_view

__all__ = ["DocumentAddressDetailView", "DocumentCompleteView", "DocumentDetailView", "DocumentListView"]


class DocumentListView(PaperEndpoint):
    """All documents of an academy."""

    roles: ClassVar = {"GET": MANAGERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(DocumentQuery)],
        responses={200: DocumentPage},
        operation_id="list_documents",
        tags=["documents"],
    )
    def get(self, request: Request) -> Response:
        """List documents, newest first: what people uploaded, and what jobs made."""
        query = self.query(DocumentQuery)
        page = self.page(
            lambda tx: self.services.documents.list(
                tx, self.member.tenant_id, query.purpose or "", query.subject, query.cursor, query.limit
            )
        )
        items = [document_view(each, self.language) for each in page.items]
        return Response(DocumentPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=BeginDocumentRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: DocumentStarted},
        operation_id="begin_document",
        tags=["documents"],
    )
    def post(self, request: Request) -> Response:
        """Begin an upload: the answer says where to PUT the file; then POST `…/complete`."""
        asked = self.body(BeginDocumentRequest)
        before = self.answered_before(self.idempotency_key())
        if before is not None:
            return before
        fields = asked.model_dump() | {"purpose": DocumentPurpose(asked.purpose)}
        document, ticket = self.portal.call(
            self.services.documents.begin,
            self.member.tenant_id,
            self.member.viewer,
            NewDocument(**fields),
        )
        started = DocumentStarted(document=document_view(document, self.language), upload=ticket_view(ticket))
        # Of two requests with one key at once the later gets the first one's answer; its own upload is swept away.
        response = self.once(201, lambda _tx: started)
        kept = response.data if isinstance(response.data, DocumentStarted) else None
        made = kept.document.id if kept else response.data["document"]["id"]
        response["Location"] = f"/api/v1/documents/{made}"
        return response


class DocumentDetailView(PaperEndpoint):
    """One document."""

    roles: ClassVar = {"GET": MANAGERS, "DELETE": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: DocumentView}, operation_id="get_document", tags=["documents"]
    )
    def get(self, request: Request, document_id: str) -> Response:
        """Show a document."""
        found = self.read(lambda tx: self.services.documents.get(tx, self.member.tenant_id, document_id))
        return Response(document_view(found, self.language))

    @extend_schema(
        parameters=[TENANT], responses={204: None}, operation_id="remove_document", tags=["documents"]
    )
    def delete(self, request: Request, document_id: str) -> Response:
        """Delete a document and its file; one that a scan or a sheet uses is refused with `document_in_use`."""
        self.portal.call(self.services.documents.remove, self.member.tenant_id, document_id)
        return Response(status=204)


class DocumentCompleteView(PaperEndpoint):
    """The end of an upload."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=CompleteUploadRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={200: DocumentView},
        operation_id="complete_document",
        tags=["documents"],
    )
    def post(self, request: Request, document_id: str) -> Response:
        """Complete an upload: the first bytes of the file are looked at. Completing twice gives the same answer."""
        asked = self.body(CompleteUploadRequest)
        before = self.answered_before(self.idempotency_key())
        if before is not None:
            return before
        parts = [UploadPart(part.number, part.etag.strip('"')) for part in asked.parts]
        complete = self.services.documents.complete
        document = self.portal.call(complete, self.member.tenant_id, document_id, parts)
        # The use case gives the same however often it runs, so the answer may be kept after it.
        return self.once(200, lambda _tx: document_view(document, self.language))


class DocumentAddressDetailView(PaperEndpoint):
    """Where a document can be fetched."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: DocumentAddressView},
        operation_id="get_document_url",
        tags=["documents"],
    )
    def get(self, request: Request, document_id: str) -> Response:
        """Return a signed address of the file, good for some minutes; whoever has it needs no login."""
        url, expires_at = self.portal.call(self.services.documents.url, self.member.tenant_id, document_id)
        return Response(DocumentAddressView(url=url, expires_at=expires_at))
