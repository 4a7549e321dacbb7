"""Templates across academies, for operators who note what KakaoTalk said; and that no academy has two of one name (MSG-1)."""

from academy.application.errors import Conflict
from academy.application.ports.database import Transaction
from academy.application.ports.page import Page
from academy.domain.failures import Failure
from academy.domain.messaging.template import Approval, MessageTemplate
from academy.domain.tenant.tenant import Tenant

__all__ = ["named_once", "templates_with_academies"]

TEMPLATE_NAME_TAKEN = Failure(
    "template_name_taken",
    "The academy has a template of this name already; choose another name, or change that one.",
    "같은 이름의 템플릿이 이미 있습니다. 다른 이름을 쓰거나 기존 템플릿을 수정해 주세요.",
)


def named_once(tx: Transaction, made: MessageTemplate) -> MessageTemplate:
    """Return a template that this transaction has made or changed. Raises Conflict where another of the academy has its name.

    The transaction is to be rolled back then. Of two at once, the second is refused.
    """
    if tx.messaging.template_name_taken(made.tenant_id, made.name, made.id):
        raise Conflict(TEMPLATE_NAME_TAKEN)
    return made


def templates_with_academies(
    tx: Transaction, tenant_id: str, approval: Approval | None, cursor: str, limit: int
) -> Page[tuple[Tenant, MessageTemplate]]:
    """Return templates of an academy ("": of all), newest first, each with its academy; raises ValueError for a foreign cursor."""
    page = tx.messaging.all_templates(tenant_id, approval, cursor, limit)
    owners = {each: tx.tenants.get(each) for each in {template.tenant_id for template in page.items}}
    known = {each: owner for each, owner in owners.items() if owner is not None}
    found = [(known[each.tenant_id], each) for each in page.items if each.tenant_id in known]
    return Page(found, page.next_cursor)
