"""What operators approve across academies, and what an owner is told of orders under an old number (MSG-1, MSG-5)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.support.api import Api, School
from tests.support.messaging import ask, noon, order, ready_school

pytestmark = pytest.mark.requirement("MSG-1")
TEMPLATES = "/api/v1/operator/templates"
TO = [{"phone": "01000000001"}]


def template(school: School, name: str, kakao: str = "KA01TP1") -> str:
    wish = {"name": name, "text": "#{이름}님 등원", "kakao_template_id": kakao}
    answer = ask(school.teacher, "POST", "messages/templates", **wish)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_operators_find_what_waits_for_approval_and_whose_it_is(api: Api) -> None:
    one, two = api.school(), api.school()
    first, plain, second = template(one, "출석"), template(one, "안내", ""), template(two, "하원")

    def found(**query: Any) -> list[dict[str, Any]]:
        answer = one.operator.get(TEMPLATES, params=query)
        assert answer.status_code == 200, answer.text
        ours = {one.id, two.id}
        return [each for each in answer.json()["items"] if each["academy_id"] in ours]

    waiting = found(approval="pending", limit=100)
    assert [each["template"]["id"] for each in waiting] == [second, first]
    named = api.backends.database.read_sync(lambda tx: tx.tenants.get(two.id))
    assert named is not None
    assert (waiting[0]["academy_code"], waiting[0]["academy_name"]) == (named.code, named.name)
    path = f"operator/academies/{waiting[1]['academy_id']}/templates/{waiting[1]['template']['id']}/approval"
    assert ask(one.operator, "POST", path, approval="approved").status_code == 200
    assert [each["template"]["id"] for each in found(approval="PENDING", limit=100)] == [second]
    assert [each["template"]["id"] for each in found(academy_id=one.id)] == [plain, first]
    assert found(academy_id=one.id, approval="approved")[0]["template"]["id"] == first
    page = one.operator.get(TEMPLATES, params={"academy_id": one.id, "limit": 1}).json()
    rest = found(academy_id=one.id, limit=1, cursor=page["next_cursor"])
    assert [each["template"]["id"] for each in rest] == [first]


def test_templates_of_all_academies_are_the_operators_alone(api: Api) -> None:
    school = api.school()

    for person in (school.owner, school.teacher, school.parent):
        assert person.get(TEMPLATES).status_code == 403
    for query, code in (("approval=maybe", "invalid_request"), ("cursor=x", "cursor_invalid")):
        answer = school.operator.get(f"{TEMPLATES}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert school.operator.get(f"{TEMPLATES}?academy_id=none").json()["items"] == []


def test_a_second_template_of_one_name_is_refused(api: Api) -> None:
    school, other = api.school(), api.school()
    template(school, "출석", "")
    late = template(school, "지각", "")

    again = ask(school.teacher, "POST", "messages/templates", name=" 출석 ", text="다른 글")
    apart = ask(school.teacher, "POST", "messages/templates", name="출석", text="글")
    renamed = ask(school.teacher, "PATCH", f"messages/templates/{late}", name="출석")
    same = ask(school.teacher, "PATCH", f"messages/templates/{late}", name="지각", text="늦음")

    for refused in (again, apart, renamed):
        assert (refused.status_code, refused.json()["code"]) == (409, "template_name_taken")
    assert (same.status_code, same.json()["text"]) == (200, "늦음")
    names = [each["name"] for each in ask(school.teacher, "GET", "messages/templates").json()["items"]]
    assert names == ["지각", "출석"]
    assert template(other, "출석", "")


def test_two_at_once_do_not_make_one_name_twice(api: Api) -> None:
    school = api.school()

    def make(number: int) -> int:
        wish = {"name": "출석", "text": f"글 {number}"}
        return ask(school.teacher, "POST", "messages/templates", **wish).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(make, range(4))) == [201, 409, 409, 409]


@pytest.mark.requirement("MSG-5")
def test_an_owner_is_told_of_orders_that_a_new_number_strands(api: Api) -> None:
    school = ready_school(api)
    sender = ask(school.owner, "GET", "messaging/settings").json()["sender"]
    placed = [order(school, text="내일", send_at=noon(), to=TO) for _ in range(3)]
    ask(school.teacher, "POST", f"messages/orders/{placed[0]['id']}/cancel")

    before = ask(school.owner, "GET", "messaging/settings").json()
    changed = ask(school.owner, "PATCH", "messaging/settings", sender="031-888-9999").json()
    seen = ask(school.teacher, "GET", "messaging/settings").json()
    back = ask(school.owner, "PATCH", "messaging/settings", sender=sender).json()

    assert (before["orders_stranded"], back["orders_stranded"]) == (0, 0)
    assert (changed["orders_stranded"], seen["orders_stranded"]) == (2, 2)
    assert ask(api.school().owner, "GET", "messaging/settings").json()["orders_stranded"] == 0
