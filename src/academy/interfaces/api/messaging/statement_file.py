"""The statement of credits as CSV (RFC 4180) that spreadsheets open as it is."""

import csv
import io
from collections.abc import Iterable

from academy.domain.korea import KST
from academy.domain.messaging.ledger import Account, Transfer, TransferKind, entries_of
from academy.interfaces.api.language import Language

__all__ = ["statement_file"]

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of its machine."""
# What a spreadsheet takes for the begin of a formula; see https://owasp.org/www-community/attacks/CSV_Injection
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HEADINGS = {
    "en": ("No.", "Time (Korea)", "Kind", "Account", "Amount (won)", "Message", "Note", "By"),
    "ko": ("번호", "시각(한국)", "종류", "계정", "금액(원)", "메시지", "메모", "처리자"),
}
_KINDS = {
    TransferKind.TOP_UP: "충전",
    TransferKind.WITHDRAW: "출금",
    TransferKind.RESERVE: "예약",
    TransferKind.CAPTURE: "사용",
    TransferKind.RELEASE: "예약 해제",
    TransferKind.REFUND: "환불",
}
_ACCOUNTS = {
    Account.FUNDING: "입금",
    Account.AVAILABLE: "잔액",
    Account.RESERVED: "예약금",
    Account.SPENT: "사용액",
}


def statement_file(transfers: Iterable[Transfer], language: Language) -> bytes:
    """Return the file: a line for each entry, so that the column of amounts sums to zero."""
    korean = language == "ko"
    lines = io.StringIO()
    lines.write(BYTE_ORDER_MARK)
    writer = csv.writer(lines)
    writer.writerow(_HEADINGS[language])
    for transfer in transfers:
        kind = _KINDS[transfer.kind] if korean else transfer.kind.value
        time = f"{transfer.created_at.astimezone(KST):%Y-%m-%d %H:%M:%S}"
        rest = [_text(transfer.message_id), _text(transfer.note), _text(transfer.by)]
        for entry in entries_of(transfer):
            account = _ACCOUNTS[entry.account] if korean else entry.account.value
            writer.writerow([transfer.id, time, kind, account, entry.amount, *rest])
    return lines.getvalue().encode()


def _text(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULAS) else value
