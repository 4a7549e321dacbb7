"""New students: all are taken or none, and everything that is wrong is told at once."""

from dataclasses import replace

import pytest
from tests.unit.academics.conftest import Office, faults

from academy.application.academics.form import FieldsRefused
from academy.application.academics.people import NewParent, StudentsWanted
from academy.application.academics.roster import NewStudent
from academy.application.ports.academics import NameTaken
from academy.application.ports.database import Transaction
from academy.domain.academics.people import Relation, Student

pytestmark = pytest.mark.requirement("ACA-1")
MOTHER = NewParent("이엄마", "010-2222-3333", Relation.MOTHER)
FATHER = NewParent("김아빠", "010 4444 5555", Relation.FATHER)


def names(office: Office) -> list[str]:
    page = office.do(lambda tx: office.people.list(tx, office.staff, StudentsWanted(), "", 100))
    return [record.student.name for record in page.items]


@pytest.mark.parametrize(
    ("wish", "identifier"),
    [
        (NewStudent("가", phone="010-1234-5678", parents=(MOTHER,)), "12345678"),
        (NewStudent("가", parents=(MOTHER, FATHER)), "22223333"),
        (NewStudent("가", phone="+82 10 1234 5678", identifier="87654321"), "87654321"),
        (NewStudent("가", identifier="00000001"), "00000001"),
    ],
)
def test_the_identifier_follows_from_the_first_number_unless_given(
    office: Office, wish: NewStudent, identifier: str
) -> None:
    record = office.do(lambda tx: office.roster.add(tx, office.staff, wish))

    assert record.student.identifier == identifier


def test_without_any_number_an_identifier_is_needed(office: Office) -> None:
    with pytest.raises(FieldsRefused) as refused:
        office.add("가")

    assert faults(refused) == {"identifier": "identifier_missing"}


def test_one_who_left_still_has_their_identifier(office: Office) -> None:
    office.change(office.add("가", "01012345678"), active=False)

    with pytest.raises(FieldsRefused) as refused:
        office.add("나", "01012345678")

    assert faults(refused) == {"identifier": "identifier_taken"}
    assert "퇴원생" in refused.value.faults[0].failure.message_ko


def test_another_academy_may_have_the_same_student(office: Office) -> None:
    office.add("가", "01012345678")

    wish = NewStudent("가", phone="01012345678", parents=(MOTHER,))
    record = office.do(lambda tx: office.roster.add(tx, office.elsewhere, wish))

    assert record.student.tenant_id == "t2"
    assert names(office) == ["가"]


def test_brothers_and_sisters_have_one_parent(office: Office) -> None:
    first = office.add("첫째", "01011112222", parents=(MOTHER,))
    renamed = replace(MOTHER, name="다른 이름", phone="+82-10-2222-3333")
    second = office.add("둘째", "01011113333", parents=(renamed, FATHER))

    mother = first.parents[0].parent
    assert second.parents[0].parent == mother
    assert [each.relation for each in second.parents] == [Relation.MOTHER, Relation.FATHER]
    assert mother.name == "이엄마"


def test_every_fault_of_every_student_is_told_at_once(office: Office) -> None:
    office.add("있는 학생", "01099998888")
    wishes = [
        NewStudent("가", phone="02-123-4567"),
        NewStudent(" \u3164", phone="+1 202 555 0100"),
        NewStudent("다", phone="공일공-일이삼사", parents=(replace(MOTHER, phone=""),)),
        NewStudent("라", phone="01012345678"),
        NewStudent("마", identifier="12345678"),
        NewStudent("바", phone="010-9999-8888"),
        NewStudent("사", phone="01077776666", class_names=("없는 반",)),
        NewStudent("아", phone="01066665555", parents=(MOTHER, replace(FATHER, phone=MOTHER.phone))),
        NewStudent("자", identifier="1234"),
        NewStudent("차"),
    ]

    with pytest.raises(FieldsRefused) as refused:
        office.do(lambda tx: office.roster.add_many(tx, office.staff, wishes))

    assert faults(refused) == {
        "students.0.phone": "phone_landline",
        "students.1.name": "name_blank",
        "students.1.phone": "phone_foreign",
        "students.2.phone": "phone_malformed",
        "students.2.parents.0.phone": "phone_missing",
        "students.3.identifier": "identifier_twice",
        "students.4.identifier": "identifier_twice",
        "students.5.identifier": "identifier_taken",
        "students.6.class_names.0": "class_not_found",
        "students.7.parents.0.phone": "parent_twice",
        "students.7.parents.1.phone": "parent_twice",
        "students.8.identifier": "identifier_malformed",
        "students.9.identifier": "identifier_missing",
    }
    assert all(each.failure.message and each.failure.message_ko for each in refused.value.faults)
    assert names(office) == ["있는 학생"]


def test_nothing_that_was_typed_stands_in_an_error(office: Office) -> None:
    with pytest.raises(FieldsRefused) as refused:
        office.add("가", "02-123-4567")

    assert "123" not in f"{refused.value!r} {refused.value} {refused.value.faults}"


def test_a_thousand_students_with_parents_and_classes(office: Office) -> None:
    for name in ("월수금", "화목토"):
        office.add_class(name)
    office.add("있는 동생", "01000000000", parents=(replace(MOTHER, phone="01050000000"),))
    wishes = [
        NewStudent(
            f"학생 {number:04}",
            phone=f"0101{number:07}",
            parents=(NewParent("부모", f"0105{number // 2:07}", Relation.GUARDIAN),),
            class_names=("월수금", "화목토") if number % 2 else (" 월수금 ",),
        )
        for number in range(1000)
    ]

    added = office.do(lambda tx: office.roster.add_many(tx, office.staff, wishes))

    assert (len(added.records), added.parents_created, added.parents_known) == (1000, 499, 1)
    assert added.enrolments == 1500
    assert len({record.student.identifier for record in added.records}) == 1000
    assert [record.student.name for record in added.records] == [wish.name for wish in wishes]


def test_a_class_typed_on_a_mac_is_found(office: Office) -> None:
    given = office.add_class("가반")
    record = office.add("가", "01012345678", class_names=("\u1100\u1161\u1107\u1161\u11ab",))

    members = office.do(lambda tx: tx.teaching.enrolments("t1", given.id, office.clock.now().date()))

    assert [each.student_id for each in members] == [record.student.id]


def test_a_class_that_has_ended_takes_nobody(office: Office) -> None:
    given = office.add_class("지난 반")
    office.do(lambda tx: tx.teaching.save_class(replace(given, active=False)))

    with pytest.raises(FieldsRefused) as refused:
        office.add("가", "01012345678", class_names=("지난 반",))

    assert faults(refused) == {"class_names.0": "class_not_found"}


def test_who_is_quicker_has_the_identifier(office: Office) -> None:
    """Another process may take an identifier between the look and the insert; the repository has the last word."""

    class Late:
        """The people of a transaction, just before somebody else commits."""

        def __init__(self, tx: Transaction) -> None:
            self._tx = tx

        def by_identifiers(self, *_: object) -> dict[str, Student]:
            return {}

        def add_students(self, students: list[Student]) -> None:
            raise NameTaken("identifier", [students[1].id])

    class LateTransaction:
        def __init__(self, tx: Transaction) -> None:
            self.people = Late(tx)
            self.now = tx.now

    wishes = [NewStudent("가", phone="01012345678"), NewStudent("나", phone="01012345679")]
    with pytest.raises(FieldsRefused) as refused:
        office.do(
            lambda tx: office.roster.add_many(LateTransaction(tx), office.staff, wishes)  # type: ignore[arg-type]
        )

    assert faults(refused) == {"students.1.identifier": "identifier_taken"}
