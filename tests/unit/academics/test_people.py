"""Students and parents who are known already."""

from dataclasses import replace

import pytest
from tests.unit.academics.conftest import Office, faults

from academy.application.academics.asker import Asker
from academy.application.academics.form import FieldsRefused
from academy.application.academics.people import NewParent, ParentChange, Record, StudentsWanted
from academy.application.errors import NotFound
from academy.domain.academics.people import Relation

pytestmark = pytest.mark.requirement("ACA-1")
MOTHER = NewParent("이엄마", "010-2222-3333", Relation.MOTHER)


def listed(office: Office, asker: Asker, text: str = "", **more: object) -> list[str]:
    wanted = StudentsWanted(text, **more)  # type: ignore[arg-type]
    page = office.do(lambda tx: office.people.list(tx, asker, wanted, "", 100))
    return [record.student.name for record in page.items]


@pytest.fixture
def family(office: Office) -> Record:
    """A student and a mother with logins, beside a stranger."""
    office.add("남의 집", "01099998888")
    record = office.add("하늘", "01012345678", parents=(MOTHER,))
    mother = record.parents[0].parent
    office.do(lambda tx: tx.people.save_parent(replace(mother, account="parent")))
    return office.change(record, account="student")


def test_a_new_number_leaves_the_identifier_unless_asked(office: Office) -> None:
    record = office.add("가", "01012345678", parents=(MOTHER,))

    moved = office.change(record, phone="010-5555-6666").student
    anew = office.change(record, identifier="").student
    without = office.change(record, phone="", identifier=" ").student

    assert (moved.phone, moved.identifier) == ("01055556666", "12345678")
    assert anew.identifier == "55556666"
    assert (without.phone, without.identifier) == ("", "22223333")


def test_a_change_tells_all_its_faults_and_changes_nothing(office: Office) -> None:
    record = office.add("가", "01012345678")

    with pytest.raises(FieldsRefused) as refused:
        office.change(record, name=" ", phone="070-1234-5678", identifier="12", school="새 학교")

    assert faults(refused) == {
        "name": "name_blank",
        "phone": "phone_landline",
        "identifier": "identifier_malformed",
    }
    assert office.do(lambda tx: office.people.get(tx, office.staff, record.student.id)) == record


def test_an_identifier_cannot_be_taken_from_another(office: Office) -> None:
    office.add("가", "01012345678")
    record = office.add("나", "01087654321")

    with pytest.raises(FieldsRefused) as refused:
        office.change(record, identifier="12345678")
    with pytest.raises(FieldsRefused) as missing:
        office.change(record, phone="", identifier="")

    assert faults(refused) == {"identifier": "identifier_taken"}
    assert faults(missing) == {"identifier": "identifier_missing"}


def test_a_login_is_one_person(office: Office, family: Record) -> None:
    other = office.add("나", "01087654321", parents=(replace(MOTHER, phone="01077778888"),))
    for account in ("student", "parent"):
        with pytest.raises(FieldsRefused) as refused:
            office.change(other, account=account)
        assert faults(refused) == {"account": "account_taken"}
        change, parent_id = ParentChange(account=account), other.parents[0].parent.id
        with pytest.raises(FieldsRefused) as refused:
            office.do(lambda tx, c=change, p=parent_id: office.people.change_parent(tx, office.staff, p, c))  # type: ignore[misc]
        assert faults(refused) == {"account": "account_taken"}

    again = office.change(family, account="student")
    freed = office.change(family, account="")

    assert (again.student.account, freed.student.account) == ("student", "")
    assert office.change(other, account="student").student.account == "student"


@pytest.mark.requirement("API-2")
def test_everybody_sees_their_own(office: Office, family: Record) -> None:
    stranger = Asker("t1", "nobody", manages=False)

    assert listed(office, office.staff) == ["남의 집", "하늘"]
    assert listed(office, office.student) == ["하늘"]
    assert listed(office, office.parent) == ["하늘"]
    assert listed(office, stranger) == []
    assert listed(office, office.elsewhere) == []
    for asker in (office.staff, office.student, office.parent):
        assert (
            office.do(lambda tx, a=asker: office.people.get(tx, a, family.student.id)).student.name == "하늘"
        )  # type: ignore[misc]
    for asker in (stranger, office.elsewhere, Asker("t1", "", manages=False)):
        with pytest.raises(NotFound):
            office.do(lambda tx, a=asker: office.people.get(tx, a, family.student.id))  # type: ignore[misc]


@pytest.mark.requirement("API-2")
def test_numbers_cannot_be_guessed_by_searching(office: Office, family: Record) -> None:
    assert listed(office, office.staff, "1234") == ["하늘"]
    assert listed(office, office.staff, "2222") == ["하늘"]
    for asker in (office.student, office.parent):
        assert listed(office, asker, "1234") == []
        assert listed(office, asker, "2222") == []
        assert listed(office, asker, "하") == ["하늘"]


def test_those_who_left_are_listed_when_asked_for(office: Office, family: Record) -> None:
    office.change(family, active=False)

    assert listed(office, office.staff) == ["남의 집"]
    assert listed(office, office.staff, include_inactive=True) == ["남의 집", "하늘"]
    assert office.do(lambda tx: office.people.get(tx, office.student, family.student.id))


def test_parents_come_and_go(office: Office) -> None:
    first, second = office.add("가", "01011112222"), office.add("나", "01011113333")
    ids = [record.student.id for record in (first, second)]

    mother, same = (
        office.do(lambda tx, s=one: office.people.add_parent(tx, office.staff, s, MOTHER))  # type: ignore[misc]
        for one in ids
    )
    assert mother.parent.id == same.parent.id
    office.do(lambda tx: office.people.remove_parent(tx, office.staff, ids[0], mother.parent.id))
    assert office.do(lambda tx: tx.people.parent("t1", mother.parent.id))
    office.do(lambda tx: office.people.remove_parent(tx, office.staff, ids[1], mother.parent.id))

    assert office.do(lambda tx: tx.people.parent("t1", mother.parent.id)) is None
    with pytest.raises(NotFound):
        office.do(lambda tx: office.people.remove_parent(tx, office.staff, ids[1], mother.parent.id))


def test_a_parent_is_changed_for_all_children(office: Office) -> None:
    first = office.add("가", "01011112222", parents=(MOTHER,))
    second = office.add("나", "01011113333", parents=(MOTHER,))
    office.add("다", "01011114444", parents=(replace(MOTHER, phone="01077778888"),))
    parent_id = first.parents[0].parent.id

    change = ParentChange(name=" 새 이름 ", phone="010-3333-2222")
    office.do(lambda tx: office.people.change_parent(tx, office.staff, parent_id, change))
    taken = ParentChange(phone="010-7777-8888")
    with pytest.raises(FieldsRefused) as refused:
        office.do(lambda tx: office.people.change_parent(tx, office.staff, parent_id, taken))

    seen = office.do(lambda tx: office.people.get(tx, office.staff, second.student.id))
    assert (seen.parents[0].parent.name, seen.parents[0].parent.phone) == ("새 이름", "01033332222")
    assert faults(refused) == {"phone": "parent_phone_taken"}
    for asker in (office.elsewhere, office.parent):
        with pytest.raises(NotFound):
            office.do(lambda tx, a=asker: office.people.change_parent(tx, a, parent_id, change))  # type: ignore[misc]
