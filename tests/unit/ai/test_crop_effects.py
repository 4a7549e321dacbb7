"""A later cutting of an exam's paper takes away the pictures of questions that it does not find any more (DOC-2, DOC-3)."""

import pytest
from tests.unit.ai.room import Room

from academy.application.ai.job_types import SEGMENTATION
from academy.application.jobs.settle import settle
from academy.application.ports.database import Lease, Settlement
from academy.domain.job.states import JobState

pytestmark = pytest.mark.requirement("DOC-2")


def cut(room: Room, document_id: str, found: list[int], missing: list[int]) -> None:
    """Cut a paper as its worker does."""
    payload = {"document_id": document_id, "exam_id": room.exam.id}
    job = room.claim(room.do(lambda tx: room.desk.order(tx, "t1", SEGMENTATION, payload)))
    questions = [
        {
            "number": number,
            "boxes": [],
            "passage": "",
            "document": {
                "id": f"{job.id}-{number}",
                "purpose": "crop",
                "file_name": f"{number}.png",
                "content_type": "image/png",
                "size": 10,
                "subject": f"exam:{room.exam.id}:question:{number}",
            },
        }
        for number in found
    ]
    result = {"pages": 1, "unreadable": 0, "questions": questions, "passages": [], "missing": missing}
    end = Settlement(Lease(job.id, job.token), JobState.SUCCEEDED, result=result)
    room.do(lambda tx: settle(tx, room.types, [(job, end)]))


def shown(room: Room) -> set[int]:
    """Return the questions of which a note would show a picture."""

    def has(number: int) -> bool:
        subject = f"exam:{room.exam.id}:question:{number}"
        return bool(room.do(lambda tx: tx.documents.list("t1", "crop", subject, "", 1)).items)

    return {number for number in range(1, 20) if has(number)}


def test_what_the_same_paper_does_not_show_any_more_is_gone(room: Room) -> None:
    paper = room.document().id
    cut(room, paper, [1, 2, 3, 7], [4, 5, 6])
    cut(room, paper, [1, 2, 4, 5], [3, 6, 7])
    assert shown(room) == {1, 2, 4, 5}


def test_another_part_of_the_paper_keeps_its_pictures(room: Room) -> None:
    first, second = room.document().id, room.document().id
    cut(room, first, [1, 2, 3, 4, 5], list(range(6, 11)))
    cut(room, second, [6, 7, 8, 9, 10], list(range(1, 6)))
    assert shown(room) == set(range(1, 11))


def test_a_question_between_those_of_another_paper_is_gone(room: Room) -> None:
    cut(room, room.document().id, [1, 2, 3, 4, 5], [])
    cut(room, room.document().id, [1, 2, 4, 5], [3])
    assert shown(room) == {1, 2, 4, 5}
