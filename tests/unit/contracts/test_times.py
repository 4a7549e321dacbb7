"""A time is written as RFC 3339 has it; digits are never taken for seconds since 1970 (API-1)."""

import json
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from academy.contracts.rest.common import QueryParameters, RestRequest
from academy.contracts.times import FormWrong, WrittenDay, WrittenTime

pytestmark = pytest.mark.requirement("API-1")


class Body(RestRequest):
    at: WrittenTime | None = None
    on: WrittenDay | None = None


class Query(QueryParameters):
    at: WrittenTime | None = None
    on: WrittenDay | None = None


def found(error: ErrorDetails) -> str:
    wrong = error.get("ctx", {}).get("error")
    return wrong.code if isinstance(wrong, FormWrong) else error["type"]


@pytest.mark.parametrize(
    "written", ["2026-11-20T09:00:00+09:00", "2026-11-20t00:00:00z", "2026-11-20T00:00:00.000Z"]
)
def test_times_and_days_are_read(written: str) -> None:
    given = {"at": written, "on": "2026-11-20"}
    for read in (Body.model_validate_json(json.dumps(given)), Query.model_validate(given)):
        assert (read.at, read.on) == (datetime(2026, 11, 20, tzinfo=UTC), date(2026, 11, 20))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"at": "1900000000"}, "datetime_parsing"),
        ({"at": "1900000000.5"}, "datetime_parsing"),
        ({"at": 1900000000}, "datetime_type"),
        ({"at": "2026-11-20 09:00:00+09:00"}, "datetime_parsing"),
        ({"at": "2026-11-20T09:00+09:00"}, "datetime_parsing"),
        ({"at": "2026-11-20T09:00:00"}, "timezone_aware"),
        ({"at": "2026-11-20"}, "timezone_aware"),
        ({"at": "２０２６-11-20T09:00:00Z"}, "datetime_parsing"),
        ({"on": "1899936000"}, "date_parsing"),
        ({"on": 1899936000}, "date_type"),
        ({"on": "2026-11-20T00:00:00"}, "date_parsing"),
    ],
)
def test_anything_else_is_refused(given: dict[str, object], code: str) -> None:
    for read in (lambda: Body.model_validate_json(json.dumps(given)), lambda: Query.model_validate(given)):
        with pytest.raises(ValidationError) as caught:
            read()
        assert [found(each) for each in caught.value.errors()] == [code]
