"""What operators settle with an academy: prices, approvals, credit (MSG-1, MSG-2)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.messaging.credit_desk import top_up, withdraw
from academy.application.messaging.desk import PriceChange
from academy.contracts.rest.credits import BalanceView, MoveCreditRequest
from academy.contracts.rest.messaging_settings import (
    ChangePricesRequest,
    DecideTemplateRequest,
    MessageTemplateView,
    PricesView,
)
from academy.domain.messaging.template import Approval
from academy.interfaces.api.accounts.members import OPERATORS
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.messaging.present import balance_view, prices_view, template_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT

__all__ = ["OperatorApprovalView", "OperatorCreditView", "OperatorPricesView"]


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
