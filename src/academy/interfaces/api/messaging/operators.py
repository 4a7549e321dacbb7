"""What operators settle with an academy: prices, approvals, credit (MSG-1, MSG-2)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.messaging.credit_desk import top_up, withdraw
from academy.application.messaging.desk import PriceChange
from academy.application.messaging.templates import templates_with_academies
from academy.contracts.rest.credits import BalanceView, MoveCreditRequest
from academy.contracts.rest.messaging_settings import (
    ChangePricesRequest,
    DecideTemplateRequest,
    MessageTemplateView,
    OperatorTemplatePage,
    OperatorTemplateQuery,
    PricesView,
)
from academy.domain.messaging.template import Approval
from academy.interfaces.api.accounts.members import OPERATORS
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.messaging.present import (
    balance_view,
    operator_template_view,
    prices_view,
    template_view,
)
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = ["OperatorApprovalView", "OperatorCreditView", "OperatorPricesView", "OperatorTemplateListView"]


class OperatorPricesView(TenantEndpoint):
    """What an academy pays."""

    roles: ClassVar = {"PATCH": OPERATORS}

    @extend_schema(
        request=ChangePricesRequest,
        parameters=[TENANT],
        responses={200: PricesView},
        operation_id="operator_change_prices",
        tags=["operator"],
    )
    def patch(self, request: Request, academy_id: str) -> Response:
        """Change what an academy pays for a message, for orders from now on."""
        change = PriceChange(**self.body(ChangePricesRequest).model_dump())
        changed = self.services.database.run_sync(
            lambda tx: self.services.message_desk.change_prices(tx, academy_id, change)
        )
        return Response(prices_view(changed.prices))


class OperatorTemplateListView(TenantEndpoint):
    """Templates of every academy."""

    roles: ClassVar = {"GET": OPERATORS}

    @extend_schema(
        parameters=[TENANT, *parameters(OperatorTemplateQuery)],
        responses={200: OperatorTemplatePage},
        operation_id="operator_list_templates",
        tags=["operator"],
    )
    def get(self, request: Request) -> Response:
        """List templates of all academies or one, newest first; `approval=pending` are those that wait for KakaoTalk's answer."""
        query = self.query(OperatorTemplateQuery)
        approval = Approval(query.approval) if query.approval else None
        page = self.page(
            lambda tx: templates_with_academies(tx, query.academy_id, approval, query.cursor, query.limit)
        )
        items = [operator_template_view(tenant, template) for tenant, template in page.items]
        return Response(OperatorTemplatePage(items=items, next_cursor=page.next_cursor))


class OperatorApprovalView(TenantEndpoint):
    """What KakaoTalk said of a template."""

    roles: ClassVar = {"POST": OPERATORS}

    @extend_schema(
        request=DecideTemplateRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={200: MessageTemplateView},
        operation_id="operator_decide_template",
        tags=["operator"],
    )
    def post(self, request: Request, academy_id: str, template_id: str) -> Response:
        """Note that KakaoTalk has approved or rejected an academy's template."""
        approval = Approval(self.body(DecideTemplateRequest).approval)
        decide = self.services.message_desk.decide_template
        return self.once(200, lambda tx: template_view(decide(tx, academy_id, template_id, approval)))


class OperatorCreditView(TenantEndpoint):
    """Credit paid in for an academy or taken back."""

    roles: ClassVar = {"POST": OPERATORS}

    @extend_schema(
        request=MoveCreditRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: BalanceView},
        operation_id="operator_move_credit",
        tags=["operator"],
    )
    def post(self, request: Request, academy_id: str) -> Response:
        """Pay in credit for an academy, or take back what is not reserved; the answer is what it has then."""
        asked = self.body(MoveCreditRequest)
        move = top_up if asked.kind == "top_up" else withdraw
        return self.once(
            201,
            lambda tx: balance_view(
                move(tx, academy_id, asked.amount, note=asked.note, by=self.member.viewer)
            ),
        )
