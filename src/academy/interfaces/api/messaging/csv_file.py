"""Files of CSV (RFC 4180) that spreadsheets open as they are, in parts where there is much of it."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse
from pydantic import BaseModel

from academy.domain.korea import KST

__all__ = ["csv_answer", "csv_file", "korean_time", "safe"]

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of its machine."""
# What a spreadsheet takes for the begin of a formula; see https://owasp.org/www-community/attacks/CSV_Injection
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return the file; a text that somebody wrote has gone through `safe`."""
    lines = io.StringIO()
    lines.write(BYTE_ORDER_MARK)
    writer = csv.writer(lines)
    writer.writerow(headings)
    writer.writerows(rows)
    return lines.getvalue().encode()


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULAS) else text


def korean_time(moment: datetime) -> str:
    """Return the time in Korea as spreadsheets read it."""
    return f"{moment.astimezone(KST):%Y-%m-%d %H:%M:%S}"


def csv_answer(content: bytes, file_name: str, path: str, query: BaseModel, next_cursor: str) -> HttpResponse:
    """Return the file as an answer; where it is cut, `Link` names the same query's next part at `path`."""
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    if next_cursor:
        asked = query.model_dump(mode="json", exclude_none=True, exclude_unset=True)
        rest = urlencode({**asked, "cursor": next_cursor, "limit": query.model_dump()["limit"]})
        answer["Link"] = f'<{path}?{rest}>; rel="next"'
    return answer
