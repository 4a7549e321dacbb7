"""Credits of an academy: balance and statement (MSG-2)."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.messaging.credit_desk import extract
from academy.contracts.rest.credits import BalanceView, StatementFileQuery, StatementPage, StatementQuery
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.messaging.csv_file import csv_answer
from academy.interfaces.api.messaging.present import balance_view, transfer_view
from academy.interfaces.api.messaging.statement_file import statement_file
from academy.interfaces.api.schema import TENANT, parameters

__all__ = ["BalanceDetailView", "StatementFileView", "StatementListView"]


class BalanceDetailView(TenantEndpoint):
    """What an academy has."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={200: BalanceView}, operation_id="get_credits", tags=["credits"]
    )
    def get(self, request: Request) -> Response:
        """Show what stands on the academy's accounts."""
        balance = self.services.database.read_sync(lambda tx: tx.credits.balance(self.member.tenant_id))
        return Response(balance_view(balance))


class StatementListView(TenantEndpoint):
    """How credit came and went."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(StatementQuery)],
        responses={200: StatementPage},
        operation_id="list_credit_transfers",
        tags=["credits"],
    )
    def get(self, request: Request) -> Response:
        """List transfers, newest first, with the accounts that they moved."""
        query = self.query(StatementQuery)
        page = self.page(lambda tx: tx.credits.statement(self.member.tenant_id, query.cursor, query.limit))
        items = [transfer_view(each) for each in page.items]
        return Response(StatementPage(items=items, next_cursor=page.next_cursor))


class StatementFileView(TenantEndpoint):
    """The same as a file for a spreadsheet."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(StatementFileQuery)],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id="get_credit_statement_file",
        tags=["credits"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the statement as CSV in UTF-8, newest first, two lines for each transfer."""
        query = self.query(StatementFileQuery)
        found = self.page(lambda tx: extract(tx, self.member.tenant_id, query.cursor, query.limit))
        content = statement_file(found.transfers, self.language)
        return csv_answer(content, "credits.csv", "/api/v1/credits/statement.csv", query, found.next_cursor)
