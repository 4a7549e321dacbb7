"""What the preview of a roster of 10,000 rows costs, beside reading the same file with openpyxl.

    python bench/bench_spreadsheets.py [--rows N] [--rounds N]

`preview` is all of it: the file is checked and decoded, header and columns are found, every row is read and compared with an academy of
half as many students, on SQLite. `reading` is its part that openpyxl is compared with: to check the file, what is hidden and merged in
it, and every value; openpyxl tells the same in its usual mode, and not in its read-only one, which is shown without a bar. CPU seconds of this process, the median of the rounds. `calamine` is the bare
library.
"""

import argparse
import io
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.bars import Bar  # noqa: E402 - found by the path above

from academy.application.academics.asker import Asker  # noqa: E402
from academy.application.academics.people import People  # noqa: E402
from academy.application.academics.roster import NewStudent, Roster  # noqa: E402
from academy.application.academics.roster_sheet import RosterSheet  # noqa: E402
from academy.application.ports.database import Transaction  # noqa: E402
from academy.infrastructure.memory.clock import ManualClock  # noqa: E402
from academy.infrastructure.spreadsheets.reader import Reader  # noqa: E402
from academy.infrastructure.sql.connections import SqlConnections  # noqa: E402
from academy.infrastructure.sql.database import SqlDatabase  # noqa: E402
from academy.infrastructure.sql.schema import prepare  # noqa: E402

_CPU_SECONDS, _TIMES_OPENPYXL = 0.5, 10.0
_HEADER = [
    "번호",
    "이름",
    "학교",
    "학년",
    "연락처",
    "학부모 성함",
    "학부모 연락처",
    "반",
    "비고",
    "성별",
    "주소",
    "등록일",
]
_STAFF = Asker("t1", "staff", manages=True)


def main() -> int:
    """Measure, print a table and one JSON line; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    content = _workbook(asked.rows)
    contestants: dict[str, Callable[[], object]] = {"calamine": lambda: _calamine(content)}
    contestants["reading"] = lambda: _reading(content)
    contestants["preview"] = _ours(content, asked.rows)
    reason = ""
    try:
        import openpyxl  # type: ignore[import-untyped]  # noqa: F401, PLC0415 - a peer that need not be there
    except ImportError:
        reason = "openpyxl is not installed"
    else:
        contestants["openpyxl"] = lambda: _openpyxl(content, read_only=False)
        contestants["openpyxl-ro"] = lambda: _openpyxl(content, read_only=True)
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(asked.rounds):
        for name in sorted(contestants, reverse=bool(turn % 2)):
            seconds[name].append(_cpu(contestants[name]))
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    rows = [{"who": name, "cpu_s": round(cpu, 4)} for name, cpu in medians.items()]
    for name, cpu in medians.items():
        print(f"{name:12} {cpu:8.4f} CPU s")
    ours, reading = medians["preview"], medians["reading"]
    bars = [Bar("preview, CPU seconds", ours, _CPU_SECONDS)]
    if reason:
        print(f"openpyxl left out: {reason}")
    else:
        bars.append(Bar("reading / openpyxl", reading / medians["openpyxl"], 1 / _TIMES_OPENPYXL))
    told = [
        {"name": bar.name, "value": round(bar.value, 4), "limit": bar.limit, "ok": bar.ok} for bar in bars
    ]
    print(json.dumps({"bench": "spreadsheets", "rows": rows, "left_out": reason, "bars": told}))
    return 0 if all(bar.ok for bar in bars) else 1


def _workbook(rows: int) -> bytes:
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - after the paths

    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("명단")
        sheet.write_string(0, 0, "2026 여름 특강 명단")
        sheet.write_row(2, 0, _HEADER)
        for number in range(rows):
            sheet.write_row(
                3 + number,
                0,
                [
                    number + 1,
                    f"{'김이박최정'[number % 5]}{'하민서지유'[number // 5 % 5]}{'늘준아우현'[number // 25 % 5]}",
                    f"{'한빛새롬가온'[number % 5]}고등학교",
                    f"고{number % 3 + 1}",
                    1010000000.0 + number if number % 2 else f"010-1{number // 10000:03}-{number % 10000:04}",
                    f"학부모{number}",
                    f"010-5{number // 10000:03}-{number % 10000:04}",
                    "",
                    "비고" if number % 7 else "",
                    "여" if number % 2 else "남",
                    f"서울시 어느구 어느길 {number}",
                    "2026-03-01",
                ],
            )
    return target.getvalue()


def _ours(content: bytes, rows: int) -> Callable[[], object]:
    connections = SqlConnections("sqlite://", ManualClock())
    prepare(connections)
    database = SqlDatabase(connections)
    numbers = count(1)
    roster = Roster(lambda: f"id-{next(numbers):07}")
    known = [NewStudent(f"학생{number}", identifier=f"{90_000_000 + number}") for number in range(rows // 2)]
    for begin in range(0, len(known), 500):
        database.run_sync(partial(_add, roster, known[begin : begin + 500]))
    sheet = RosterSheet(Reader(), roster, People(lambda: f"id-{next(numbers):07}"))

    def preview() -> None:
        found = database.run_sync(lambda tx: sheet.preview(tx, _STAFF, content))
        assert (found.new, found.refused, found.faults_total) == (rows, 0, 0), found.faults[:3]

    return preview


def _add(roster: Roster, students: Sequence[NewStudent], tx: Transaction) -> None:
    roster.add_many(tx, _STAFF, students)


def _calamine(content: bytes) -> None:
    import python_calamine  # noqa: PLC0415 - after the paths

    for _ in (
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).iter_rows()
    ):
        pass


def _reading(content: bytes) -> None:
    with Reader().open(content) as book:
        name = book.sheets[0].name
        book.marks(name)
        for _ in book.rows(name):
            pass


def _openpyxl(content: bytes, *, read_only: bool) -> None:
    import openpyxl  # noqa: PLC0415 - a peer that need not be there

    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=read_only)
    for _ in book.worksheets[0].iter_rows(values_only=True):
        pass


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
