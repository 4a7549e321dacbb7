"""Exams and scores (ACA-1)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.academics.exams import ExamChange, NewExam, Scored
from academy.application.ports.database import Transaction
from academy.contracts.rest.exams import (
    AddExamRequest,
    ChangeExamRequest,
    ExamPage,
    ExamView,
    NoteScoresRequest,
    ScoreList,
    ScoresQuery,
    StudentScoreList,
    StudentScoreView,
)
from academy.contracts.rest.teaching import OfClassQuery
from academy.interfaces.api.academics.endpoint import MEMBERS, AcademicsEndpoint
from academy.interfaces.api.academics.present import exam_view, score_list
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.accounts.names import names_of
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = ["ExamDetailView", "ExamListView", "ScoreListView", "StudentScoreListView"]


class ExamListView(AcademicsEndpoint):
    """All exams of an academy."""

    roles: ClassVar = {"GET": MEMBERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(OfClassQuery)],
        responses={200: ExamPage},
        operation_id="list_exams",
        tags=["exams"],
    )
    def get(self, request: Request) -> Response:
        """List exams, newest first; students and parents see those of their classes."""
        query = self.query(OfClassQuery)
        page = self.page(
            lambda tx: self.services.exams.list(tx, self.asker, query.class_id, query.cursor, query.limit)
        )
        items = [exam_view(each) for each in page.items]
        return Response(ExamPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=AddExamRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: ExamView},
        operation_id="add_exam",
        tags=["exams"],
    )
    def post(self, request: Request) -> Response:
        """Make an exam of a class."""
        asked = self.body(AddExamRequest)
        wish = NewExam(asked.class_id, asked.title, asked.held_on, asked.max_score)
        return self.created("exams", lambda tx: exam_view(self.services.exams.add(tx, self.asker, wish)))


class ExamDetailView(AcademicsEndpoint):
    """One exam."""

    roles: ClassVar = {"GET": MEMBERS, "PATCH": MANAGERS}

    @extend_schema(parameters=[TENANT], responses={200: ExamView}, operation_id="get_exam", tags=["exams"])
    def get(self, request: Request, exam_id: str) -> Response:
        """Show an exam."""
        return Response(exam_view(self.read(lambda tx: self.services.exams.get(tx, self.asker, exam_id))))

    @extend_schema(
        request=ChangeExamRequest,
        parameters=[TENANT],
        responses={200: ExamView},
        operation_id="change_exam",
        tags=["exams"],
    )
    def patch(self, request: Request, exam_id: str) -> Response:
        """Change an exam."""
        asked = self.body(ChangeExamRequest)
        unplanned = "held_on" in asked.model_fields_set and asked.held_on is None
        change = ExamChange(asked.title, asked.held_on, asked.max_score, unplanned)
        changed = self.write(lambda tx: self.services.exams.change(tx, self.asker, exam_id, change))
        return Response(exam_view(changed))


class ScoreListView(AcademicsEndpoint):
    """The scores of an exam."""

    roles: ClassVar = {"GET": MEMBERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: ScoreList}, operation_id="list_scores", tags=["exams"]
    )
    def get(self, request: Request, exam_id: str) -> Response:
        """List the scores of an exam; students and parents see their own."""
        noted = self.read(lambda tx: self.services.exams.scores(tx, self.asker, exam_id))
        return Response(score_list(noted, self.asker, names_of([each.by for each in noted])))

    @extend_schema(
        request=NoteScoresRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={200: ScoreList},
        operation_id="note_scores",
        tags=["exams"],
    )
    def post(self, request: Request, exam_id: str) -> Response:
        """Note scores, all or some; the answer is the whole list as it stands then."""
        asked = self.body(NoteScoresRequest)
        scored = [Scored(each.student_id, each.score) for each in asked.items]

        def work(tx: Transaction) -> ScoreList:
            noted = self.services.exams.note_scores(tx, self.asker, exam_id, scored)
            return score_list(noted, self.asker, names_of([each.by for each in noted]))

        return self.once(200, work)


class StudentScoreListView(AcademicsEndpoint):
    """The scores of a student."""

    roles: ClassVar = {"GET": MEMBERS}

    @extend_schema(
        parameters=[TENANT, *parameters(ScoresQuery)],
        responses={200: StudentScoreList},
        operation_id="list_student_scores",
        tags=["exams"],
    )
    def get(self, request: Request, student_id: str) -> Response:
        """List what a student scored, newest exam first."""
        query = self.query(ScoresQuery)
        found = self.read(lambda tx: self.services.exams.scores_of(tx, self.asker, student_id, query.limit))
        items = [
            StudentScoreView(exam=exam_view(exam), score=score.score, updated_at=score.updated_at)
            for exam, score in found
        ]
        return Response(StudentScoreList(items=items))
