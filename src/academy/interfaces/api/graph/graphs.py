"""Knowledge graphs: order, look, erase (GRA-3 to GRA-5, GRA-8)."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.contracts.graph_search import SearchGraph
from academy.contracts.graph_summary import GraphSummary
from academy.contracts.rest.graphs import (
    AddNodesRequest,
    GenerateGraphRequest,
    GraphDetail,
    GraphPage,
    GraphQuery,
    GraphSearchRequest,
    GraphSummaryRequest,
    GraphView,
    UserQuery,
)
from academy.contracts.rest.jobs import JobView
from academy.domain.graph.graph import UserGraph
from academy.interfaces.api.accounts.members import STAFF
from academy.interfaces.api.graph.endpoint import GraphEndpoint, address, material_of
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = [
    "GraphDetailView",
    "GraphListView",
    "GraphNodesView",
    "GraphPictureView",
    "GraphSearchView",
    "GraphSummaryView",
]


class GraphListView(GraphEndpoint):
    """All graphs of an academy."""

    roles: ClassVar = {"GET": STAFF, "POST": STAFF, "DELETE": STAFF}

    @extend_schema(
        parameters=[TENANT, *parameters(GraphQuery)],
        responses={200: GraphPage},
        operation_id="list_graphs",
        tags=["graphs"],
    )
    def get(self, request: Request) -> Response:
        """List the graphs of an academy's users, by user id."""
        query = self.query(GraphQuery)
        page = self.page(
            lambda tx: self.desk.graphs(tx, self.member.tenant_id, query.cursor, query.limit),
        )
        items = [GraphView(**_fields(each)) for each in page.items]
        return Response(GraphPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=GenerateGraphRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="generate_graph",
        tags=["graphs"],
    )
    def post(self, request: Request) -> Response:
        """Have a user's graph made of uploaded documents, keys and prefixes, in the place of the one there is."""
        asked = self.body(GenerateGraphRequest)
        return self.ordered(
            lambda tx: self.desk.generate(
                tx,
                self.member.tenant_id,
                asked.user_id,
                material_of(asked),
                include_summary=asked.include_summary,
                language=asked.language,
                seed=asked.seed,
                trace=self.traceparent,
            )
        )

    @extend_schema(
        parameters=[TENANT, IDEMPOTENT, *parameters(UserQuery)],
        responses={202: JobView},
        operation_id="erase_graph",
        tags=["graphs"],
    )
    def delete(self, request: Request) -> Response:
        """Have everything removed that was made for a user: graph, vectors, documents under the microscope, what is under way.

        Documents that were uploaded stay; DELETE them. Also taken for a user who is unknown here, so that nothing can be left over.
        """
        query = self.query(UserQuery)
        return self.ordered(
            lambda tx: self.desk.erase(tx, self.member.tenant_id, query.user_id, self.traceparent)
        )


class GraphDetailView(GraphEndpoint):
    """One graph. Its user is in the query, for an id of any text does not fit a path."""

    roles: ClassVar = {"GET": STAFF}

    @extend_schema(
        parameters=[TENANT, *parameters(UserQuery)],
        responses={200: GraphDetail},
        operation_id="get_graph",
        tags=["graphs"],
    )
    def get(self, request: Request) -> Response:
        """Show a user's graph and where its files are fetched; the addresses are good for ten minutes."""
        query = self.query(UserQuery)
        graph, now = self.services.database.read_sync(
            lambda tx: (self.desk.graph(tx, self.member.tenant_id, query.user_id), tx.now())
        )
        files = self.portal.call(self.desk.files, graph, now)
        return Response(GraphDetail(**_fields(graph), files={file.name: address(file) for file in files}))


class GraphNodesView(GraphEndpoint):
    """Nodes of a graph that is there."""

    roles: ClassVar = {"POST": STAFF}

    @extend_schema(
        request=AddNodesRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="add_graph_nodes",
        tags=["graphs"],
    )
    def post(self, request: Request) -> Response:
        """Let documents join a user's graph without a rebuild; nodes and clusters that are there stay what they were."""
        asked = self.body(AddNodesRequest)
        return self.ordered(
            lambda tx: self.desk.add_nodes(
                tx, self.member.tenant_id, asked.user_id, material_of(asked), self.traceparent
            )
        )


class GraphPictureView(GraphEndpoint):
    """The picture of a graph."""

    roles: ClassVar = {"GET": STAFF}

    @extend_schema(
        parameters=[TENANT, *parameters(UserQuery)],
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
        operation_id="get_graph_picture",
        tags=["graphs"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the picture of a user's graph as it is now, an SVG without scripts."""
        graph = self.graph(self.query(UserQuery).user_id)
        return HttpResponse(self.portal.call(self.desk.picture, graph), content_type="image/svg+xml")


class GraphSearchView(GraphEndpoint):
    """Searches of a graph."""

    roles: ClassVar = {"POST": STAFF}

    @extend_schema(
        request=GraphSearchRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="search_graph",
        tags=["graphs"],
    )
    def post(self, request: Request) -> Response:
        """Have nodes of a user's graph found that are near a text; the job's result has them, the nearest first."""
        wish = SearchGraph.model_validate(self.body(GraphSearchRequest).model_dump())
        return self.ordered(lambda tx: self.desk.search(tx, self.member.tenant_id, wish, self.traceparent))


class GraphSummaryView(GraphEndpoint):
    """The summary of a graph."""

    roles: ClassVar = {"GET": STAFF, "POST": STAFF}

    @extend_schema(
        parameters=[TENANT, *parameters(UserQuery)],
        responses={200: GraphSummary},
        operation_id="get_graph_summary",
        tags=["graphs"],
    )
    def get(self, request: Request) -> Response:
        """Return what a user's graph holds as it is now; 404 until it was ordered, and after the graph changed."""
        graph = self.graph(self.query(UserQuery).user_id)
        return Response(GraphSummary.model_validate_json(self.portal.call(self.desk.summary, graph)))

    @extend_schema(
        request=GraphSummaryRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="summarize_graph",
        tags=["graphs"],
    )
    def post(self, request: Request) -> Response:
        """Have it said what a user's graph holds, in numbers and words; every claim cites nodes."""
        asked = self.body(GraphSummaryRequest)
        return self.ordered(
            lambda tx: self.desk.summarize(
                tx, self.member.tenant_id, asked.user_id, asked.language, self.traceparent
            )
        )


def _fields(graph: UserGraph) -> dict[str, object]:
    return {
        "user_id": graph.user_id,
        "nodes": graph.nodes,
        "edges": graph.edges,
        "clusters": graph.clusters,
        "recipe": graph.recipe,
        "has_summary": bool(graph.summary_key),
        "changed_by": graph.build,
        "updated_at": graph.updated_at,
    }
