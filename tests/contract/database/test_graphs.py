"""Graphs and microscope documents in the database: one job changes a graph at a time, academies are apart."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.contract.database.conftest import Place
from tests.contract.database.sheets import MADE, look, run

from academy.domain.graph.graph import LensDocument, UserGraph

pytestmark = pytest.mark.requirement("GRA-5")

BUILT = UserGraph("t1", "학생/1", "job-1", "job-1", "tenants/t1/graph/x/", "", "bm25+lsa/1", 12, 30, 3, MADE)
READ = LensDocument("t1", "u1", "문서/1.pdf", "job-1", "k", "s", "제목", "ko", "d" * 64, 3, 2, 1, MADE)


def reserve(place: Place, job: str, user: str = "학생/1", tenant: str = "t1") -> UserGraph | None:
    return place.database.run_sync(lambda tx: tx.graphs.reserve(tenant, user, job))


def get(place: Place, user: str = "학생/1", tenant: str = "t1") -> UserGraph | None:
    return look(place, lambda tx: tx.graphs.get(tenant, user))


def test_a_graph_is_there_only_once_it_was_built(place: Place) -> None:
    fresh = reserve(place, "job-1")
    assert fresh is not None
    assert (fresh.build, fresh.nodes, fresh.holder) == ("", 0, "job-1")
    assert get(place) is None
    assert place.database.run_sync(lambda tx: tx.graphs.publish(BUILT))
    found = get(place)
    assert found is not None
    assert replace(found, updated_at=MADE) == BUILT


def test_one_job_at_a_time_may_change_a_graph(place: Place) -> None:
    assert reserve(place, "job-1")
    assert reserve(place, "job-2") is None
    assert reserve(place, "job-1"), "the same job may ask again: its worker was killed"
    assert not place.database.run_sync(lambda tx: tx.graphs.publish(replace(BUILT, holder="job-2")))
    run(place, lambda tx: tx.graphs.release("t1", "학생/1", "job-2"))
    assert reserve(place, "job-2") is None
    run(place, lambda tx: tx.graphs.publish(BUILT), lambda tx: tx.graphs.release("t1", "학생/1", "job-1"))
    after = reserve(place, "job-2")
    assert after is not None
    assert after.build == "job-1"


def test_of_many_who_ask_at_once_one_gets_it(place: Place) -> None:
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda at: reserve(place, f"job-{at}"), range(8)))
    assert sum(graph is not None for graph in won) == 1


def test_a_reservation_that_came_to_nothing_leaves_nothing(place: Place) -> None:
    reserve(place, "job-1")
    run(place, lambda tx: tx.graphs.release("t1", "학생/1", "job-1"))
    assert reserve(place, "job-2") is not None


@pytest.mark.requirement("API-2")
def test_another_academy_finds_nothing_and_changes_nothing(place: Place) -> None:
    reserve(place, "job-1")
    run(place, lambda tx: tx.graphs.publish(BUILT), lambda tx: tx.lens.put(READ))
    assert reserve(place, "job-2", tenant="t2") is not None, (
        "the same user id in another academy is another user"
    )
    assert get(place, tenant="t2") is None
    assert look(place, lambda tx: tx.lens.get_many("t2", "u1", [READ.document_id])) == []
    run(place, lambda tx: tx.lens.remove("t2", "u1"), lambda tx: tx.graphs.remove("t2", "학생/1", "job-2"))
    assert get(place) is not None
    assert len(look(place, lambda tx: tx.lens.get_many("t1", "u1", [READ.document_id]))) == 1


def test_graphs_are_listed_by_user(place: Place) -> None:
    for at in range(5):
        reserve(place, "job-1", f"u{at}")
        run(place, lambda tx, at=at: tx.graphs.publish(replace(BUILT, user_id=f"u{at}")))  # type: ignore[misc]
    reserve(place, "job-1", "u9")
    first = look(place, lambda tx: tx.graphs.list("t1", "", 3))
    rest = look(place, lambda tx: tx.graphs.list("t1", first.next_cursor, 3))
    assert [each.user_id for each in (*first.items, *rest.items)] == ["u0", "u1", "u2", "u3", "u4"]
    assert rest.next_cursor == ""
    with pytest.raises(ValueError, match="cursor"):
        look(place, lambda tx: tx.graphs.list("t1", "no cursor!", 3))


def test_a_graph_that_is_held_is_not_removed(place: Place) -> None:
    reserve(place, "job-1")
    run(place, lambda tx: tx.graphs.publish(BUILT))
    assert not place.database.run_sync(lambda tx: tx.graphs.remove("t1", "학생/1", "job-2"))
    run(place, lambda tx: tx.graphs.release("t1", "학생/1", "job-1"))
    assert place.database.run_sync(lambda tx: tx.graphs.remove("t1", "학생/1", "job-2"))
    assert get(place) is None


@pytest.mark.requirement("GRA-6")
def test_a_document_read_again_takes_the_place_of_the_one_before(place: Place) -> None:
    run(place, lambda tx: tx.lens.put(READ), lambda tx: tx.lens.put(replace(READ, build="job-2", passages=9)))
    (found,) = look(place, lambda tx: tx.lens.get_many("t1", "u1", ["문서/1.pdf", "another"]))
    assert replace(found, updated_at=MADE) == replace(READ, build="job-2", passages=9)


def test_documents_are_listed_and_removed_by_user(place: Place) -> None:
    for user, name in (("u1", "b"), ("u1", "a"), ("u1", "가"), ("u2", "c")):
        run(
            place, lambda tx, user=user, name=name: tx.lens.put(replace(READ, user_id=user, document_id=name))
        )  # type: ignore[misc]
    first = look(place, lambda tx: tx.lens.list("t1", "u1", "", 2))
    rest = look(place, lambda tx: tx.lens.list("t1", "u1", first.next_cursor, 2))
    assert [each.document_id for each in (*first.items, *rest.items)] == ["a", "b", "가"]
    run(place, lambda tx: tx.lens.remove("t1", "u1", ["a", "nobody"]))
    assert [each.document_id for each in look(place, lambda tx: tx.lens.list("t1", "u1", "", 9)).items] == [
        "b",
        "가",
    ]
    run(place, lambda tx: tx.lens.remove("t1", "u1"))
    assert look(place, lambda tx: tx.lens.list("t1", "u1", "", 9)).items == []
    assert len(look(place, lambda tx: tx.lens.list("t1", "u2", "", 9)).items) == 1
