"""Knowledge graphs and the microscope over HTTP (GRA-1 to GRA-8)."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from academy.contracts.graph import Key, Language, UserId
from academy.contracts.rest.common import PageQuery, QueryParameters, RestRequest, RestResponse
from academy.contracts.rest.people import Identity

__all__ = [
    "AddNodesRequest",
    "AskDocumentsRequest",
    "FileAddress",
    "GenerateGraphRequest",
    "GraphDetail",
    "GraphPage",
    "GraphQuery",
    "GraphSearchRequest",
    "GraphSummaryRequest",
    "GraphView",
    "LookIntoDocumentRequest",
    "MicroscopeDocumentName",
    "MicroscopeDocumentPage",
    "MicroscopeDocumentQuery",
    "MicroscopeDocumentView",
    "RelatedQuestionsRequest",
    "SynthesisRequest",
    "UserQuery",
]

_MOST_NAMED = 2000
_USER = "Whose: any text by which your own system knows a learner; it comes back unchanged."
_KEYS = (
    "Objects in the AI bucket, below `tenants/{academy}/`. Another academy's are refused with `foreign_key`."
)
_LOOKED_AT = "Ids of documents under the microscope; empty: all of the user's."
_CURSOR = "`next_cursor` of the page before; empty for the first."
LongestCursor = Annotated[str, StringConstraints(max_length=6000, pattern=r"^[A-Za-z0-9_=.~-]*$")]
"""Of lists that go by ids of up to a thousand characters."""
_LensId = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Line = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Words = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]


class _MaterialRequest(RestRequest):
    user_id: UserId = Field(description=_USER, examples=["학생-20391"])
    document_ids: list[Identity] = Field(
        [], max_length=_MOST_NAMED, description="Documents `study` that were uploaded through `/documents`."
    )
    keys: list[Key] = Field([], max_length=_MOST_NAMED, description=_KEYS)
    prefixes: list[Key] = Field(
        [], max_length=100, description="Everything that lies under these; each ends with `/`."
    )


class GenerateGraphRequest(_MaterialRequest):
    """A graph to be made of everything that is named, in the place of the one that the user has."""

    include_summary: bool = False
    language: Language = Field("auto", description="Of names and summary.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="The same inputs and seed give the same graph.")


class AddNodesRequest(_MaterialRequest):
    """Documents that join a user's graph without a rebuild."""


class GraphSummaryRequest(RestRequest):
    """What a user's graph holds, to be said in numbers and words."""

    user_id: UserId = Field(description=_USER)
    language: Language = "auto"


class GraphSearchRequest(RestRequest):
    """A text; the job's result is the nodes of the user's graph that are near it."""

    user_id: UserId = Field(description=_USER)
    text: Annotated[_Words, Field(min_length=1, examples=["교착 상태를 막는 방법"])]
    limit: int = Field(10, ge=1, le=50)


class LookIntoDocumentRequest(RestRequest):
    """One document to be read under the microscope, in the place of what was read of it before."""

    user_id: UserId = Field(description=_USER)
    document_id: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        "", description="Document `study` that was uploaded; or give `key`."
    )
    key: Annotated[str, StringConstraints(max_length=1024, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        "", description=_KEYS
    )
    part: _Line = Field("", description="Own id of the document that is meant, in a file that holds several.")
    title: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    language: Language = "auto"


class _AskRequest(RestRequest):
    user_id: UserId = Field(description=_USER)
    document_ids: list[_LensId] = Field([], max_length=500, description=_LOOKED_AT)
    language: Language = "auto"


class AskDocumentsRequest(_AskRequest):
    """A question to documents under the microscope; the job's result is the answer, every sentence cited."""

    question: Annotated[_Words, Field(min_length=1, examples=["조선을 건국한 사람은 누구인가?"])]
    limit: int = Field(5, ge=1, le=20, description="Passages to answer from.")


class SynthesisRequest(_AskRequest):
    """What several documents say of a topic."""

    topic: Annotated[_Words, Field(max_length=500)] = Field("", description="Empty: of everything.")
    sentences: int = Field(8, ge=1, le=30)


class RelatedQuestionsRequest(_AskRequest):
    """Questions that the documents answer."""

    question: _Words = Field("", description="Near this one; empty: about what is most important.")
    limit: int = Field(5, ge=1, le=20)


class UserQuery(QueryParameters):
    """Whose."""

    user_id: UserId = Field(description=_USER)


class GraphQuery(PageQuery):
    """Which page of the graphs."""

    cursor: LongestCursor = Field("", description=_CURSOR)


class MicroscopeDocumentQuery(PageQuery):
    """Whose documents."""

    cursor: LongestCursor = Field("", description=_CURSOR)
    user_id: UserId = Field(description=_USER)


class MicroscopeDocumentName(UserQuery):
    """Which document."""

    document_id: _LensId = Field(description="As citations name it.")


class GraphView(RestResponse):
    """A user's graph."""

    user_id: str
    nodes: int
    edges: int
    clusters: int
    recipe: str = Field(description="How its vectors were made; graphs of one recipe can be compared.")
    has_summary: bool
    changed_by: str = Field(description="Id of the job that made it as it is.")
    updated_at: AwareDatetime


class GraphPage(RestResponse):
    """Graphs, by user id."""

    items: list[GraphView]
    next_cursor: str = Field(description="Empty on the last page.")


class FileAddress(RestResponse):
    """Where a file can be fetched by anybody who has the address."""

    url: str = Field(description="Signed; needs no login.")
    expires_at: AwareDatetime


class GraphDetail(GraphView):
    """A user's graph and its files."""

    files: dict[str, FileAddress] = Field(
        description="`graph` (graph_final.json), `picture` (SVG), `graphml`, `gexf`, `features` (.npz), `outcomes` (a JSON object a "
        "line), `summary`. A graph that documents joined has no pictures until it is made again."
    )


class MicroscopeDocumentView(RestResponse):
    """A document under the microscope."""

    document_id: str = Field(description="As citations name it.")
    title: str
    language: str
    passages: int
    entities: int
    relations: int
    digest: str = Field(description="SHA-256 of its text.")
    file: FileAddress = Field(description="Its text, passages, entities and relations as JSON.")
    updated_at: AwareDatetime


class MicroscopeDocumentPage(RestResponse):
    """Documents under the microscope, by id."""

    items: list[MicroscopeDocumentView]
    next_cursor: str = Field(description="Empty on the last page.")
