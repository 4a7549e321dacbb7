"""Every endpoint, one by one: another academy gets 404 (API-2). A new endpoint fails here until it is covered."""

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from dataclasses import fields as dataclass_fields
from typing import Any

import httpx2
import pytest
from django.urls import get_resolver
from tests.integration.api.paper import Paper
from tests.integration.api.study import Study
from tests.support.api import Api, Person, School
from tests.support.messaging import credit, order, set_up

from academy.application.academics.asker import korean_day
from academy.application.ports.database import JobFilter, Transaction
from academy.domain.graph.graph import LensDocument
from academy.interfaces.api.asgi import NATIVE_ROUTES


@dataclass
class Foreign:
    """What the other academy has."""

    video: str
    job: str
    session: str
    student: str
    parent: str
    school_class: str
    lecture: str
    lesson: str
    exam: str
    template: str
    order: str
    document: str
    scan: str
    paper_exam: str
    learner: str
    material: str


Ask = Callable[[Person, Foreign], httpx2.Response]
WISH = {"title": "x", "file_name": "x", "size": 1, "content_type": "video/mp4"}
BEAT = {"position": 1.0, "played_from": 0.0}
PARENT = {"name": "엄마", "phone": "010-1234-5678"}

# Route → a request about the other academy's thing that has to end in 404.
REFUSED: dict[str, list[Ask]] = {
    "/api/v1/videos/<str:video_id>": [
        lambda us, it: us.get(f"/api/v1/videos/{it.video}"),
        lambda us, it: us.http.patch(f"/api/v1/videos/{it.video}", json={"title": "ours now"}),
        lambda us, it: us.http.delete(f"/api/v1/videos/{it.video}"),
    ],
    "/api/v1/videos/<str:video_id>/complete": [lambda us, it: us.post(f"/api/v1/videos/{it.video}/complete")],
    "/api/v1/videos/<str:video_id>/retry": [lambda us, it: us.post(f"/api/v1/videos/{it.video}/retry")],
    "/api/v1/videos/<str:video_id>/cancel": [lambda us, it: us.post(f"/api/v1/videos/{it.video}/cancel")],
    "/api/v1/videos/<str:video_id>/playback": [lambda us, it: us.post(f"/api/v1/videos/{it.video}/playback")],
    "/api/v1/videos/<str:video_id>/viewers": [lambda us, it: us.get(f"/api/v1/videos/{it.video}/viewers")],
    "/api/v1/playback/<str:session_id>/beats": [
        lambda us, it: us.post(f"/api/v1/playback/{it.session}/beats", json=BEAT)
    ],
    "/api/v1/jobs/<str:job_id>": [lambda us, it: us.get(f"/api/v1/jobs/{it.job}")],
    "/api/v1/jobs/<str:job_id>/cancel": [lambda us, it: us.post(f"/api/v1/jobs/{it.job}/cancel")],
    "/api/v1/jobs/{job_id}/events": [lambda us, it: us.get(f"/api/v1/jobs/{it.job}/events")],
    "/api/v1/students/<str:student_id>": [
        lambda us, it: us.get(f"/api/v1/students/{it.student}"),
        lambda us, it: us.http.patch(f"/api/v1/students/{it.student}", json={"name": "ours now"}),
    ],
    "/api/v1/students/<str:student_id>/parents": [
        lambda us, it: us.post(f"/api/v1/students/{it.student}/parents", json=PARENT)
    ],
    "/api/v1/students/<str:student_id>/parents/<str:parent_id>": [
        lambda us, it: us.http.delete(f"/api/v1/students/{it.student}/parents/{it.parent}")
    ],
    "/api/v1/students/<str:student_id>/scores": [
        lambda us, it: us.get(f"/api/v1/students/{it.student}/scores")
    ],
    "/api/v1/parents/<str:parent_id>": [
        lambda us, it: us.http.patch(f"/api/v1/parents/{it.parent}", json={"name": "ours now"})
    ],
    "/api/v1/classes/<str:class_id>": [
        lambda us, it: us.get(f"/api/v1/classes/{it.school_class}"),
        lambda us, it: us.http.patch(f"/api/v1/classes/{it.school_class}", json={"name": "ours now"}),
    ],
    "/api/v1/classes/<str:class_id>/students": [
        lambda us, it: us.get(f"/api/v1/classes/{it.school_class}/students")
    ],
    "/api/v1/classes/<str:class_id>/enrolments": [
        lambda us, it: us.post(
            f"/api/v1/classes/{it.school_class}/enrolments", json={"student_ids": [it.student]}
        )
    ],
    "/api/v1/classes/<str:class_id>/departures": [
        lambda us, it: us.post(
            f"/api/v1/classes/{it.school_class}/departures", json={"student_ids": [it.student]}
        )
    ],
    "/api/v1/lectures/<str:lecture_id>": [
        lambda us, it: us.get(f"/api/v1/lectures/{it.lecture}"),
        lambda us, it: us.http.patch(f"/api/v1/lectures/{it.lecture}", json={"title": "ours now"}),
        lambda us, it: us.post("/api/v1/lectures", json={"class_id": it.school_class, "title": "ours"}),
    ],
    "/api/v1/lectures/<str:lecture_id>/sessions": [
        lambda us, it: us.get(f"/api/v1/lectures/{it.lecture}/sessions"),
        lambda us, it: us.post(f"/api/v1/lectures/{it.lecture}/sessions", json={}),
    ],
    "/api/v1/sessions/<str:session_id>": [
        lambda us, it: us.http.patch(f"/api/v1/sessions/{it.lesson}", json={"title": "ours now"})
    ],
    "/api/v1/sessions/<str:session_id>/attendance": [
        lambda us, it: us.get(f"/api/v1/sessions/{it.lesson}/attendance"),
        lambda us, it: us.post(
            f"/api/v1/sessions/{it.lesson}/attendance",
            json={"items": [{"student_id": it.student, "status": "absent"}]},
        ),
    ],
    "/api/v1/exams/<str:exam_id>": [
        lambda us, it: us.get(f"/api/v1/exams/{it.exam}"),
        lambda us, it: us.http.patch(f"/api/v1/exams/{it.exam}", json={"title": "ours now"}),
        lambda us, it: us.post("/api/v1/exams", json={"class_id": it.school_class, "title": "ours"}),
    ],
    "/api/v1/exams/<str:exam_id>/scores": [
        lambda us, it: us.get(f"/api/v1/exams/{it.exam}/scores"),
        lambda us, it: us.post(
            f"/api/v1/exams/{it.exam}/scores", json={"items": [{"student_id": it.student, "score": 1}]}
        ),
    ],
    "/api/v1/exams/<str:exam_id>/sheet": [
        lambda us, it: us.get(f"/api/v1/exams/{it.paper_exam}/sheet"),
        lambda us, it: us.http.put(
            f"/api/v1/exams/{it.paper_exam}/sheet", json={"standard": {"questions": 9}}
        ),
    ],
    "/api/v1/exams/<str:exam_id>/key": [
        lambda us, it: us.get(f"/api/v1/exams/{it.paper_exam}/key"),
        lambda us, it: us.http.put(
            f"/api/v1/exams/{it.paper_exam}/key", json={"items": [{"question": "1", "answers": ["1"]}]}
        ),
        lambda us, it: us.http.delete(f"/api/v1/exams/{it.paper_exam}/key"),
    ],
    "/api/v1/exams/<str:exam_id>/sheets": [
        lambda us, it: us.post(f"/api/v1/exams/{it.paper_exam}/sheets", json={"copies": 1})
    ],
    "/api/v1/exams/<str:exam_id>/scans": [
        lambda us, it: us.get(f"/api/v1/exams/{it.paper_exam}/scans"),
        lambda us, it: us.post(f"/api/v1/exams/{it.paper_exam}/scans", json={"document_id": it.document}),
    ],
    "/api/v1/exams/<str:exam_id>/review": [lambda us, it: us.get(f"/api/v1/exams/{it.paper_exam}/review")],
    "/api/v1/exams/<str:exam_id>/results": [lambda us, it: us.get(f"/api/v1/exams/{it.paper_exam}/results")],
    "/api/v1/exams/<str:exam_id>/notes": [lambda us, it: us.post(f"/api/v1/exams/{it.paper_exam}/notes")],
    "/api/v1/scans/<str:scan_id>": [
        lambda us, it: us.get(f"/api/v1/scans/{it.scan}"),
        lambda us, it: us.http.delete(f"/api/v1/scans/{it.scan}"),
    ],
    "/api/v1/scans/<str:scan_id>/read": [lambda us, it: us.post(f"/api/v1/scans/{it.scan}/read")],
    "/api/v1/scans/<str:scan_id>/pages/<str:number>": [
        lambda us, it: us.get(f"/api/v1/scans/{it.scan}/pages/1")
    ],
    "/api/v1/scans/<str:scan_id>/pages/<str:number>/decisions": [
        lambda us, it: us.post(f"/api/v1/scans/{it.scan}/pages/1/decisions", json={"student": it.student})
    ],
    "/api/v1/classes/<str:class_id>/exports/scores": [
        lambda us, it: us.post(f"/api/v1/classes/{it.school_class}/exports/scores")
    ],
    "/api/v1/classes/<str:class_id>/exports/attendance": [
        lambda us, it: us.post(f"/api/v1/classes/{it.school_class}/exports/attendance")
    ],
    "/api/v1/rosters/previews": [
        lambda us, it: us.post("/api/v1/rosters/previews", json={"document_id": it.document})
    ],
    "/api/v1/rosters/applications": [
        lambda us, it: us.post(
            "/api/v1/rosters/applications", json={"document_id": it.document, "digest": "0" * 64}
        )
    ],
    "/api/v1/documents/<str:document_id>": [
        lambda us, it: us.get(f"/api/v1/documents/{it.document}"),
        lambda us, it: us.http.delete(f"/api/v1/documents/{it.document}"),
    ],
    "/api/v1/documents/<str:document_id>/complete": [
        lambda us, it: us.post(f"/api/v1/documents/{it.document}/complete")
    ],
    "/api/v1/documents/<str:document_id>/url": [
        lambda us, it: us.get(f"/api/v1/documents/{it.document}/url")
    ],
    "/api/v1/graphs": [
        lambda us, it: us.post("/api/v1/graphs", json={"user_id": it.learner, "document_ids": [it.material]})
    ],
    "/api/v1/graphs/one": [lambda us, it: us.get("/api/v1/graphs/one", params={"user_id": it.learner})],
    "/api/v1/graphs/nodes": [
        lambda us, it: us.post(
            "/api/v1/graphs/nodes", json={"user_id": it.learner, "document_ids": [it.material]}
        )
    ],
    "/api/v1/graphs/summary": [
        lambda us, it: us.post("/api/v1/graphs/summary", json={"user_id": it.learner}),
        lambda us, it: us.get("/api/v1/graphs/summary", params={"user_id": it.learner}),
    ],
    "/api/v1/graphs/search": [
        lambda us, it: us.post("/api/v1/graphs/search", json={"user_id": it.learner, "text": "뮤텍스"})
    ],
    "/api/v1/graphs/picture": [
        lambda us, it: us.get("/api/v1/graphs/picture", params={"user_id": it.learner})
    ],
    "/api/v1/microscope/documents": [
        lambda us, it: us.post(
            "/api/v1/microscope/documents", json={"user_id": it.learner, "document_id": it.material}
        )
    ],
    "/api/v1/microscope/questions": [
        lambda us, it: us.post("/api/v1/microscope/questions", json={"user_id": it.learner, "question": "?"})
    ],
    "/api/v1/microscope/syntheses": [
        lambda us, it: us.post("/api/v1/microscope/syntheses", json={"user_id": it.learner})
    ],
    "/api/v1/microscope/related-questions": [
        lambda us, it: us.post("/api/v1/microscope/related-questions", json={"user_id": it.learner})
    ],
    "/api/v1/messages/templates/<str:template_id>": [
        lambda us, it: us.get(f"/api/v1/messages/templates/{it.template}"),
        lambda us, it: us.http.patch(f"/api/v1/messages/templates/{it.template}", json={"name": "ours now"}),
        lambda us, it: us.http.delete(f"/api/v1/messages/templates/{it.template}"),
    ],
    "/api/v1/messages/preview": [
        lambda us, it: us.post("/api/v1/messages/preview", json={"text": "x", "class_id": it.school_class}),
        lambda us, it: us.post("/api/v1/messages/preview", json={"text": "x", "student_ids": [it.student]}),
    ],
    "/api/v1/messages/orders": [
        lambda us, it: us.post("/api/v1/messages/orders", json={"text": "x", "class_id": it.school_class}),
        lambda us, it: us.post("/api/v1/messages/orders", json={"text": "x", "student_ids": [it.student]}),
    ],
    "/api/v1/messages/orders/<str:order_id>": [lambda us, it: us.get(f"/api/v1/messages/orders/{it.order}")],
    "/api/v1/messages/orders/<str:order_id>/cancel": [
        lambda us, it: us.post(f"/api/v1/messages/orders/{it.order}/cancel")
    ],
    "/api/v1/messages/opt-outs/<str:phone>": [
        lambda us, _: us.http.delete(f"/api/v1/messages/opt-outs/{PARENT['phone']}")
    ],
}
# Every route with another academy named in the header.
NAMED: dict[str, Ask] = {
    "/api/v1/videos": lambda us, _: us.get("/api/v1/videos"),
    "/api/v1/jobs": lambda us, _: us.get("/api/v1/jobs"),
    "/api/v1/students": lambda us, _: us.get("/api/v1/students"),
    "/api/v1/classes": lambda us, _: us.get("/api/v1/classes"),
    "/api/v1/lectures": lambda us, _: us.get("/api/v1/lectures"),
    "/api/v1/exams": lambda us, _: us.get("/api/v1/exams"),
    "/api/v1/documents": lambda us, _: us.get("/api/v1/documents"),
    "/api/v1/graphs": lambda us, _: us.get("/api/v1/graphs"),
    "/api/v1/messages/templates": lambda us, _: us.get("/api/v1/messages/templates"),
    "/api/v1/messages/orders": lambda us, _: us.get("/api/v1/messages/orders"),
    "/api/v1/messages/log": lambda us, _: us.get("/api/v1/messages/log"),
}
# Lists hold only what is ours; these hold nothing of an academy, or are for operators, who look across (tested elsewhere).
ELSEWHERE = {
    "/api/v1/openapi.json",
    "/api/v1/auth/login",
    "/api/v1/auth/logout",
    "/api/v1/auth/me",
    "/api/v1/operator/jobs",
    "/api/v1/operator/jobs/<str:job_id>",
    "/api/v1/operator/jobs/<str:job_id>/retry",
    "/api/v1/operator/queues",
    "/api/v1/operator/templates",
    "/api/v1/operator/academies/<str:academy_id>/prices",
    "/api/v1/operator/academies/<str:academy_id>/templates/<str:template_id>/approval",
    "/api/v1/operator/academies/<str:academy_id>/credits",
    "/admin/",
    "/healthz",
    "/readyz",
    "/metrics",
    # They name nothing of an academy; what a payload names a worker looks for within its academy: test_paper_exams.
    "/api/v1/ai/job-types",
    "/api/v1/ai/jobs",
    # Names nothing but classes: test_people_seen.
    "/api/v1/students/bulk",
    # They name nothing, each academy has its own: test_message_settings, test_message_export, test_credits.
    "/api/v1/messaging/settings",
    "/api/v1/messages/opt-outs",
    "/api/v1/messages/export",
    "/api/v1/credits",
    "/api/v1/credits/statement",
    "/api/v1/credits/statement.csv",
    # Not by membership but by signature: test_upload, test_playback.
    "/objects/{bucket}/{key}",
    "/media/{token}/{path}",
}
CASES = [(route, number) for route, asks in REFUSED.items() for number in range(len(asks))]


def taught(school: School) -> dict[str, str]:
    """Make a student with a parent, a class, and what is taught there, with attendance and a score."""

    def make(folder: str, **wish: object) -> dict[str, Any]:
        answer = school.teacher.post(f"/api/v1/{folder}", json=wish)
        assert answer.status_code in {200, 201}, answer.text
        made: dict[str, Any] = answer.json()
        return made

    class_id = make("classes", name="반")["id"]
    student = make("students", name="학생", parents=[PARENT], class_names=["반"])
    lecture = make("lectures", class_id=class_id, title="강의")["id"]
    lesson = make(f"lectures/{lecture}/sessions")["id"]
    exam = make("exams", class_id=class_id, title="시험")["id"]
    make(f"sessions/{lesson}/attendance", items=[{"student_id": student["id"], "status": "present"}])
    make(f"exams/{exam}/scores", items=[{"student_id": student["id"], "score": 90}])
    return {
        "student": student["id"],
        "parent": student["parents"][0]["id"],
        "school_class": class_id,
        "lecture": lecture,
        "lesson": lesson,
        "exam": exam,
    }


def written(school: School) -> dict[str, str]:
    """Make a template, an order, and somebody who wants no advertising."""
    set_up(school)
    assert credit(school, 1000).status_code == 201
    wish = {"name": "안내", "text": "안내"}
    template = school.teacher.post("/api/v1/messages/templates", json=wish).json()["id"]
    school.teacher.post("/api/v1/messages/opt-outs", json={"phone": PARENT["phone"]})
    placed = order(school, template_id=template, to=[{"phone": PARENT["phone"]}])
    return {"template": template, "order": placed["id"]}


def papered(school: School) -> dict[str, str]:
    """Make an exam on paper with a scan."""
    paper = Paper(school.api, school)
    paper.sheet(questions=5)
    document = paper.upload()
    answer = school.teacher.post(f"{paper.path}/scans", json={"document_id": document})
    assert answer.status_code == 202, answer.text
    return {"document": document, "scan": answer.json()["scan"]["id"], "paper_exam": paper.exam}


def learnt(school: School) -> dict[str, str]:
    """Make a learner with a graph, a document under the microscope and material for more."""
    learner = f"learner-{school.id}"
    material = Study(school.api, school).upload("a.md", "# A")

    def work(tx: Transaction) -> None:
        graph = tx.graphs.reserve(school.id, learner, "job")
        assert graph is not None
        tx.graphs.publish(replace(graph, build="job", prefix=f"tenants/{school.id}/graph/x/", nodes=1))
        tx.graphs.release(school.id, learner, "job")
        fields = {field.name: "x" for field in dataclass_fields(LensDocument)}
        counts = {"passages": 1, "entities": 0, "relations": 0, "updated_at": tx.now()}
        tx.lens.put(LensDocument(**{**fields, **counts, "tenant_id": school.id, "user_id": learner}))

    school.api.backends.database.run_sync(work)
    return {"learner": learner, "material": material}


@pytest.fixture(scope="module")
def ours(api: Api) -> School:
    return api.school()


@pytest.fixture(scope="module")
def theirs(api: Api) -> Foreign:
    school = api.school()
    video = school.ready_video()
    session = school.student.post(f"/api/v1/videos/{video.id}/playback").json()["session_id"]
    made = {**taught(school), **written(school), **papered(school), **learnt(school)}
    return Foreign(video.id, school.job().id, session, **made)


@pytest.mark.requirement("API-2")
def test_every_route_is_covered_here(api: Api) -> None:
    routes = {f"/{entry.pattern}" for entry in get_resolver().url_patterns} | set(NATIVE_ROUTES)

    assert routes == set(REFUSED) | set(NAMED) | ELSEWHERE


@pytest.mark.requirement("API-2")
@pytest.mark.parametrize(("route", "number"), CASES)
def test_another_academys_thing_is_not_there(route: str, number: int, ours: School, theirs: Foreign) -> None:
    answer = REFUSED[route][number](ours.teacher, theirs)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.requirement("API-2")
@pytest.mark.parametrize("route", sorted(NAMED))
def test_lists_hold_only_what_is_ours(api: Api, route: str, theirs: Foreign) -> None:
    school = api.school()
    mine = {school.job().id, school.ready_video().id, *taught(school).values(), *written(school).values()}
    mine |= {*papered(school).values(), *learnt(school).values()}

    text = NAMED[route](school.teacher, theirs).text

    assert not any(identity in text for identity in astuple(theirs))
    assert any(identity in text for identity in mine)


@pytest.mark.requirement("API-2")
def test_nothing_changed_over_there(api: Api, ours: School, theirs: Foreign) -> None:
    for asks in REFUSED.values():
        for ask in asks:
            ask(ours.teacher, theirs)

    job = api.backends.database.read_sync(lambda tx: tx.jobs.get(theirs.job))
    assert job is not None
    video = api.backends.database.read_sync(lambda tx: tx.videos.get(job.tenant_id, theirs.video))
    assert video is not None
    assert (job.state.value, job.cancel_requested, video.state.value, video.title) == (
        "PENDING",
        False,
        "READY",
        "강의",
    )
    assert _messaging(api, job.tenant_id, theirs) == ("WAITING", "안내", 1)
    assert _graphs(api, job.tenant_id, theirs) == (1, 1, [])
    assert _paper(api, job.tenant_id, theirs) == (5, 1, None, "ready", "reading")
    assert _academics(api, job.tenant_id, theirs) == ("학생", 1, "반", 1, "강의", "", "시험", "present", 90.0)


def _messaging(api: Api, tenant_id: str, it: Foreign) -> tuple[object, ...]:
    """Return what the requests above would have changed."""

    def work(tx: Transaction) -> tuple[object, ...]:
        placed, template = (
            tx.messages.order(tenant_id, it.order),
            tx.messaging.template(tenant_id, it.template),
        )
        assert placed is not None
        assert template is not None
        opted_out = tx.messaging.opted_out(tenant_id, ["01012345678"])
        return placed.state.value, template.name, len(opted_out)

    return api.backends.database.read_sync(work)


def _paper(api: Api, tenant_id: str, it: Foreign) -> tuple[object, ...]:
    """Return what the requests above would have changed."""

    def work(tx: Transaction) -> tuple[object, ...]:
        sheet = tx.exam_sheets.get(tenant_id, it.paper_exam)
        document, scan = tx.documents.get(tenant_id, it.document), tx.scans.get(tenant_id, it.scan)
        assert sheet is not None
        assert document is not None
        assert scan is not None
        questions = len(sheet.spec.questions)
        return questions, sheet.revision, sheet.key, document.state.value, scan.state.value

    return api.backends.database.read_sync(work)


def _graphs(api: Api, tenant_id: str, it: Foreign) -> tuple[object, ...]:
    """Return what the requests above would have changed."""

    def work(tx: Transaction) -> tuple[object, ...]:
        graph, lens = tx.graphs.get(tenant_id, it.learner), tx.lens.list(tenant_id, it.learner, "", 10)
        assert graph is not None
        where = JobFilter(tenant_id=tenant_id, subject=f"graph:{it.learner}")
        return graph.nodes, len(lens.items), list(tx.jobs.list(where, "", 10).items)

    return api.backends.database.read_sync(work)


def _academics(api: Api, tenant_id: str, it: Foreign) -> tuple[object, ...]:
    """Return what the requests above would have changed."""

    def work(tx: Transaction) -> tuple[object, ...]:
        student, exam = tx.people.student(tenant_id, it.student), tx.teaching.exam(tenant_id, it.exam)
        lesson, lecture = (
            tx.teaching.session(tenant_id, it.lesson),
            tx.teaching.lecture(tenant_id, it.lecture),
        )
        given = tx.teaching.school_class(tenant_id, it.school_class)
        assert None not in {student, exam, lesson, lecture, given}
        (attended,) = tx.teaching.attendance(tenant_id, it.lesson)
        (scored,) = tx.teaching.scores(tenant_id, it.exam)
        members = tx.teaching.enrolments(tenant_id, it.school_class, korean_day(tx.now()))
        parents = tx.people.parents_of(tenant_id, [it.student])
        return (
            student.name,
            len(parents),
            given.name,
            len(members),
            lecture.title,
            lesson.title,
            exam.title,
            attended.status.value,
            scored.score,
        )

    return api.backends.database.read_sync(work)


@pytest.mark.requirement("API-2")
def test_a_viewer_cannot_beat_for_another(api: Api) -> None:
    school = api.school()
    video = school.ready_video()
    session = school.student.post(f"/api/v1/videos/{video.id}/playback").json()["session_id"]

    assert school.parent.post(f"/api/v1/playback/{session}/beats", json=BEAT).status_code == 404
    assert school.student.post(f"/api/v1/playback/{session}/beats", json=BEAT).status_code == 200
