"""`academy messages templates`, `approve` and `reject`: what KakaoTalk said of academies' AlimTalk templates."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from academy.domain.tenant.tenant import Tenant
from academy.interfaces.cli.console import out, print_json, when
from academy.interfaces.cli.messaging import Academy, AsJson, on_messages
from academy.interfaces.cli.text_tables import Limit, OneAcademy, print_rows

if TYPE_CHECKING:
    from academy.domain.messaging.template import Approval, MessageTemplate

__all__ = ["approve", "reject", "templates"]

TemplateId = Annotated[
    str,
    typer.Argument(metavar="TEMPLATE", help="Id of the template, as `academy messages templates` shows it."),
]


def templates(
    academy: OneAcademy = "",
    pending: Annotated[
        bool, typer.Option("--pending", help="Only those that wait for what KakaoTalk says.")
    ] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List the templates of academies, newest first. 템플릿을 최신순으로 보고, 승인 대기를 찾습니다.

    One with an AlimTalk template (its id with the provider stands under kakao) can be used only once KakaoTalk has approved it. Look
    it up in the provider's console, then enter the answer with `approve` or `reject`.

    Examples: `academy messages templates --pending`, `academy messages templates --academy haneul --json`
    """
    from academy.domain.messaging.template import Approval  # noqa: PLC0415

    wanted = Approval.PENDING if pending else None
    rows = [
        _line(tenant, each)
        for tenant, each in on_messages(lambda messages: messages.templates(academy, wanted, limit), academy)
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("template", "academy", "name", "kakao", "approval", "changed")
    print_rows(columns, rows, "no such templates", narrow=("template", "academy", "approval"))
    if len(rows) == limit:
        out.print(f"… and perhaps older ones; --limit shows more than {limit}")


def approve(academy: Academy, template_id: TemplateId) -> None:
    """Enter that KakaoTalk has approved an academy's template. 알림톡 템플릿을 승인으로 기록합니다.

    Example: `academy messages approve haneul 0192f0c4-…`
    """
    from academy.domain.messaging.template import Approval  # noqa: PLC0415

    _decide(academy, template_id, Approval.APPROVED)


def reject(academy: Academy, template_id: TemplateId) -> None:
    """Enter that KakaoTalk has rejected an academy's template; a change of it waits anew. 알림톡 템플릿을 반려로 기록합니다.

    Tell the academy why: a reason is not kept.

    Example: `academy messages reject haneul 0192f0c4-…`
    """
    from academy.domain.messaging.template import Approval  # noqa: PLC0415

    _decide(academy, template_id, Approval.REJECTED)


def _decide(academy: str, template_id: str, approval: "Approval") -> None:
    named = {"academy": academy, "template": template_id}
    found = on_messages(lambda messages: messages.decide_template(academy, template_id, approval), named)
    out.print(f"{escape(found.name)} of {escape(academy)} is {found.approval.value}", soft_wrap=True)


def _line(tenant: Tenant, template: "MessageTemplate") -> dict[str, Any]:
    return {
        "template": template.id,
        "academy": tenant.code,
        "name": template.name,
        "kakao": template.kakao_template_id,
        "approval": template.approval.value,
        "changed": when(template.updated_at),
    }
