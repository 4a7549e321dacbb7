"""Rules about the text of the code that no linter knows; each takes a parsed module and returns what offends in it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "FILE_LINES",
    "FUNCTION_LINES",
    "ROOT",
    "Size",
    "files_of_tests",
    "function_sizes",
    "impure_calls",
    "mocks",
    "reads_environment",
    "sizes_over",
    "source_files",
    "stopwatches",
    "unexplained_skips",
]

ROOT = Path(__file__).parents[2]
FILE_LINES, FUNCTION_LINES = 300, 40  # the usual case; the hard stop stands in the test

_CLOCK_AND_CHANCE = {
    "datetime": {"now", "utcnow", "today", "fromtimestamp"},
    "date": {"today"},
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "sleep"},
    "random": {"*"},
    "secrets": {"token_bytes", "token_hex", "token_urlsafe", "randbelow", "choice"},
    "uuid": {"uuid1", "uuid4", "uuid6", "uuid7"},
    "os": {"urandom"},
}
_STOPWATCH = re.compile(r"time\.(?:process_time|perf_counter|thread_time)(?:_ns)?|timeit\.\w+")


@dataclass(frozen=True)
class Size:
    """A file, or a function without its docstring, and its number of lines."""

    where: str
    lines: int


def source_files(*packages: str) -> list[Path]:
    """Return the modules of the product, or of some of its packages."""
    base = ROOT / "src" / "academy"
    folders = [base / package for package in packages] or [base]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def files_of_tests() -> list[Path]:
    """Return every Python file of the tests."""
    return sorted((ROOT / "tests").rglob("*.py"))


def _name_of(node: ast.expr) -> str:
    """Return the dotted name of an expression: `datetime.datetime.now`; "" when it is none."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _origins(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for: `from time import time as now` gives `{"now": "time.time"}`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
    return found


def _full_name(node: ast.expr, origins: dict[str, str]) -> str:
    head, dot, rest = _name_of(node).partition(".")
    return f"{origins.get(head, head)}{dot}{rest}"


def impure_calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Find calls that read a clock or roll dice. A function passed as a value is no call: the caller decides."""
    origins = _origins(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        *path, name = _full_name(node.func, origins).split(".")
        owner = path[-1] if path else ""
        banned = _CLOCK_AND_CHANCE.get(owner, set())
        if name in banned or "*" in banned or name == "__import__":
            yield node.lineno, f"{owner}.{name}".lstrip(".")


def reads_environment(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Find every way to the environment of the process."""
    origins = _origins(tree)
    banned = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and _full_name(node, origins) in banned:
            yield node.lineno, _full_name(node, origins)


def function_sizes(tree: ast.Module, where: str) -> Iterator[Size]:
    """Return the length of every function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            first = body[0].lineno if body else node.lineno
            signature = node.body[0].lineno - node.lineno
            yield Size(
                f"{where}:{node.lineno} {node.name}", signature + (node.end_lineno or first) - first + 1
            )


def sizes_over(file_lines: int, function_lines: int) -> list[Size]:
    """Return the files and functions over a size, longest first. A migration is a record of what was done, not code to read."""
    found: list[Size] = []
    for path in source_files():
        if "versions" in path.parts:
            continue
        text, where = path.read_text(), str(path.relative_to(ROOT))
        found += [Size(where, text.count("\n"))] if text.count("\n") > file_lines else []
        found += [size for size in function_sizes(ast.parse(text), where) if size.lines > function_lines]
    return sorted(found, key=lambda size: -size.lines)


def mocks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Find imports of mock libraries, and pytest-mock's fixture."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.arg):
            continue
        for name in _imported(node):
            if name.startswith(("unittest.mock", "mock.", "pytest_mock")) or name == "mock":
                yield node.lineno, name


def _imported(node: ast.Import | ast.ImportFrom | ast.arg) -> list[str]:
    if isinstance(node, ast.arg):
        return ["mock.fixture"] if node.arg == "mocker" else []
    base = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    return [base + alias.name for alias in node.names]


def stopwatches(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Find what measures how long something took, in programs written as text too: benchmarks do that, no test.

    `time.monotonic` is none: it bounds a wait for something.
    """
    origins = _origins(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            found = _STOPWATCH.fullmatch(_full_name(node, origins))
        else:
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            found = re.search(rf"(?:{_STOPWATCH.pattern})\(", text)
        if found and isinstance(node, ast.expr):
            yield node.lineno, found[0].rstrip("(")


def unexplained_skips(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Find skips and expected failures that give no reason."""
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        name = _name_of(node)
        if name in {"pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail", "pytest.skip"}:
            call = calls.get(id(node))
            if call is None or not _reason(call, name):
                yield node.lineno, name


def _reason(call: ast.Call, name: str) -> bool:
    """A reason is the first argument of skip, and the keyword everywhere; a variable counts, an empty text does not."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "reason"]
    if name in {"pytest.skip", "pytest.mark.skip"}:
        given += call.args[:1]
    return any(not isinstance(value, ast.Constant) or value.value for value in given)


if __name__ == "__main__":
    for size in sizes_over(FILE_LINES, FUNCTION_LINES):
        print(f"{size.lines:5} {size.where}")
