"""The statement of credits as CSV."""

from collections.abc import Iterable, Iterator

from academy.domain.messaging.ledger import Account, Transfer, TransferKind, entries_of
from academy.interfaces.api.language import Language
from academy.interfaces.api.messaging.csv_file import csv_file, korean_time, safe

__all__ = ["statement_file"]

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
    return csv_file(_HEADINGS[language], (row for each in transfers for row in _rows(each, language)))


def _rows(transfer: Transfer, language: Language) -> Iterator[list[str | int]]:
    korean = language == "ko"
    kind = _KINDS[transfer.kind] if korean else transfer.kind.value
    rest = [safe(transfer.message_id), safe(transfer.note), safe(transfer.by)]
    for entry in entries_of(transfer):
        account = _ACCOUNTS[entry.account] if korean else entry.account.value
        yield [transfer.id, korean_time(transfer.created_at), kind, account, entry.amount, *rest]
