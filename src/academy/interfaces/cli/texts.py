"""`academy messages`: what was sent to whom, what nobody knows of, and what an academy pays for it."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from academy.domain.job.states import JobState
from academy.domain.messaging.message import Message, MessageState
from academy.domain.phone import masked
from academy.domain.tenant.tenant import Tenant
from academy.interfaces.cli import accounts, text_orders, text_templates
from academy.interfaces.cli.console import out, print_fields, print_json, when
from academy.interfaces.cli.messaging import AsJson, on_messages
from academy.interfaces.cli.text_tables import Limit, OneAcademy, print_rows

if TYPE_CHECKING:
    from academy.application.messaging.operations import Undecided
    from academy.domain.job.job import Job

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="Text messages (문자, 알림톡): what was sent, what is undecided, credits, settings.",
)


@app.command("list")
def list_messages(
    academy: OneAcademy = "",
    state: Annotated[
        MessageState | None, typer.Option(case_sensitive=False, help="Only messages in this state.")
    ] = None,
    order: Annotated[str, typer.Option(help="Only messages of this order, by its id.")] = "",
    to: Annotated[
        str, typer.Option(help="Only to this number, or to numbers with these last four digits.")
    ] = "",
    name: Annotated[str, typer.Option(help="Only to people whose name has this part.")] = "",
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List messages, newest first; numbers are masked. 보낸 메시지를 최신순으로 봅니다.

    QUEUED waits, SENDING is with the provider, SENT was taken by it, DELIVERED and UNDELIVERED are what the carrier reported, FAILED and
    CANCELLED were never sent and cost nothing. AMBIGUOUS was perhaps sent: `academy messages undecided` tells more.

    Examples: `academy messages list --state failed`, `academy messages list --academy haneul --to 5678`
    """
    from academy.application.messaging.log import name_wanted, number_wanted  # noqa: PLC0415
    from academy.application.ports.messaging import MessageFilter  # noqa: PLC0415

    where = MessageFilter(
        state=state,
        order_id=order or None,
        to=number_wanted(to) if to else None,
        name=name_wanted(name) if name else None,
    )
    found = on_messages(lambda messages: messages.messages(academy, where, limit), academy)
    rows = [_line(tenant, message) for tenant, message in found]
    if as_json:
        print_json(rows)
        return
    columns = ("message", "academy", "to", "way", "won", "state", "why", "created")
    print_rows(columns, rows, "no such messages", narrow=("message", "to", "state", "why"))
    if len(rows) == limit:
        out.print(f"… and perhaps older ones; --limit shows more than {limit}")


@app.command()
def show(
    message_id: Annotated[
        str, typer.Argument(help="Id of the message, as `academy messages list` shows it.")
    ],
    words: Annotated[
        bool, typer.Option("--text", help="Also what it says and the recipient's name: personal data.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one message: where it stands, what it cost, and why it failed. 메시지 하나를 자세히 봅니다.

    The number is masked, and the words are left out unless you ask for them.

    Examples: `academy messages show 0192f0c4-…`, `academy messages show 0192f0c4-… --text`
    """
    tenant, message, order = on_messages(lambda messages: messages.message(message_id), message_id)
    failure = message.failure
    fields = {
        **_line(tenant, message),
        "failure": f"{failure.message} / {failure.message_ko}" if failure else "",
        "failure_detail": failure.detail if failure else "",
        "order": message.order_id,
        "title": order.title if order else "",
        "send_at": when(order.send_at) if order else "",
        "job": order.job_id if order else "",
        "kakao_template": message.kakao_template_id,
        "batch": message.batch_id,
        "provider_id": message.provider_id,
        "updated": when(message.updated_at),
        **({"name": message.name, "text": message.text} if words else {}),
    }
    if as_json:
        print_json(fields)
    else:
        print_fields({name.replace("_", " "): value for name, value in fields.items()})


@app.command()
def undecided(
    older: Annotated[
        float, typer.Option(min=0, help="Only those begun longer ago than so many seconds.")
    ] = 0.0,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List batches of which nobody knows whether they were sent, the oldest first. 결과를 모르는 묶음을 봅니다.

    A batch stands here for the moment in which it is handed over, and for longer when no answer came or its worker died. It is neither
    sent again nor paid back on a guess: the provider is asked, more and more rarely, until it says. Only the provider that was
    used then can answer, so it must stay configured. `academy messages settle BATCH` has it asked now.

    Examples: `academy messages undecided`, `academy messages undecided --older 600 --json`
    """
    age = timedelta(seconds=older)
    rows = [_batch(each) for each in on_messages(lambda messages: messages.undecided(age, limit))]
    if as_json:
        print_json(rows)
        return
    columns = ("batch", "academy", "order", "provider", "group", "messages", "seconds", "asked again")
    print_rows(columns, rows, "nothing is undecided", narrow=("batch", "provider", "messages", "seconds"))


@app.command()
def settle(
    batch_id: Annotated[
        str, typer.Argument(help="Id of the batch, as `academy messages undecided` shows it.")
    ],
) -> None:
    """Have the provider asked now what became of a batch. 발송사에 결과를 지금 다시 확인합니다.

    A messaging worker asks: what was sent is paid and never sent again, what the provider never had is sent now. Asking a second
    time does no harm.

    Example: `academy messages settle 0192f0c4-…`
    """
    job = on_messages(lambda messages: messages.settle(batch_id), batch_id)
    if job is None:
        out.print("this batch is decided; there is nothing to ask 이미 결과가 확인된 묶음입니다")
        return
    asks = "is asking the provider now" if job.state is JobState.RUNNING else "asks the provider at once"
    out.print(f"job {job.id} {asks}; follow it with `academy jobs show {job.id}`", soft_wrap=True)


app.command("orders")(text_orders.orders)
app.command("cancel")(text_orders.cancel)
app.command("templates")(text_templates.templates)
app.command("approve")(text_templates.approve)
app.command("reject")(text_templates.reject)
app.command("credits")(accounts.show_credits)
app.command("top-up")(accounts.top_up)
app.command("withdraw")(accounts.withdraw)
app.command("audit")(accounts.audit)
app.command("settings")(accounts.settings)


def _line(tenant: Tenant, message: Message) -> dict[str, Any]:
    way = message.channel.value
    if message.went_by:
        way = message.went_by.value
    elif message.fallback:
        way = f"{way}, then {message.fallback.value}"
    return {
        "message": message.id,
        "academy": tenant.code,
        "to": masked(message.to),
        "way": way,
        "won": message.cost,
        "state": message.state.value,
        "why": message.failure.code if message.failure else "",
        "created": when(message.created_at),
    }


def _batch(each: "Undecided") -> dict[str, Any]:
    return {
        "batch": each.batch.id,
        "academy": each.tenant.code,
        "order": each.batch.order_id,
        "provider": each.batch.provider,
        "group": each.batch.group_id,
        "messages": each.messages,
        "seconds": math.floor(each.age.total_seconds()),
        "asked_again": _asked_again(each.job),
    }


def _asked_again(job: "Job | None") -> str:
    if job is None:
        return ""
    if job.state is JobState.RUNNING:
        return "now"
    return job.state.value if job.finished else when(job.due_at)
