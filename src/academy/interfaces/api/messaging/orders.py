"""Messages: try out, order, call off, look how an order stands (MSG-4, MSG-5, MSG-6)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.messaging.audience import Addressed, Audience, Side, addressed, refusal_naming
from academy.application.messaging.desk import check_wording
from academy.application.messaging.log import report
from academy.application.messaging.orders import OrderRequest, RecipientsRefused
from academy.application.ports.database import Transaction
from academy.contracts.rest.messages import (
    OrderMessagesRequest,
    OrderPage,
    OrderQuery,
    OrderReportView,
    OrderWithJob,
    PreviewView,
)
from academy.domain.messaging.compose import Recipient
from academy.domain.messaging.message import OrderState
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.jobs.present import job_view
from academy.interfaces.api.messaging.present import (
    order_view,
    preview_view,
    report_view,
)
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = ["OrderCancelView", "OrderDetailView", "OrderListView", "PreviewDetailView"]


class _OrderingEndpoint(TenantEndpoint):
    def request_of(
        self, tx: Transaction, asked: OrderMessagesRequest
    ) -> tuple[OrderRequest, list[Addressed]]:
        """Return what is asked for with everybody whom it goes to. Raises NotFound, Refused."""
        audience = Audience(
            to=[Recipient(each.phone, each.name, each.variables) for each in asked.to],
            class_id=asked.class_id,
            on=asked.on,
            student_ids=asked.student_ids,
            side=Side(asked.audience),
            variables=asked.variables,
        )
        check_wording(asked.text, asked.template_id)
        found = addressed(tx, self.member.tenant_id, audience)
        request = OrderRequest(
            tenant_id=self.member.tenant_id,
            recipients=[each.recipient for each in found],
            text=asked.text,
            template_id=asked.template_id,
            title=asked.title,
            advertising=asked.advertising,
            skip_invalid=asked.skip_invalid,
            send_at=asked.send_at,
            by=self.member.viewer,
            trace=self.traceparent,
        )
        return request, found


class PreviewDetailView(_OrderingEndpoint):
    """What an order would do."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=OrderMessagesRequest,
        parameters=[TENANT],
        responses={200: PreviewView},
        operation_id="preview_messages",
        tags=["messages"],
    )
    def post(self, request: Request) -> Response:
        """Show what each recipient would read, by which way and at what price; nothing is sent or changed."""
        asked = self.body(OrderMessagesRequest)

        def work(tx: Transaction) -> PreviewView:
            wanted, found = self.request_of(tx, asked)
            made = self.services.message_orders.preview(tx, wanted)
            balance = tx.credits.balance(self.member.tenant_id)
            return preview_view(found, made, balance, self.language)

        return Response(self.services.database.read_sync(work))


class OrderListView(_OrderingEndpoint):
    """All orders of an academy."""

    roles: ClassVar = {"GET": MANAGERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(OrderQuery)],
        responses={200: OrderPage},
        operation_id="list_message_orders",
        tags=["messages"],
    )
    def get(self, request: Request) -> Response:
        """List orders, newest first."""
        query = self.query(OrderQuery)
        state = OrderState(query.state) if query.state else None
        page = self.page(
            lambda tx: tx.messages.orders(self.member.tenant_id, state, query.cursor, query.limit)
        )
        items = [order_view(each) for each in page.items]
        return Response(OrderPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=OrderMessagesRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: OrderWithJob},
        operation_id="order_messages",
        tags=["messages"],
    )
    def post(self, request: Request) -> Response:
        """Order messages: their price is reserved now, a job sends them at once or at `send_at`."""
        asked = self.body(OrderMessagesRequest)

        def work(tx: Transaction) -> OrderWithJob:
            wanted, found = self.request_of(tx, asked)
            try:
                order = self.services.message_orders.place(tx, wanted)
            except RecipientsRefused as refused:
                raise refusal_naming(refused, found) from None
            job = tx.jobs.get(order.job_id)
            assert job is not None
            starts = self.services.types.starts_at(tx, job)
            return OrderWithJob(order=order_view(order), job=job_view(job, None, self.language, starts))

        return self.once(202, work)


class OrderDetailView(TenantEndpoint):
    """One order."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: OrderReportView},
        operation_id="get_message_order",
        tags=["messages"],
    )
    def get(self, request: Request, order_id: str) -> Response:
        """Show how an order stands; for news of it as they come see the events of its job."""
        found = self.services.database.read_sync(lambda tx: report(tx, self.member.tenant_id, order_id))
        return Response(report_view(found))


class OrderCancelView(TenantEndpoint):
    """The wish that an order stop."""

    roles: ClassVar = {"POST": MANAGERS}

    @extend_schema(
        request=None,
        parameters=[TENANT, IDEMPOTENT],
        responses={202: OrderReportView},
        operation_id="cancel_message_order",
        tags=["messages"],
    )
    def post(self, request: Request, order_id: str) -> Response:
        """Call off every message of an order that nobody has begun to send; its price is given back."""

        def work(tx: Transaction) -> OrderReportView:
            self.services.message_orders.cancel(tx, self.member.tenant_id, order_id)
            return report_view(report(tx, self.member.tenant_id, order_id))

        return self.once(202, work)
