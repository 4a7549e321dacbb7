"""`academy messages credits`, `top-up`, `withdraw`, `audit` and `settings`: what an academy pays, and how it sends."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from academy.application.errors import Conflict
from academy.domain.messaging.channel import MOST_WON_A_MESSAGE, Channel
from academy.domain.messaging.ledger import MOST_WON, Account, Balance
from academy.interfaces.cli.console import Trouble, out, print_fields, print_json, print_table, when
from academy.interfaces.cli.messaging import Academy, AsJson, on_messages

if TYPE_CHECKING:
    from academy.application.messaging.desk import PriceChange, SettingsChange
    from academy.application.messaging.operations import Account as AccountFound
    from academy.application.messaging.operations import Books, SettingsFound

__all__ = ["audit", "settings", "show_credits", "top_up", "withdraw"]

Won = Annotated[int, typer.Argument(min=1, max=MOST_WON, help="Whole won.")]
Note = Annotated[str, typer.Option(help="Why, for the statement: a receipt's number, who asked.")]
_MOST_DIGITS = 18
SENDER_TAKEN = "sender_taken"
SHARE = "Where both academies may use it, --shared enters it for this one as well."
PRICES_LIKE = f"Write it like --prices sms=20,lms=50,alimtalk=15: whole won, none below zero or over {MOST_WON_A_MESSAGE:,}."


def show_credits(
    academy: Academy,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many transfers.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show an academy's credit and its last transfers, in won. 충전 잔액과 최근 내역을 봅니다.

    Available can be spent; reserved is held for messages under way; spent has been paid for messages; funding is the other side of
    what was paid in. The four sum to zero.

    Examples: `academy messages credits haneul`, `academy messages credits haneul --limit 100 --json`
    """
    account = on_messages(lambda messages: messages.account(academy, limit), academy)
    transfers = [
        {
            "transfer": each.id,
            "kind": each.kind.value,
            "won": each.amount,
            "message": each.message_id,
            "note": each.note,
            "by": each.by,
            "at": when(each.created_at),
        }
        for each in account.transfers
    ]
    if as_json:
        print_json({"academy": account.tenant.code, **_won(account.balance), "transfers": transfers})
        return
    print_fields({name: f"{won:,}" for name, won in _won(account.balance).items()})
    columns = ("transfer", "kind", "won", "message", "note", "by", "at")
    print_table(columns, [[*row.values()] for row in transfers], empty="no credit has moved yet")


def top_up(academy: Academy, won: Won, note: Note = "") -> None:
    """Pay in credit for an academy. 학원에 금액을 충전합니다.

    Example: `academy messages top-up haneul 50000 --note "transfer of 2 March"`
    """
    account = on_messages(lambda messages: messages.top_up(academy, won, note), academy)
    _say_moved(account, f"{won:,} won paid in for")


def withdraw(academy: Academy, won: Won, note: Note = "") -> None:
    """Take back credit that nothing is reserved for. 사용하지 않은 충전 금액을 회수합니다.

    Example: `academy messages withdraw haneul 20000 --note "contract ended"`
    """
    account = on_messages(lambda messages: messages.withdraw(academy, won, note), academy)
    _say_moved(account, f"{won:,} won taken back from")


def audit(as_json: AsJson = False) -> None:
    """Compare every academy's balances with the sum of its transfers; exit with 1 when they differ. 장부를 검산합니다.

    Both are written in one transaction, so a difference means that somebody changed the tables by hand, or that a backup was put
    back in part. Nothing is changed by looking.

    Example: `academy messages audit`
    """
    books = on_messages(lambda messages: messages.audit())
    if as_json:
        print_json([_audited(each) for each in books])
    else:
        rows = [
            [each.tenant.code, *(f"{won:,}" for won in _won(each.kept).values()), _verdict(each)]
            for each in books
        ]
        columns = ("academy", *(account.value for account in Account), "")
        print_table(columns, rows, empty="no academies yet")
    wrong = [each.tenant.code for each in books if not each.right]
    if wrong:
        mend = "Switch their sending off (`academy messages settings ACADEMY --off`) and find out what changed the tables."
        raise Trouble(f"the books of {', '.join(wrong)} do not balance", mend)


def settings(
    academy: Academy,
    sender: Annotated[
        str | None, typer.Option(help="Number that recipients see, registered with the provider (발신번호).")
    ] = None,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Whether anything is sent.")] = None,
    prices: Annotated[
        str | None, typer.Option(help="Won for one message of each kind: sms=20,lms=50,alimtalk=15.")
    ] = None,
    kakao_channel: Annotated[
        str | None, typer.Option(help='KakaoTalk channel with the provider (pfId), "" for none.')
    ] = None,
    alimtalk_first: Annotated[
        bool | None,
        typer.Option(
            "--alimtalk-first/--text-first", help="AlimTalk where a template is approved, or always texts."
        ),
    ] = None,
    shared: Annotated[
        bool,
        typer.Option(
            "--shared", help="The sender may be another academy's number too: both are yours to vouch for."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how an academy sends, or change it. 학원의 발송 설정을 보거나 바꿉니다.

    What is not named stays. Switched off, nothing of the academy is sent, and what waits for its time fails when that comes. The same
    holds for orders that wait under a number that is changed. A number of another academy is refused unless it is --shared.

    Examples: `academy messages settings haneul`, `academy messages settings haneul --sender 02-123-4567 --prices sms=20,lms=50 --on`
    """
    from academy.application.messaging.desk import PriceChange, SettingsChange  # noqa: PLC0415

    change = SettingsChange(enabled, sender, kakao_channel, alimtalk_first)
    price = PriceChange(**_prices(prices or ""))
    if (change, price) == (SettingsChange(), PriceChange()):
        found = on_messages(lambda messages: messages.settings(academy), academy)
    else:
        found = _changed(academy, change, price, shared=shared)
    _show_settings(found, as_json=as_json)


def _changed(
    academy: str, change: "SettingsChange", price: "PriceChange", *, shared: bool
) -> "SettingsFound":
    try:
        return on_messages(
            lambda messages: messages.change_settings(academy, change, price, shared=shared), academy
        )
    except Conflict as refused:
        if refused.failure.code != SENDER_TAKEN:
            raise
        raise Trouble("another academy sends under this number", SHARE) from None


def _show_settings(found: "SettingsFound", *, as_json: bool) -> None:
    code, known = found.tenant.code, found.settings
    if known is None:
        mend = f"`academy messages settings {code} --sender 02-123-4567 --on` makes them."
        raise Trouble(f"{code} has no settings for messages, so nothing of it is sent", mend)
    fields: dict[str, Any] = {
        "academy": code,
        "enabled": known.enabled,
        "sender": known.sender,
        "kakao_channel": known.kakao_channel,
        "alimtalk_first": known.alimtalk_first,
        "prices": {channel.value: known.prices.of(channel) for channel in Channel},
        "stranded": found.stranded,
        "updated": when(known.updated_at),
    }
    if as_json:
        print_json(fields)
        return
    stranded = fields.pop("stranded")
    fields["prices"] = ", ".join(f"{channel} {won:,} won" for channel, won in fields["prices"].items())
    print_fields({name.replace("_", " "): value for name, value in fields.items()})
    if stranded:
        orders = "1 order waits" if stranded == 1 else f"{stranded} orders wait"
        mend = "`academy messages cancel ORDER` calls one off, then order it again"
        out.print(f"[yellow]{orders} under another number and will fail; {mend}[/]", soft_wrap=True)


def _say_moved(account: "AccountFound", what: str) -> None:
    code, available = account.tenant.code, account.balance.available
    out.print(
        f"{what} {escape(code)}; {available:,} won available now 사용 가능 {available:,}원", soft_wrap=True
    )


def _won(balance: Balance) -> dict[str, int]:
    return {account.value: getattr(balance, account.value) for account in Account}


def _audited(books: "Books") -> Mapping[str, Any]:
    return {
        "academy": books.tenant.code,
        "ok": books.right,
        "kept": _won(books.kept),
        "summed": _won(books.summed),
    }


def _verdict(books: "Books") -> str:
    if books.right:
        return "balances"
    summed = ", ".join(f"{name} {won:,}" for name, won in _won(books.summed).items())
    return f"DIFFERS: the transfers sum up to {summed}"


def _prices(text: str) -> dict[str, int]:
    """Read "sms=20,lms=50". Raises Trouble."""
    found: dict[str, int] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, won = (side.strip() for side in part.partition("="))
        if name not in set(Channel) or not (won.isascii() and won.isdecimal()) or name in found:
            raise Trouble(f"--prices: {part} is no price", PRICES_LIKE)
        # Never read a number of thousands of digits.
        found[name] = int(won) if len(won) <= _MOST_DIGITS else MOST_WON_A_MESSAGE + 1
        if found[name] > MOST_WON_A_MESSAGE:
            raise Trouble(f"--prices: {name} costs more than {MOST_WON_A_MESSAGE:,} won", PRICES_LIKE)
    if text and not found:
        raise Trouble("--prices names no price", PRICES_LIKE)
    return found
