"""Wrong-answer notes over HTTP: ordered, waited for, fetched, with what each student has to see and no more (DOC-3, API-1)."""

from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.paper import NAMES, Paper, filled, put, single_key
from tests.integration.notes.sample import texts
from tests.support.academics import problems
from tests.support.api import Api

from academy.domain.omr.standard import standard_sheet

pytestmark = [pytest.mark.timeout(180), pytest.mark.requirement("DOC-3")]
RIGHT = {str(at): "3" for at in range(1, 11)}
WRONG = (RIGHT, RIGHT | {"7": "1"}, RIGHT | {"2": "4", "7": "1"})
"""By name: the first has all right."""
EXPLANATION = "꼭짓점의 좌표를 먼저 구한다."


@pytest.fixture(scope="module")
def paper(api: Api) -> Paper:
    """An exam that was scanned and graded, whose key explains question 7."""
    paper = Paper(api)
    paper.sheet()
    key = single_key(RIGHT)
    key["items"][6]["explanation"] = EXPLANATION
    assert put(paper.teacher, f"{paper.path}/key", key).status_code == 200
    printed = paper.done(paper.teacher.post(f"{paper.path}/sheets", json={}).json()["id"])
    sheets = paper.fetch(printed["result"]["document"]["id"])
    scan = paper.read_scan(filled(sheets, standard_sheet(10), list(WRONG)))
    assert (scan["state"], scan["pages"]) == ("read", 3)
    return paper


def notes(paper: Paper, **wish: Any) -> dict[str, dict[str, Any]]:
    """Order notes and wait for them; return each by the student's name."""
    ordered = paper.teacher.post(f"{paper.path}/notes", json=wish)
    assert ordered.status_code == 202, ordered.text
    assert ordered.headers["location"] == f"/api/v1/jobs/{ordered.json()['id']}"
    job = paper.done(ordered.json()["id"])
    assert job["status"] == "succeeded", job
    names = {student: name for name, student in paper.students.items()}
    return {names[each["student_id"]]: each for each in job["result"]["notes"]}


def printed(paper: Paper, note: dict[str, Any], folder: Path) -> str:
    """Return the text of a note without its blanks, fetched as a browser would."""
    file = folder / "note.pdf"
    file.write_bytes(paper.fetch(note["document"]["id"]))
    return "".join(texts(file))


def test_each_student_with_a_mistake_gets_a_note_of_their_own(paper: Paper, tmp_path: Path) -> None:
    made = notes(paper)
    assert {name: note["reason"] for name, note in made.items() if note["document"] is None} == {
        NAMES[0]: "nothing_wrong"
    }
    second, third = (printed(paper, made[name], tmp_path) for name in NAMES[1:])
    for text, own, others in ((second, NAMES[1], (NAMES[0], NAMES[2])), (third, NAMES[2], NAMES[:2])):
        assert own in text
        assert not [name for name in others if name in text], "nobody else's"
    assert third.count("내답") == second.count("내답") + 1
    told = f"해설{EXPLANATION.replace(' ', '')}"
    for text in (second, third):
        assert text.index("정답", text.rindex("내답①")) < text.index(told), (
            "under the right answer of question 7"
        )
        assert text.count(told) == 1
    listed = paper.teacher.get("/api/v1/documents", params={"purpose": "note"}).json()["items"]
    assert {each["subject"] for each in listed} >= {
        f"exam:{paper.exam}:student:{paper.students[name]}" for name in NAMES[1:]
    }


def test_only_those_who_were_chosen_get_one(paper: Paper, tmp_path: Path) -> None:
    made = notes(paper, student_ids=[paper.students[NAMES[2]]])
    assert list(made) == [NAMES[2]]
    assert NAMES[2] in printed(paper, made[NAMES[2]], tmp_path)


def test_a_stranger_is_refused_and_nobody_else_gets_at_them(api: Api, paper: Paper) -> None:
    refused = paper.teacher.post(f"{paper.path}/notes", json={"student_ids": ["nobody"]})
    assert refused.status_code == 400
    assert problems(refused) == {"student_ids.0": "student_not_on_roster"}
    (note,) = notes(paper, student_ids=[paper.students[NAMES[1]]]).values()
    for person in (paper.school.student, paper.school.parent):
        assert person.get(f"/api/v1/documents/{note['document']['id']}/url").status_code == 403
    stranger = api.school().teacher
    assert stranger.get(f"/api/v1/documents/{note['document']['id']}/url").status_code == 404
    assert stranger.post(f"{paper.path}/notes", json={}).status_code == 404
