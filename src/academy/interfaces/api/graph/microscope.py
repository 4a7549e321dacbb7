"""The microscope: documents under it, and questions to them (GRA-6)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.contracts.microscope import AskMicroscope, RelatedQuestions, Synthesize
from academy.contracts.rest.graphs import (
    AskDocumentsRequest,
    LookIntoDocumentRequest,
    MicroscopeDocumentName,
    MicroscopeDocumentPage,
    MicroscopeDocumentQuery,
    MicroscopeDocumentView,
    RelatedQuestionsRequest,
    SynthesisRequest,
)
from academy.contracts.rest.jobs import JobView
from academy.interfaces.api.accounts.members import STAFF
from academy.interfaces.api.graph.endpoint import GraphEndpoint, address
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = [
    "MicroscopeDocumentListView",
    "MicroscopeQuestionsView",
    "MicroscopeRelatedQuestionsView",
    "MicroscopeSynthesesView",
]


class MicroscopeDocumentListView(GraphEndpoint):
    """Documents under the microscope."""

    roles: ClassVar = {"GET": STAFF, "POST": STAFF, "DELETE": STAFF}

    @extend_schema(
        parameters=[TENANT, *parameters(MicroscopeDocumentQuery)],
        responses={200: MicroscopeDocumentPage},
        operation_id="list_microscope_documents",
        tags=["microscope"],
    )
    def get(self, request: Request) -> Response:
        """List a user's documents under the microscope, by id, each with where its file is fetched."""
        query, tenant_id = self.query(MicroscopeDocumentQuery), self.member.tenant_id
        page, now = self.page(
            lambda tx: (
                self.desk.documents(tx, tenant_id, query.user_id, query.cursor, query.limit),
                tx.now(),
            )
        )
        items = [
            MicroscopeDocumentView(
                document_id=each.document_id,
                title=each.title,
                language=each.language,
                passages=each.passages,
                entities=each.entities,
                relations=each.relations,
                digest=each.digest,
                file=address(self.portal.call(self.desk.signed, "file", each.key, now)),
                updated_at=each.updated_at,
            )
            for each in page.items
        ]
        return Response(MicroscopeDocumentPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=LookIntoDocumentRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="look_into_document",
        tags=["microscope"],
    )
    def post(self, request: Request) -> Response:
        """Have one document read into passages, entities and relations."""
        asked = self.body(LookIntoDocumentRequest)
        return self.ordered(
            lambda tx: self.desk.ingest(
                tx, self.member.tenant_id, trace=self.traceparent, **asked.model_dump()
            )
        )

    @extend_schema(
        parameters=[TENANT, *parameters(MicroscopeDocumentName)],
        responses={204: None},
        operation_id="remove_microscope_document",
        tags=["microscope"],
    )
    def delete(self, request: Request) -> Response:
        """Take a document from under the microscope: what was read of it is removed, and no answer cites it any more.

        The upload stays, and so does the graph.
        """
        query, database = self.query(MicroscopeDocumentName), self.services.database
        found = database.read_sync(
            lambda tx: self.desk.document(tx, self.member.tenant_id, query.user_id, query.document_id)
        )
        self.portal.call(self.desk.remove_file, found)
        database.run_sync(lambda tx: self.desk.remove_row(tx, found))
        return Response(status=204)


class MicroscopeQuestionsView(GraphEndpoint):
    """Questions to documents."""

    roles: ClassVar = {"POST": STAFF}

    @extend_schema(
        request=AskDocumentsRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="ask_documents",
        tags=["microscope"],
    )
    def post(self, request: Request) -> Response:
        """Ask documents; the job's result is the answer, every sentence cited, or that nothing in them answers."""
        wish = AskMicroscope.model_validate(self.body(AskDocumentsRequest).model_dump())
        return self.ordered(lambda tx: self.desk.ask(tx, self.member.tenant_id, wish, self.traceparent))


class MicroscopeSynthesesView(GraphEndpoint):
    """What documents say together."""

    roles: ClassVar = {"POST": STAFF}

    @extend_schema(
        request=SynthesisRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="synthesize_documents",
        tags=["microscope"],
    )
    def post(self, request: Request) -> Response:
        """Have it put together what several documents say of a topic, every sentence cited."""
        wish = Synthesize.model_validate(self.body(SynthesisRequest).model_dump())
        return self.ordered(lambda tx: self.desk.ask(tx, self.member.tenant_id, wish, self.traceparent))


class MicroscopeRelatedQuestionsView(GraphEndpoint):
    """Questions that documents answer."""

    roles: ClassVar = {"POST": STAFF}

    @extend_schema(
        request=RelatedQuestionsRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="find_related_questions",
        tags=["microscope"],
    )
    def post(self, request: Request) -> Response:
        """Have questions found that the documents answer, each with where."""
        wish = RelatedQuestions.model_validate(self.body(RelatedQuestionsRequest).model_dump())
        return self.ordered(lambda tx: self.desk.ask(tx, self.member.tenant_id, wish, self.traceparent))
