"""The log of messages as a file for a spreadsheet (MSG-5)."""

import csv
import io

import pytest
from tests.support.api import Api
from tests.support.messaging import KOREAN, order, ready_school

pytestmark = pytest.mark.requirement("MSG-5")
EXPORT = "/api/v1/messages/export"


def lines(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))


def test_the_log_opens_in_a_spreadsheet_masked_and_runs_no_formula(api: Api) -> None:
    school = ready_school(api)
    to = [{"phone": "010-1234-5678", "name": "=1+1"}]
    placed = order(school, text="@SUM(1)", to=to)

    answer = school.teacher.get(EXPORT, headers=KOREAN)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="messages.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "01012345678" not in answer.text
    heading, row = lines(answer.content.decode())
    assert heading[:4] == ["주문 시각(한국)", "이름", "번호", "방법"]
    shown = dict(zip(heading, row, strict=True))
    assert (shown["이름"], shown["번호"], shown["내용"]) == ("'=1+1", "010-****-5678", "'@SUM(1)")
    assert (shown["방법"], shown["상태"], shown["금액(원)"]) == ("문자(SMS)", "발송 대기", "10")
    created = api.backends.database.read_sync(lambda tx: tx.messages.order(school.id, placed["id"]))
    assert created is not None
    assert shown["발송 요청"] == placed["id"]
    assert lines(school.teacher.get(EXPORT).text)[0][0] == "Ordered (Korea)"


def test_times_are_those_of_korea(api: Api) -> None:
    school = ready_school(api)
    placed = order(school, text="안내", to=[{"phone": "010-1234-5678"}])
    utc, korean = placed["created_at"], lines(school.teacher.get(EXPORT).text)[1][0]

    hours = (int(korean[11:13]) - int(utc[11:13])) % 24
    assert (hours, korean[14:19]) == (9, utc[14:19])


def test_a_file_is_filtered_as_the_log_and_cut_with_a_link_to_the_rest(api: Api) -> None:
    school = ready_school(api)
    one = order(school, text="하나", to=[{"phone": f"010-1111-000{n}", "name": "김 하나"} for n in range(3)])
    order(school, text="둘", to=[{"phone": "010-2222-0000"}])

    first = school.teacher.get(EXPORT, params={"limit": 2, "name": "김 하", "state": "queued"})
    rest = school.teacher.get(first.headers["link"].partition("<")[2].partition(">")[0])

    assert first.headers["link"].endswith('rel="next"')
    assert "link" not in rest.headers
    rows = lines(first.text)[1:] + lines(rest.text)[1:]
    assert sorted(row[2] for row in rows) == [f"010-****-000{n}" for n in range(3)]
    assert len(lines(school.teacher.get(EXPORT, params={"order_id": one["id"]}).text)) == 4
    assert len(lines(school.teacher.get(EXPORT).text)) == 5
    for wrong in ({"limit": 0}, {"limit": 10_001}, {"cursor": "x"}, {"state": "LOST"}):
        assert school.teacher.get(EXPORT, params=wrong).status_code == 400


@pytest.mark.requirement("API-2")
def test_an_academy_exports_its_own_and_its_people_nothing(api: Api) -> None:
    ours, theirs = ready_school(api), ready_school(api)
    order(theirs, text="남의 것", to=[{"phone": "010-1234-5678"}])

    assert len(lines(ours.teacher.get(EXPORT).text)) == 1
    for person in (ours.student, ours.parent, ours.operator):
        assert person.get(EXPORT).status_code == 403
