"""How an academy sends: settings, templates, opt-outs (MSG-1, MSG-5)."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from academy.application.messaging.desk import SettingsChange, TemplateChange, phone_digits
from academy.application.ports.database import Transaction
from academy.contracts.rest.messaging_settings import (
    AddTemplateRequest,
    ChangeMessagingSettingsRequest,
    ChangeTemplateRequest,
    MessageTemplatePage,
    MessageTemplateQuery,
    MessageTemplateView,
    MessagingSettingsView,
    OptOutPage,
    OptOutQuery,
    OptOutRequest,
    OptOutView,
)
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.phone import masked
from academy.domain.tenant.tenant import Role
from academy.interfaces.api.accounts.members import MANAGERS
from academy.interfaces.api.endpoint import TenantEndpoint
from academy.interfaces.api.messaging.present import opt_out_view, settings_view, template_view
from academy.interfaces.api.schema import IDEMPOTENT, TENANT, parameters

__all__ = [
    "MessagingSettingsDetailView",
    "OptOutDetailView",
    "OptOutListView",
    "TemplateDetailView",
    "TemplateListView",
]

OWNERS = frozenset({Role.OWNER})


class MessagingSettingsDetailView(TenantEndpoint):
    """The settings of an academy."""

    roles: ClassVar = {"GET": MANAGERS, "PATCH": OWNERS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: MessagingSettingsView},
        operation_id="get_messaging_settings",
        tags=["messages"],
    )
    def get(self, request: Request) -> Response:
        """Show how the academy sends."""
        found = self.services.database.read_sync(
            lambda tx: self._view(tx, tx.messaging.get(self.member.tenant_id))
        )
        return Response(found)

    @extend_schema(
        request=ChangeMessagingSettingsRequest,
        parameters=[TENANT],
        responses={200: MessagingSettingsView},
        operation_id="change_messaging_settings",
        tags=["messages"],
    )
    def patch(self, request: Request) -> Response:
        """Change how the academy sends.

        Orders that are not sent yet keep the sender number under which they were made. Once it is not the academy's any more, their
        messages fail and are paid back; `orders_stranded` says how many orders that would be.
        """
        change = SettingsChange(**self.body(ChangeMessagingSettingsRequest).model_dump())
        changed = self.services.database.run_sync(
            lambda tx: self._view(
                tx, self.services.message_desk.change_settings(tx, self.member.tenant_id, change)
            )
        )
        return Response(changed)

    def _view(self, tx: Transaction, settings: MessagingSettings | None) -> MessagingSettingsView:
        stranded = tx.messages.stranded(self.member.tenant_id, settings.sender) if settings else 0
        return settings_view(settings, stranded)


class TemplateListView(TenantEndpoint):
    """All templates of an academy."""

    roles: ClassVar = {"GET": MANAGERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(MessageTemplateQuery)],
        responses={200: MessageTemplatePage},
        operation_id="list_message_templates",
        tags=["messages"],
    )
    def get(self, request: Request) -> Response:
        """List templates, newest first."""
        query = self.query(MessageTemplateQuery)
        page = self.page(lambda tx: tx.messaging.templates(self.member.tenant_id, query.cursor, query.limit))
        items = [template_view(each) for each in page.items]
        return Response(MessageTemplatePage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=AddTemplateRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: MessageTemplateView},
        operation_id="add_message_template",
        tags=["messages"],
    )
    def post(self, request: Request) -> Response:
        """Make a template, of a name that no other has; one of an AlimTalk template waits for its approval."""
        asked = self.body(AddTemplateRequest)
        add, tenant_id = self.services.message_desk.add_template, self.member.tenant_id

        response = self.once(
            201,
            lambda tx: template_view(add(tx, tenant_id, asked.name, asked.text, asked.kakao_template_id)),
        )
        made = response.data
        template_id = made.id if isinstance(made, MessageTemplateView) else made["id"]
        response["Location"] = f"/api/v1/messages/templates/{template_id}"
        return response


class TemplateDetailView(TenantEndpoint):
    """One template."""

    roles: ClassVar = {"GET": MANAGERS, "PATCH": MANAGERS, "DELETE": MANAGERS}

    @extend_schema(
        parameters=[TENANT],
        responses={200: MessageTemplateView},
        operation_id="get_message_template",
        tags=["messages"],
    )
    def get(self, request: Request, template_id: str) -> Response:
        """Show a template."""
        found = self.services.database.read_sync(
            lambda tx: self.services.message_desk.template(tx, self.member.tenant_id, template_id)
        )
        return Response(template_view(found))

    @extend_schema(
        request=ChangeTemplateRequest,
        parameters=[TENANT],
        responses={200: MessageTemplateView},
        operation_id="change_message_template",
        tags=["messages"],
    )
    def patch(self, request: Request, template_id: str) -> Response:
        """Change a template; what was ordered by it keeps its text, but goes out by AlimTalk only while the template is approved."""
        change = TemplateChange(**self.body(ChangeTemplateRequest).model_dump())
        apply, tenant_id = self.services.message_desk.change_template, self.member.tenant_id

        changed = self.services.database.run_sync(lambda tx: apply(tx, tenant_id, template_id, change))
        return Response(template_view(changed))

    @extend_schema(
        parameters=[TENANT], responses={204: None}, operation_id="remove_message_template", tags=["messages"]
    )
    def delete(self, request: Request, template_id: str) -> Response:
        """Delete a template; what was ordered by it as a text goes out, what was to go by AlimTalk fails."""
        self.services.database.run_sync(
            lambda tx: self.services.message_desk.remove_template(tx, self.member.tenant_id, template_id)
        )
        return Response(status=204)


class OptOutListView(TenantEndpoint):
    """Who wants no advertising."""

    roles: ClassVar = {"GET": MANAGERS, "POST": MANAGERS}

    @extend_schema(
        parameters=[TENANT, *parameters(OptOutQuery)],
        responses={200: OptOutPage},
        operation_id="list_opt_outs",
        tags=["messages"],
    )
    def get(self, request: Request) -> Response:
        """List numbers that want no advertising, newest first; with `phone`, look whether this one does."""
        query = self.query(OptOutQuery)
        phone = phone_digits(query.phone) if query.phone else ""
        page = self.page(
            lambda tx: tx.messaging.opt_outs(self.member.tenant_id, query.cursor, query.limit, phone)
        )
        items = [opt_out_view(each) for each in page.items]
        return Response(OptOutPage(items=items, next_cursor=page.next_cursor))

    @extend_schema(
        request=OptOutRequest,
        parameters=[TENANT, IDEMPOTENT],
        responses={201: OptOutView},
        operation_id="add_opt_out",
        tags=["messages"],
    )
    def post(self, request: Request) -> Response:
        """Note that a number wants no advertising of this academy; again changes nothing."""
        asked = self.body(OptOutRequest)
        opt_out, tenant_id = self.services.message_desk.opt_out, self.member.tenant_id
        return self.once(201, lambda tx: OptOutView(phone=masked(opt_out(tx, tenant_id, asked.phone))))


class OptOutDetailView(TenantEndpoint):
    """One number that wants no advertising."""

    roles: ClassVar = {"DELETE": MANAGERS}

    @extend_schema(
        parameters=[TENANT], responses={204: None}, operation_id="remove_opt_out", tags=["messages"]
    )
    def delete(self, request: Request, phone: str) -> Response:
        """Note that a number takes advertising again."""
        self.services.database.run_sync(
            lambda tx: self.services.message_desk.opt_in(tx, self.member.tenant_id, phone)
        )
        return Response(status=204)
