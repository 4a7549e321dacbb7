"""The HTTP API as somebody uses it who runs an academy: people, messages, credit."""

from collections.abc import Sequence
from urllib.parse import urlencode

from academy.contracts.rest.credits import BalanceView, StatementPage, TransferView
from academy.contracts.rest.messages import (
    LogEntryView,
    LogPage,
    OrderMessagesRequest,
    OrderReportView,
    OrderWithJob,
    PreviewView,
)
from academy.contracts.rest.messaging_settings import (
    AddTemplateRequest,
    MessageTemplateView,
    MessagingSettingsView,
)
from academy.contracts.rest.people import AddStudentsRequest, StudentsAdded
from academy.contracts.rest.teaching import AddClassRequest, ClassView
from academy.interfaces.cli.client import AcademyClient

__all__ = ["OfficeClient"]

_PAGE = 100


class OfficeClient(AcademyClient):
    """The session of an owner or teacher. Methods raise as those of AcademyClient do."""

    def add_class(self, name: str) -> ClassView:
        """Make a class."""
        body = AddClassRequest(name=name).model_dump(mode="json")
        return self._ask(ClassView, "POST", "/api/v1/classes", body, once=True)

    def add_students(self, wish: AddStudentsRequest) -> StudentsAdded:
        """Add students with their parents, all or none."""
        body = wish.model_dump(mode="json")
        return self._ask(StudentsAdded, "POST", "/api/v1/students/bulk", body, once=True)

    def messaging_settings(self) -> MessagingSettingsView:
        """Show how the academy sends."""
        return self._ask(MessagingSettingsView, "GET", "/api/v1/messaging/settings")

    def add_template(self, name: str, text: str) -> MessageTemplateView:
        """Keep a text to send again and again."""
        body = AddTemplateRequest(name=name, text=text).model_dump(mode="json")
        return self._ask(MessageTemplateView, "POST", "/api/v1/messages/templates", body, once=True)

    def preview(self, wish: OrderMessagesRequest) -> PreviewView:
        """Show what would be sent to whom; nothing is."""
        return self._ask(PreviewView, "POST", "/api/v1/messages/preview", wish.model_dump(mode="json"))

    def order(self, wish: OrderMessagesRequest) -> OrderWithJob:
        """Order messages."""
        body = wish.model_dump(mode="json")
        return self._ask(OrderWithJob, "POST", "/api/v1/messages/orders", body, once=True)

    def order_report(self, order_id: str) -> OrderReportView:
        """Show how an order stands."""
        return self._ask(OrderReportView, "GET", f"/api/v1/messages/orders/{order_id}")

    def cancel_order(self, order_id: str) -> OrderReportView:
        """Call an order off."""
        return self._ask(OrderReportView, "POST", f"/api/v1/messages/orders/{order_id}/cancel", once=True)

    def log(self, order_id: str) -> Sequence[LogEntryView]:
        """Return the messages of an order, newest first."""
        found: list[LogEntryView] = []
        cursor = ""
        while True:
            query = urlencode({"order_id": order_id, "limit": _PAGE, "cursor": cursor})
            page = self._ask(LogPage, "GET", f"/api/v1/messages/log?{query}")
            found += page.items
            cursor = page.next_cursor
            if not cursor:
                return found

    def balance(self) -> BalanceView:
        """Show what stands on the academy's accounts."""
        return self._ask(BalanceView, "GET", "/api/v1/credits")

    def transfers(self, most: int) -> Sequence[TransferView]:
        """Return the last transfers of credit, newest first."""
        found: list[TransferView] = []
        cursor = ""
        while len(found) < most:
            query = urlencode({"limit": min(_PAGE, most - len(found)), "cursor": cursor})
            page = self._ask(StatementPage, "GET", f"/api/v1/credits/statement?{query}")
            found += page.items
            cursor = page.next_cursor
            if not cursor:
                break
        return found
