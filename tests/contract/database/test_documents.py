"""Documents in the database: written, listed, found when abandoned, and apart by academy."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.database.conftest import Place
from tests.contract.database.sheets import BROKEN, MADE, document, look, run

from academy.application.ports.page import Page
from academy.domain.document.document import Document, DocumentPurpose, DocumentState


def listed(
    place: Place, purpose: str = "", subject: str = "", cursor: str = "", limit: int = 100
) -> Page[Document]:
    return look(place, lambda tx: tx.documents.list("t1", purpose, subject, cursor, limit))


def names(place: Place, purpose: str = "", subject: str = "") -> list[str]:
    return [each.id for each in listed(place, purpose, subject).items]


def get(place: Place, document_id: str, tenant: str = "t1") -> Document | None:
    return look(place, lambda tx: tx.documents.get(tenant, document_id))


@pytest.mark.parametrize("purpose", DocumentPurpose)
@pytest.mark.parametrize("state", [each for each in DocumentState if each is not DocumentState.REMOVED])
def test_a_document_is_read_as_it_was_written(
    place: Place, purpose: DocumentPurpose, state: DocumentState
) -> None:
    failure = BROKEN if state is DocumentState.FAILED else None
    given = document("d1", purpose=purpose, state=state, failure=failure)
    run(place, lambda tx: tx.documents.add([given]))
    assert get(place, "d1") == given
    assert place.database.run_sync(lambda tx: tx.documents.get("t1", "d1", lock=True)) == given


@pytest.mark.requirement("JOB-3")
def test_a_document_recorded_again_stays_as_it_is(place: Place) -> None:
    first, again = document("d1"), document("d1", file_name="other.pdf", state=DocumentState.READY)
    run(
        place,
        lambda tx: tx.documents.add([first]),
        lambda tx: tx.documents.add([again, document("d2"), document("d2", size=1)]),
        lambda tx: tx.documents.add([]),
        lambda tx: tx.documents.add([document("d1", "t2")]),
    )
    assert get(place, "d1") == first
    assert get(place, "d2") == document("d2")
    assert get(place, "d1", "t2") is None


def test_many_documents_are_written_at_once(place: Place) -> None:
    many = [document(f"d{at:05}") for at in range(7000)]
    run(place, lambda tx: tx.documents.add(many))
    ids = [each.id for each in reversed(many)]
    found = look(place, lambda tx: tx.documents.get_many("t1", [*ids, "x", "d00001"]))
    assert found == many
    assert look(place, lambda tx: tx.documents.get_many("t1", [])) == []
    run(place, lambda tx: tx.documents.remove("t1", ids[1:]))
    assert names(place) == ["d06999"]


def test_documents_are_listed_newest_first_page_by_page(place: Place) -> None:
    new = [
        document("d1", created_at=MADE),
        document("d2", created_at=MADE + timedelta(seconds=5), purpose=DocumentPurpose.ROSTER, subject=""),
        document("d3", created_at=MADE + timedelta(seconds=2), subject="exam:e2"),
        document("d4", created_at=MADE + timedelta(seconds=2), purpose=DocumentPurpose.NOTE),
        document("d5", created_at=MADE + timedelta(milliseconds=1)),
    ]
    run(place, lambda tx: tx.documents.add(new))
    assert names(place) == ["d2", "d4", "d3", "d5", "d1"]
    assert names(place, "scan") == ["d3", "d5", "d1"]
    assert names(place, "", "exam:e1") == ["d4", "d5", "d1"]
    assert names(place, "scan", "exam:e1") == ["d5", "d1"]
    assert names(place, "export", "exam:e1") == []
    for purpose, subject, wanted in (
        ("", "", "d2 d4 d3 d5 d1"),
        ("scan", "exam:e1", "d5 d1"),
        ("scan", "", "d3 d5 d1"),
    ):
        found, cursor = [], ""
        while True:
            page = listed(place, purpose, subject, cursor, 1)
            found += [each.id for each in page.items]
            cursor = page.next_cursor
            if not cursor:
                break
        assert " ".join(found) == wanted


def test_cursors_and_purposes_that_are_not_ours_are_refused(place: Place) -> None:
    for purpose, cursor in (("", "!!"), ("", "AAAA"), ("selfie", "")):
        with pytest.raises(ValueError, match=r"cursor|selfie"):
            listed(place, purpose, "", cursor)


def test_saving_writes_what_changes_and_nothing_else(place: Place) -> None:
    given = document("d1")
    changed = replace(given, state=DocumentState.FAILED, size=7, upload_id="", failure=BROKEN)
    other = replace(changed, key="k", file_name="n", content_type="c", made_by="m", subject="s")
    run(place, lambda tx: tx.documents.add([given, document("d2")]), lambda tx: tx.documents.save(other))
    assert get(place, "d1") == changed
    assert get(place, "d2") == document("d2")
    run(place, lambda tx: tx.documents.save(replace(changed, failure=None, state=DocumentState.READY)))
    assert get(place, "d1") == replace(changed, failure=None, state=DocumentState.READY)


@pytest.mark.requirement("API-2")
def test_documents_of_another_academy_are_not_found(place: Place) -> None:
    mine, theirs = document("d1"), document("o1", "t2")
    stolen = replace(theirs, tenant_id="t1", state=DocumentState.READY)
    run(
        place,
        lambda tx: tx.documents.add([mine, theirs]),
        lambda tx: tx.documents.save(stolen),
        lambda tx: tx.documents.remove("t1", ["o1", "none"]),
    )
    assert get(place, "o1") is None
    assert look(place, lambda tx: tx.documents.get_many("t1", ["o1", "d1"])) == [mine]
    assert names(place) == names(place, "scan", "exam:e1") == ["d1"]
    assert get(place, "o1", "t2") == theirs


@pytest.mark.requirement("JOB-7")
def test_uploads_that_nobody_ended_are_found_oldest_first(place: Place) -> None:
    now = look(place, lambda tx: tx.now())
    new = [
        document("d1", created_at=now),
        document("d2", "t2", created_at=now - timedelta(hours=3)),
        document("d3", created_at=now - timedelta(hours=4)),
        document("d4", created_at=now - timedelta(hours=5), state=DocumentState.READY),
        document("d5", created_at=now - timedelta(hours=5), state=DocumentState.FAILED),
        document("d6", created_at=now - timedelta(minutes=59)),
    ]
    run(place, lambda tx: tx.documents.add(new))

    def abandoned(limit: int) -> list[str]:
        return [each.id for each in look(place, lambda tx: tx.documents.abandoned(timedelta(hours=1), limit))]

    assert abandoned(10) == ["d3", "d2"]
    assert abandoned(1) == ["d3"]
    place.pass_time(120)
    assert abandoned(10) == ["d3", "d2", "d6"]


@pytest.mark.requirement("SEC-2")
def test_a_removed_document_is_found_by_nobody_but_who_takes_its_object_away(place: Place) -> None:
    now = look(place, lambda tx: tx.now())
    new = [
        document("d1", created_at=now),
        document("d2", "t2", created_at=now - timedelta(hours=3), state=DocumentState.READY),
        document("d3", created_at=now - timedelta(hours=4)),
    ]
    gone = [replace(each, state=DocumentState.REMOVED) for each in new[1:]]
    run(place, lambda tx: tx.documents.add(new), *(lambda tx, d=each: tx.documents.save(d) for each in gone))
    assert [get(place, "d1"), get(place, "d2", "t2"), get(place, "d3")] == [new[0], None, None]
    assert look(place, lambda tx: tx.documents.get_many("t1", ["d1", "d3"])) == [new[0]]
    assert names(place) == ["d1"]
    assert look(place, lambda tx: tx.documents.abandoned(timedelta(hours=1), 10)) == []
    assert look(place, lambda tx: tx.documents.removed(10)) == [gone[1], gone[0]]
    assert look(place, lambda tx: tx.documents.removed(1)) == [gone[1]]
    run(place, lambda tx: tx.documents.remove("t1", ["d3"]))
    assert look(place, lambda tx: tx.documents.removed(10)) == [gone[0]]
