"""The log: every message of an academy and what became of it, page by page and as a file (MSG-5)."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.messaging.log import name_wanted, number_wanted
from academy.application.ports.messaging import MessageFilter
from academy.application.ports.page import up_to
from academy.contracts.rest.messages import LogFileQuery, LogFilter, LogPage, LogQuery
from academy.domain.messaging.message import MessageState
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.messaging.csv_file import csv_answer
from academy.interfaces.api.messaging.log_file import log_file
from academy.interfaces.api.messaging.present import log_entry_view
from academy.interfaces.api.schema import TENANT, parameters

__all__ = ["MessageFileView", "MessageLogView"]


class MessageLogView(TenantEndpoint):
    """Every message of an academy."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(LogQuery)],
        responses={200: LogPage},
        operation_id="list_messages",
        tags=["messages"],
    )
    def get(self, request: Request) -> Response:
        """List messages, newest first, and what became of each."""
        query = self.query(LogQuery)
        where = _wanted(query)
        page = self.page(lambda tx: tx.messages.list(self.member.tenant_id, where, query.cursor, query.limit))
        items = [log_entry_view(each, self.language) for each in page.items]
        return Response(LogPage(items=items, next_cursor=page.next_cursor))


class MessageFileView(TenantEndpoint):
    """The same as a file for a spreadsheet."""

    roles: ClassVar = {"GET": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(LogFileQuery)],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id="get_message_file",
        tags=["messages"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the log as CSV in UTF-8, newest first, a line for each message; numbers are masked."""
        query = self.query(LogFileQuery)
        where, tenant_id = _wanted(query), self.member.tenant_id
        found = self.page(
            lambda tx: up_to(
                lambda cursor, limit: tx.messages.list(tenant_id, where, cursor, limit),
                query.cursor,
                query.limit,
            )
        )
        content = log_file(found.items, self.language)
        return csv_answer(content, "messages.csv", "/api/v1/messages/export", query, found.next_cursor)


def _wanted(query: LogFilter) -> MessageFilter:
    """Return which messages are asked for. Raises Refused."""
    return MessageFilter(
        state=MessageState(query.state) if query.state else None,
        order_id=query.order_id,
        to=number_wanted(query.to) if query.to else None,
        name=name_wanted(query.name) if query.name else None,
        since=query.since,
        until=query.until,
    )
