"""The work of `academy graph`, done in this process by the very functions that the graph worker runs in processes of their own."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from academy.application.graph.looking import MICROSCOPE_FILE
from academy.application.graph.refusals import DocumentUnreadable
from academy.bootstrap.children.graph import (
    analyse_documents,
    ask_documents_for,
    look_into_document,
    read_documents,
    summarise_graph,
)
from academy.bootstrap.graph_tools import missing_graph_libraries
from academy.contracts.children.graph import AskedAnswer
from academy.contracts.graph import InputOutcome
from academy.interfaces.cli.console import Trouble, out

__all__ = ["ask_files", "build_folder", "files_in"]

Report = Callable[[str, float], None]
_STEPS = {
    "read": "읽기 read",
    "analyse": "분석 analyse",
    "summarise": "요약 summarise",
    "rank": "찾기 look",
}
_MADE = ("graph_final.json", "graph.svg", "graph.graphml", "graph.gexf", "outcomes.jsonl", "summary.json")
_NEEDLESS = frozenset({"chromadb"})
"""A library of the worker that no command here uses."""
_USER = "local"


def files_in(folder: Path, target: Path) -> tuple[dict[str, Path], list[str]]:
    """Return the files of a folder and of those in it by their path, sorted, and the folders with a graph that an earlier build made.

    Hidden files, links, what is to be made and what such builds made are left out.
    """
    made = target.resolve()
    earlier = {path.parent for path in folder.rglob(_MADE[0]) if (path.parent / "outcomes.jsonl").is_file()}
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or path.is_symlink() or not path.is_file() or path.resolve().is_relative_to(made):
            continue
        if path.parent in earlier and path.name in _MADE:
            continue
        found[inside.as_posix()] = path.resolve()
    told = sorted(str(each) for each in earlier if not each.resolve().is_relative_to(made))
    return dict(sorted(found.items())), told


def build_folder(
    files: Mapping[str, Path], target: Path, *, seed: int, summary: bool, language: str, quiet: bool
) -> None:
    """Make a graph of files, by key, into a folder: all of it or nothing. Raises Trouble."""
    _check_libraries()
    with tempfile.TemporaryDirectory(prefix="academy-graph-") as temporary, _bar(quiet=quiet) as report:
        folder = Path(temporary)
        lines = (
            json.dumps({"key": key, "file": str(path)}, ensure_ascii=False) for key, path in files.items()
        )
        (folder / "inputs.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        read = read_documents({"folder": temporary}, report)
        if not read.documents:
            raise Trouble(
                f"none of the files could be read:\n{_reasons(folder)}",
                "`academy graph build --help` names the kinds.",
            )
        wish = {"folder": temporary, "user_id": _USER, "language": language, "seed": seed}
        analyse_documents(wish, report)
        if summary:
            graph, texts = str(folder / "graph_final.json"), str(folder / "documents.jsonl")
            wish = {"folder": temporary, "graph": graph, "texts": texts, "language": language}
            summarise_graph(wish, report)
        _tell(folder / "outcomes.jsonl")
        target.mkdir(exist_ok=True)
        for name in _MADE:
            if (folder / name).exists():
                shutil.copyfile(folder / name, target / name)
            else:
                (target / name).unlink(missing_ok=True)


def _tell(file: Path) -> None:
    """Write outcomes as the worker tells them to others (docs/schemas/graph_outcome.json)."""
    told = (InputOutcome.model_validate_json(line).model_dump_json(by_alias=True) for line in _lines(file))
    file.write_text("".join(f"{line}\n" for line in told), encoding="utf-8")


def ask_files(files: Sequence[Path], question: str, sentences: int, *, part: str, quiet: bool) -> AskedAnswer:
    """Return what documents say to a question; `part`: id of the one that is meant in a file of several, else "".

    Raises Trouble for a file that cannot be read.
    """
    _check_libraries()
    with tempfile.TemporaryDirectory(prefix="academy-graph-") as temporary, _bar(quiet=quiet) as report:
        looked = [
            _look_into(path, part, Path(temporary) / str(at), _share(report, at, len(files)))
            for at, path in enumerate(files)
        ]
        wish = {"kind": "query", "files": looked, "question": question, "passages": 5, "sentences": sentences}
        return ask_documents_for(wish, report)


def _look_into(path: Path, part: str, folder: Path, report: Report) -> str:
    folder.mkdir()
    name = str(path)
    wish = {
        "folder": str(folder),
        "source": name,
        "name": name,
        "document_id": part or name,
        "source_key": name,
    }
    try:
        look_into_document(wish, report)
    except DocumentUnreadable as error:
        raise Trouble(f"{path}: {error.failure.message}", error.failure.message_ko) from None
    return str(folder / MICROSCOPE_FILE)


def _share(report: Report, at: int, count: int) -> Report:
    """Return what reports one of several equal parts of a step."""
    return lambda step, done: report(step, (at + done) / count)


def _reasons(folder: Path) -> str:
    told = [json.loads(line) for line in _lines(folder / "outcomes.jsonl")[:10]]
    return "\n".join(f"  {each['key']}: {each['code']}: {each['message']}" for each in told)


def _lines(file: Path) -> list[bytes]:
    # Bytes, for texts are split at more than line feeds, and a name may hold those.
    return file.read_bytes().splitlines()


def _check_libraries() -> None:
    missing = [name for name in missing_graph_libraries() if name not in _NEEDLESS]
    if missing:
        raise Trouble(f"not installed: {', '.join(missing)}", "pip install 'academy[cli,worker-graph]'")


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Report]:
    if quiet:
        yield lambda _step, _done: None
        return
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.percentage:3.0f} %  {task.description}"))
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def report(step: str, done: float) -> None:
            bar.update(task, completed=done, description=_STEPS.get(step, step))

        yield report
