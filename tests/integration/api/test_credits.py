"""Credits over HTTP: paid in, taken back, accounted for (MSG-2)."""

import csv
import io
import uuid
from typing import Any

import pytest
from tests.support.api import Api, School
from tests.support.messaging import KOREAN, ask, credit, order, ready_school

from academy.contracts.rest.credits import MOST_WON as MOST_WON_TAKEN
from academy.domain.messaging.ledger import MOST_WON

pytestmark = pytest.mark.requirement("MSG-2")
CSV = "/api/v1/credits/statement.csv"


def balance(school: School) -> dict[str, int]:
    found: dict[str, int] = ask(school.teacher, "GET", "credits").json()
    return found


def lines(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))


def test_credit_is_paid_in_and_taken_back(api: Api) -> None:
    school = api.school()

    nothing = balance(school)
    paid = credit(school, 1000, note="7월 이체")
    back = credit(school, 400, kind="withdraw")
    too_much = credit(school, 601, kind="withdraw")

    assert set(nothing.values()) == {0}
    assert (paid.status_code, paid.json()["available"]) == (201, 1000)
    assert (back.status_code, back.json()["available"]) == (201, 600)
    assert (too_much.status_code, too_much.json()["code"]) == (409, "withdraw_too_much")
    assert balance(school) == {"funding": -600, "available": 600, "reserved": 0, "spent": 0}


def test_what_is_reserved_cannot_be_withdrawn(api: Api) -> None:
    school = ready_school(api, won=25)
    order(school, text="안내", to=[{"phone": "01000000001"}])

    assert credit(school, 16, kind="withdraw").status_code == 409
    assert credit(school, 15, kind="withdraw").json() == {
        "funding": -10,
        "available": 0,
        "reserved": 10,
        "spent": 0,
    }


@pytest.mark.requirement("API-1")
def test_a_repeated_payment_is_one(api: Api) -> None:
    school = api.school()
    path = f"/api/v1/operator/academies/{school.id}/credits"
    wish = {"kind": "top_up", "amount": 1000}
    key = {"Idempotency-Key": uuid.uuid4().hex}

    first, again = (school.operator.post(path, json=wish, headers=key) for _ in range(2))
    other = school.operator.post(path, json=wish | {"amount": 2000}, headers=key)

    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert balance(school)["available"] == 1000


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 1.5},
        {"amount": "1000"},
        {"amount": MOST_WON + 1},
        {"amount": True},
        {"amount": None},
        {"kind": "reserve"},
        {"note": "x" * 201},
        {"note": "가\n나"},
    ],
)
def test_amounts_that_make_no_sense_move_nothing(api: Api, change: dict[str, Any]) -> None:
    school = api.school()

    answer = credit(school, 1000, **change)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert ask(school.teacher, "GET", "credits/statement").json()["items"] == []


def test_the_largest_amount_is_the_ledgers(api: Api) -> None:
    assert MOST_WON_TAKEN == MOST_WON
    assert credit(api.school(), MOST_WON).json()["available"] == MOST_WON


def test_an_academy_that_there_is_not_gets_nothing(api: Api) -> None:
    school = api.school()
    path = "operator/academies/none/credits"

    assert ask(school.operator, "POST", path, kind="top_up", amount=1).status_code == 404


def test_the_statement_has_entries_that_sum_to_zero(api: Api) -> None:
    school = ready_school(api, won=1000)
    placed = order(school, text="안내", to=[{"phone": "01000000001"}])
    ask(school.teacher, "POST", f"messages/orders/{placed['id']}/cancel")

    items = ask(school.teacher, "GET", "credits/statement").json()["items"]

    assert [each["kind"] for each in items] == ["release", "reserve", "top_up"]
    assert all(sum(entry["amount"] for entry in each["entries"]) == 0 for each in items)
    accounts = dict.fromkeys(("funding", "available", "reserved", "spent"), 0)
    for each in items:
        for entry in each["entries"]:
            accounts[entry["account"]] += entry["amount"]
    assert accounts == balance(school)
    assert items[2]["by"] == school.operator.viewer
    assert items[0]["message_id"] == items[1]["message_id"] != ""


def test_the_statement_is_read_page_by_page(api: Api) -> None:
    school = api.school()
    for amount in range(1, 6):
        credit(school, amount)
    seen: list[int] = []
    cursor = ""
    for _ in range(3):
        query = {"limit": 2, "cursor": cursor}
        page = school.owner.get("/api/v1/credits/statement", params=query).json()
        seen += [each["amount"] for each in page["items"]]
        cursor = page["next_cursor"]

    assert (seen, cursor) == ([5, 4, 3, 2, 1], "")
    for path in ("/api/v1/credits/statement", CSV):
        assert school.owner.get(path, params={"cursor": "x"}).json()["code"] == "cursor_invalid"


def test_the_file_opens_in_a_spreadsheet_and_runs_no_formula(api: Api) -> None:
    school = api.school()
    notes = ["7월, 이체", '=HYPERLINK("http://evil.example")', "@SUM(1)", "-1+1", " +1", "＝1", "그냥 '말'"]
    for note in notes:
        credit(school, 1000, note=note)

    answer = school.teacher.get(CSV, headers=KOREAN)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="credits.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    heading, *rows = lines(answer.content.decode())
    assert heading[:5] == ["번호", "시각(한국)", "종류", "계정", "금액(원)"]
    assert len(rows) == 2 * len(notes)
    assert sum(int(row[4]) for row in rows) == 0
    assert (rows[-1][2], rows[-1][3], rows[-1][4]) == ("충전", "잔액", "1000")
    written = [row[6] for row in rows[::-2]]
    assert written[0] == notes[0]
    assert written[1:6] == [f"'{note}" for note in notes[1:6]]
    assert written[6] == notes[6]
    assert lines(school.teacher.get(CSV).text)[0][4] == "Amount (won)"


def test_a_file_that_is_cut_says_where_the_rest_is(api: Api) -> None:
    school = api.school()
    for amount in (1, 2, 3):
        credit(school, amount)

    first = school.teacher.get(CSV, params={"limit": 2})
    rest_at = first.headers["link"].partition("<")[2].partition(">")[0]
    rest = school.teacher.get(rest_at)

    assert first.headers["link"].endswith('rel="next"')
    assert "link" not in rest.headers
    assert [row[4] for row in lines(first.text)[1:]] == ["-3", "3", "-2", "2"]
    assert [row[4] for row in lines(rest.text)[1:]] == ["-1", "1"]
    for limit in (0, 50_001):
        assert school.teacher.get(CSV, params={"limit": limit}).status_code == 400


@pytest.mark.requirement("API-2")
def test_an_academy_sees_and_spends_its_own_credit_alone(api: Api) -> None:
    ours, theirs = ready_school(api, won=0), ready_school(api, won=0)
    credit(theirs, 1000, note="남의 돈")

    refused = ask(ours.teacher, "POST", "messages/orders", text="안내", to=[{"phone": "01000000001"}])

    assert (refused.status_code, refused.json()["code"]) == (409, "credit_exhausted")
    assert set(balance(ours).values()) == {0}
    assert ask(ours.teacher, "GET", "credits/statement").json()["items"] == []
    assert "남의 돈" not in ours.teacher.get(CSV).text
    assert balance(theirs)["available"] == 1000
