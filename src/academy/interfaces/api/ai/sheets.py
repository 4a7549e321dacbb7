"""The sheet and the answer key of an exam, and printing sheets (OMR-1, OMR-3, OMR-5)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.academics.form import FieldsRefused
from academy.application.ai.sheet_json import from_contract
from academy.application.errors import Fault, NotFound
from academy.contracts.rest.exam_sheets import (
    ExamKeyView,
    ExamSheetView,
    PrintSheetsRequest,
    SetKeyRequest,
    SetSheetRequest,
)
from academy.contracts.rest.jobs import JobView
from academy.domain.failures import Failure
from academy.domain.omr.exam_sheet import ExamSheet
from academy.domain.omr.refusal import SheetRefused
from academy.domain.omr.sheet import SheetSpec, SpecInvalid
from academy.domain.omr.standard import standard_sheet
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.ai.endpoint import PaperEndpoint
from academy.interfaces.api.ai.keys import key_of, key_view
from academy.interfaces.api.ai.present import sheet_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT

__all__ = ["ExamKeyDetailView", "ExamSheetDetailView", "PrintSheetsView"]

_ONE_OF = Failure(
    "sheet_one_of",
    "Give either `standard`, for a sheet that this system designs, or `specification`, for another; not both.",
    "standard(기본 답안지)와 specification(다른 양식) 중 하나만 지정해 주세요.",
)


class ExamSheetDetailView(PaperEndpoint):
    """The sheet of an exam."""

    roles: ClassVar = {"GET": MANAGERS, "PUT": MANAGERS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: ExamSheetView},
        operation_id="get_exam_sheet",
        tags=["answer sheets"],
    )
    def get(self, request: Request, exam_id: str) -> Response:
        """Show what an exam is marked on."""
        found = self.read(lambda tx: self.services.exam_desk.sheet(tx, self.asker, exam_id))
        return Response(sheet_view(found))

    @extend_schema(
        request=SetSheetRequest,
        parameters=[TENANT],
        responses={200: ExamSheetView},
        operation_id="set_exam_sheet",
        tags=["answer sheets"],
    )
    def put(self, request: Request, exam_id: str) -> Response:
        """Say what an exam is marked on. Once scans were read its questions stay: `sheet_in_use`."""
        asked = self.body(SetSheetRequest)
        spec = _spec_of(asked)
        changed = self.write(
            lambda tx: self.services.exam_desk.set_sheet(
                tx, self.asker, exam_id, spec, asked.threshold, asked.blank_document_id or ""
            )
        )
        return Response(sheet_view(changed))


class ExamKeyDetailView(PaperEndpoint):
    """The answer key of an exam."""

    roles: ClassVar = {"GET": MANAGERS, "PUT": MANAGERS, "DELETE": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: ExamKeyView}, operation_id="get_exam_key", tags=["answer sheets"]
    )
    def get(self, request: Request, exam_id: str) -> Response:
        """Show what is right."""
        found = self.read(lambda tx: self.services.exam_desk.sheet(tx, self.asker, exam_id))
        return Response(_shown(found))

    @extend_schema(
        request=SetKeyRequest,
        parameters=[TENANT],
        responses={200: ExamKeyView},
        operation_id="set_exam_key",
        tags=["answer sheets"],
    )
    def put(self, request: Request, exam_id: str) -> Response:
        """Say what is right, for all questions at once; scores follow at once."""
        asked = self.body(SetKeyRequest)
        key = key_of(asked)
        changed = self.write(
            lambda tx: self.services.exam_desk.set_key(
                tx, self.asker, exam_id, key, ends_before=asked.ends_before
            )
        )
        return Response(_shown(changed))

    @extend_schema(
        parameters=[TENANT], responses={204: None}, operation_id="remove_exam_key", tags=["answer sheets"]
    )
    def delete(self, request: Request, exam_id: str) -> Response:
        """Take the key away, and with it the scores that came of it; those that a person noted stay."""
        self.write(lambda tx: self.services.exam_desk.set_key(tx, self.asker, exam_id, None))
        return Response(status=204)


class PrintSheetsView(PaperEndpoint):
    """Sheets on paper."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=PrintSheetsRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: JobView},
        operation_id="print_sheets",
        tags=["answer sheets"],
    )
    def post(self, request: Request, exam_id: str) -> Response:
        """Make a PDF of sheets, personal or for anybody; the job's `result` names the document."""
        asked = self.body(PrintSheetsRequest)
        desk = self.services.exam_desk
        return self.ordered(
            lambda tx: desk.print_sheets(
                tx, self.asker, exam_id, asked.student_ids, asked.copies, asked.tier, self.traceparent
            )
        )


def _shown(sheet: ExamSheet) -> ExamKeyView:
    if sheet.key is None:
        raise NotFound("answer key")
    return key_view(sheet, sheet.key)


def _spec_of(asked: SetSheetRequest) -> SheetSpec:
    """Return the sheet that a request describes. Raises FieldsRefused."""
    standard, given = asked.standard, asked.specification
    if (standard is None) == (given is None):
        raise FieldsRefused([Fault(("standard",), _ONE_OF)])
    try:
        if given is not None:
            return from_contract(given)
        assert standard is not None
        return standard_sheet(
            standard.questions,
            standard.choices,
            standard.numbers,
            standard.digits,
            landscape=standard.landscape,
        )
    except SpecInvalid as error:
        raise FieldsRefused([Fault(("specification",), error.failure)]) from None
    except SheetRefused as error:
        raise FieldsRefused([Fault(("standard",), error.failure)]) from None
