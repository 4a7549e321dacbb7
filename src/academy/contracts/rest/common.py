"""What every request and answer of the HTTP API has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from academy.contracts.base import Contract

__all__ = [
    "Cursor",
    "FieldProblem",
    "PageQuery",
    "Problem",
    "RestRequest",
    "RestResponse",
    "Title",
    "YearOutOfRange",
]

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
"""A line of text that people typed: 1 to 200 characters, no control characters."""
Cursor = Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Za-z0-9_=.~-]*$")]


class YearOutOfRange(ValueError):
    """A date or time outside the years from `first` to `last`, which nobody means and some time zones cannot hold."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(f"the year must be {first} to {last}")
        self.first = first
        self.last = last


class RestRequest(Contract):
    """A request body: strict types, no unknown fields, finite numbers."""

    model_config = ConfigDict(allow_inf_nan=False)


class RestResponse(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class QueryParameters(BaseModel):
    """The part of an address after the question mark: text that is read as what it should be; nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PageQuery(QueryParameters):
    """Which page of a list."""

    cursor: Cursor = Field("", description="`next_cursor` of the page before; empty for the first.")
    limit: int = Field(20, ge=1, le=100, description="How many items at most.")


class FieldProblem(RestResponse):
    """What is wrong with one field."""

    field: str = Field(description="Path of the field, parts separated by dots; empty for the whole body.")
    code: str = Field(description="Stable, snake_case.")
    message: str = Field(description="For people, in the language asked for.")


class Problem(RestResponse):
    """Why a request failed (RFC 9457, media type `application/problem+json`)."""

    type: str = Field(description="URN of the kind of problem: `urn:academy:problem:{code}`.")
    title: str = Field(description="The kind of problem in a few words, in the language asked for.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened and how to mend it, in the language asked for.")
    code: str = Field(description="Stable, snake_case; clients may switch on it.")
    instance: str = Field(
        "", description="Names this occurrence: `urn:academy:trace:{trace id}`, as in our logs."
    )
    errors: list[FieldProblem] = Field(default_factory=list, description="What is wrong, field by field.")
