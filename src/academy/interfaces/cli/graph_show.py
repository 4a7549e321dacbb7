"""What `academy graph` shows: a graph's clusters, what became of the files, its summary, an answer."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.markup import escape

from academy.contracts.children.graph import AskedAnswer
from academy.contracts.graph import InputOutcome
from academy.contracts.graph_file import FileCluster, GraphFile
from academy.contracts.graph_summary import GraphSummary
from academy.interfaces.cli.console import Trouble, out, print_json, print_table

__all__ = ["show_answer", "show_folder"]

_MOST_SHOWN = 30
_LONGEST = 60
_WORDS = {"ok": "읽음 read", "skipped": "건너뜀 skipped", "failed": "실패 failed"}


def show_folder(folder: Path, *, as_json: bool) -> None:
    """Print what a build wrote. Raises Trouble for a folder without a graph."""
    graph, outcomes, summary = _read(folder)
    if as_json:
        clusters = [cluster.model_dump(exclude={"x", "y"}) for cluster in graph.clusters]
        told = [outcome.model_dump() for outcome in outcomes]
        said = None if summary is None else summary.model_dump()
        print_json(
            {
                "statistics": graph.statistics.model_dump(),
                "clusters": clusters,
                "outcomes": told,
                "summary": said,
            }
        )
        return
    _show_clusters(graph)
    _show_outcomes(outcomes)
    if summary is not None:
        _show_summary(summary)


def show_answer(answer: AskedAnswer) -> None:
    """Print sentences with where they stand, or that there are none."""
    if not answer.sentences:
        out.print("[yellow]Nothing in the documents answers this. 문서에서 답을 찾지 못했습니다.[/]")
    for each in answer.sentences:
        out.print(f"[bold]{escape(each.quote)}[/]", soft_wrap=True)
        place = f"{each.document_id}, {each.passage}, characters {each.start}–{each.end}"
        out.print(f"   {escape(place)}", soft_wrap=True)


def _read(folder: Path) -> tuple[GraphFile, list[InputOutcome], GraphSummary | None]:
    file = folder / "graph_final.json"
    if not file.is_file():
        raise Trouble(f"there is no graph in {folder}", "`academy graph build FOLDER --out DIR` makes one.")
    try:
        graph = GraphFile.model_validate_json(file.read_bytes())
        lines = _text(folder / "outcomes.jsonl").splitlines()
        outcomes = [InputOutcome.model_validate_json(line) for line in lines]
        said = _text(folder / "summary.json")
        return graph, outcomes, GraphSummary.model_validate_json(said) if said else None
    except (ValidationError, json.JSONDecodeError, UnicodeDecodeError):
        raise Trouble(f"what lies in {folder} is damaged", "Build it again with --force.") from None


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _show_clusters(graph: GraphFile) -> None:
    counted = graph.statistics
    out.print(
        f"[bold]{counted.nodes}[/] nodes 노드, [bold]{counted.edges}[/] edges 연결, "
        f"[bold]{counted.clusters}[/] clusters 묶음, {counted.isolated} alone 홀로 있음\n"
    )
    titles = {node.id: node.title or node.id for node in graph.nodes}
    columns = ("묶음 cluster", "노드 nodes", "비율 share", "핵심어 keywords", "대표 representatives")
    rows = [_row(cluster, counted.nodes, titles) for cluster in graph.clusters[:_MOST_SHOWN]]
    print_table(columns, rows)
    _say_rest(len(graph.clusters))


def _row(cluster: FileCluster, nodes: int, titles: dict[str, str]) -> list[Any]:
    shown = [_short(titles.get(name, name)) for name in cluster.representatives[:2]]
    keywords = ", ".join(cluster.keywords[:6])
    return [cluster.name, cluster.size, f"{cluster.size / nodes:.0%}", keywords, " | ".join(shown)]


def _show_outcomes(outcomes: list[InputOutcome]) -> None:
    if not outcomes:
        return
    counts = Counter[str](outcome.status for outcome in outcomes)
    told = ", ".join(f"{words} {counts[status]}" for status, words in _WORDS.items())
    out.print(f"\n[bold]입력 결과 outcomes[/]  {told}")
    wrong = [outcome for outcome in outcomes if outcome.status != "ok"]
    if wrong:
        rows = [
            (each.key, each.id, _WORDS[each.status], each.code, each.message) for each in wrong[:_MOST_SHOWN]
        ]
        print_table(("파일 file", "항목 id", "결과 outcome", "code", "이유 why"), rows)
        _say_rest(len(wrong))


def _show_summary(summary: GraphSummary) -> None:
    headline = f"  {escape(summary.headline.text)}" if summary.headline else ""
    out.print(f"\n[bold]요약 summary[/]{headline}", soft_wrap=True)
    for insight in summary.insights[:_MOST_SHOWN]:
        out.print(f"  • {escape(insight.claim.text)}", soft_wrap=True)


def _say_rest(count: int) -> None:
    if count > _MOST_SHOWN:
        out.print(
            f"… {count - _MOST_SHOWN} more stand in the files. 나머지 {count - _MOST_SHOWN}개는 파일에 있습니다."
        )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
