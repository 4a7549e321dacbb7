"""Scans of filled sheets and the review of their pages (OMR-2, OMR-4)."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.ai.grading import GradedPage
from academy.application.ai.review import NOT_SAID
from academy.application.errors import NotFound
from academy.application.ports.database import Transaction
from academy.application.ports.object_store import ObjectStoreError
from academy.contracts.rest.scans import (
    AddScanRequest,
    DecideRequest,
    PageView,
    ReadAgainRequest,
    ReviewQuery,
    ReviewQueueView,
    ScanAndJob,
    ScanList,
    ScanView,
)
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.accounts.names import names_of
from academy.interfaces.api.ai.endpoint import OVERLAY_SECONDS, PaperEndpoint
from academy.interfaces.api.ai.pages import page_view, people_on, queue_view
from academy.interfaces.api.ai.present import scan_and_job, scan_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = [
    "DecisionListView",
    "ReviewDetailView",
    "ScanDetailView",
    "ScanListView",
    "ScanPageView",
    "ScanReadView",
]

log = logging.getLogger(__name__)
_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


class ScanListView(PaperEndpoint):
    """The scans of an exam."""

    roles: ClassVar = {"GET": MANAGERS, "POST": MANAGERS}

    @extend_schema(parameters=[TENANT], responses={200: ScanList}, operation_id="list_scans", tags=["scans"])
    def get(self, request: Request, exam_id: str) -> Response:
        """List the scans of an exam by number."""
        found = self.read(lambda tx: self.services.exam_desk.scans(tx, self.asker, exam_id))
        return Response(ScanList(items=[scan_view(each, self.language) for each in found]))

    @extend_schema(
        request=AddScanRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: ScanAndJob},
        operation_id="add_scan",
        tags=["scans"],
    )
    def post(self, request: Request, exam_id: str) -> Response:
        """Have an uploaded scan read and graded; follow the job, then look at the review."""
        asked = self.body(AddScanRequest)
        desk = self.services.exam_desk
        return self.once(
            202,
            lambda tx: scan_and_job(
                *desk.add_scan(tx, self.asker, exam_id, asked.document_id, asked.tier, self.traceparent),
                self.language,
            ),
        )


class ScanDetailView(PaperEndpoint):
    """One scan."""

    roles: ClassVar = {"GET": MANAGERS, "DELETE": MANAGERS}

    @extend_schema(parameters=[TENANT], responses={200: ScanView}, operation_id="get_scan", tags=["scans"])
    def get(self, request: Request, scan_id: str) -> Response:
        """Show a scan."""
        found = self.read(lambda tx: self.services.exam_desk.scan(tx, self.asker, scan_id))
        return Response(scan_view(found, self.language))

    @extend_schema(parameters=[TENANT], responses={204: None}, operation_id="remove_scan", tags=["scans"])
    def delete(self, request: Request, scan_id: str) -> Response:
        """Take a scan away, with its pages, what was decided on them, and the scores that came of it; its document stays."""
        self.write(lambda tx: self.services.exam_desk.remove_scan(tx, self.asker, scan_id))
        self._drop_overlays(scan_id)
        return Response(status=204)

    def _drop_overlays(self, scan_id: str) -> None:
        """Delete pictures that nothing names any more; should the store be away the reconciler does so later."""
        try:
            self.portal.call(self.services.overlays.drop, self.member.tenant_id, scan_id)
        except ObjectStoreError as error:
            log.warning("overlays_left", extra={"scan": scan_id, "error": type(error).__name__})


class ScanReadView(PaperEndpoint):
    """Another reading."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=ReadAgainRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: ScanAndJob},
        operation_id="read_scan",
        tags=["scans"],
    )
    def post(self, request: Request, scan_id: str) -> Response:
        """Read a scan again. What was read before counts until then; what people decided stays for good."""
        asked = self.body(ReadAgainRequest)
        desk = self.services.exam_desk
        return self.once(
            202,
            lambda tx: scan_and_job(
                *desk.reread(tx, self.asker, scan_id, asked.tier, self.traceparent), self.language
            ),
        )


class ReviewDetailView(PaperEndpoint):
    """What waits for a person."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(ReviewQuery)],
        responses={200: ReviewQueueView},
        operation_id="get_review",
        tags=["scans"],
    )
    def get(self, request: Request, exam_id: str) -> Response:
        """List pages with doubtful answers or without a certain student, by scan and page."""
        query = self.query(ReviewQuery)

        queue = self.read(lambda tx: self.services.review.queue(tx, self.asker, exam_id, query.limit))
        urls = self.portal.call(self._urls, [page.page.overlay_key for page in queue.pages])

        def work(tx: Transaction) -> ReviewQueueView:
            students = tx.people.by_ids(self.member.tenant_id, people_on(queue.pages))
            return queue_view(queue, students, urls, self.language)

        return Response(self.read(work))

    async def _urls(self, keys: Sequence[str]) -> Mapping[str, str]:
        sign = self.services.ai_objects.presign_get
        return {key: await sign(key, OVERLAY_SECONDS) for key in keys if key}


class _PageEndpoint(PaperEndpoint):
    def shown(self, tx: Transaction, page: GradedPage, overlay_url: str) -> PageView:
        """Return a page as people see it."""
        sheet = self.services.exam_desk.sheet(tx, self.asker, page.scan.exam_id)
        students = tx.people.by_ids(self.member.tenant_id, people_on([page]))
        names = names_of([each.by for each in page.log])
        return page_view(page, sheet.spec, students, names, overlay_url, self.language)

    def overlay_url(self, page: GradedPage) -> str:
        """Return a signed address of the page's picture, "" without one."""
        key = page.page.overlay_key
        return self.portal.call(self.services.ai_objects.presign_get, key, OVERLAY_SECONDS) if key else ""


class ScanPageView(_PageEndpoint):
    """One page of a scan."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(parameters=[TENANT], responses={200: PageView}, operation_id="get_page", tags=["scans"])
    def get(self, request: Request, scan_id: str, number: str) -> Response:
        """Show a page: every field with its certainty, what people decided, whose it is, its score and its picture."""
        found = self.read(lambda tx: self.services.review.page(tx, self.asker, scan_id, page_number(number)))
        url = self.overlay_url(found)
        return Response(self.read(lambda tx: self.shown(tx, found, url)))


class DecisionListView(_PageEndpoint):
    """What people decide about a page."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=DecideRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={200: PageView},
        operation_id="decide_page",
        tags=["scans"],
    )
    def post(self, request: Request, scan_id: str, number: str) -> Response:
        """Say what is marked on a page, or whose it is. It is appended to the log and counts over every reading; scores follow.

        The answer is the page as it stands then; its `overlay_url` is null, for the picture is the one you have.
        """
        asked = self.body(DecideRequest)
        student = asked.student if "student" in asked.model_fields_set else NOT_SAID

        def work(tx: Transaction) -> PageView:
            decided = self.services.review.decide(
                tx, self.asker, scan_id, page_number(number), asked.fields, student, asked.seen
            )
            return self.shown(tx, decided, "")

        return self.once(200, work)


def page_number(text: str) -> int:
    """Return the number of a page. Raises NotFound."""
    if not _NUMBER.fullmatch(text):
        raise NotFound("page")
    return int(text)
