"""What `academy graph` shows: a graph's clusters, what became of the files, its summary, an answer."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.cells import cell_len, set_cell_size
from rich.markup import escape
from rich.table import Table

from academy.contracts.children.graph import AskedAnswer
from academy.contracts.graph import InputOutcome
from academy.contracts.graph_file import FileCluster, GraphFile
from academy.contracts.graph_summary import Claim, ClusterSummary, GraphSummary
from academy.contracts.microscope import Citation
from academy.interfaces.cli.console import Trouble, out, print_json, print_table

__all__ = ["show_answer", "show_folder"]

_MOST_SHOWN = 30
_LONGEST, _LONGEST_NAME = 60, 30
_EXAMPLES = 2
_THEMES = 8
_MARKS = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")
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
        _show_summary(summary, graph)


def show_answer(answer: AskedAnswer) -> None:
    """Print sentences with where they stand, or that there are none."""
    if not answer.sentences:
        out.print("[yellow]문서에서 답을 찾지 못했습니다. Nothing in the documents answers this.[/]")
    for at, each in enumerate(answer.sentences, 1):
        _say(f"[bold]{escape(_plain(each.quote))}[/]", 0, f"{at}.")
        _say(f"[dim]{escape(_place(each))}[/]", 3)


def _place(cited: Citation) -> str:
    """Return where a sentence stands: which passage of which file, and which characters of its text, from 1."""
    number = cited.passage.removeprefix("p")
    return f"{cited.document_id}, 단락 passage {number} (글자 characters {cited.start + 1:,}–{cited.end:,})"


def _read(folder: Path) -> tuple[GraphFile, list[InputOutcome], GraphSummary | None]:
    file = folder / "graph_final.json"
    if not file.is_file():
        raise Trouble(f"there is no graph in {folder}", "`academy graph build FOLDER --out DIR` makes one.")
    try:
        graph = GraphFile.model_validate_json(file.read_bytes())
        # Bytes, for texts are split at more than line feeds, and a name may hold those.
        lines = _content(folder / "outcomes.jsonl").splitlines()
        outcomes = [InputOutcome.model_validate_json(line) for line in lines]
        said = _content(folder / "summary.json")
        return graph, outcomes, GraphSummary.model_validate_json(said) if said else None
    except ValidationError:
        raise Trouble(f"what lies in {folder} is damaged", "Build it again with --force.") from None


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def _show_clusters(graph: GraphFile) -> None:
    counted = graph.statistics
    alone = f", 홀로 있는 문서 {counted.isolated:,}개 alone" if counted.isolated else ""
    out.print(
        f"문서 [bold]{counted.nodes:,}[/]개 documents, 묶음 [bold]{counted.clusters:,}[/]개 clusters, "
        f"연결 [bold]{counted.edges:,}[/]개 links{alone}\n"
    )
    titles = {node.id: node.title or node.id for node in graph.nodes}
    rows = [_row(cluster, counted.nodes, titles) for cluster in graph.clusters[:_MOST_SHOWN]]
    print_table(("묶음 cluster", "문서 documents", "대표 문서 examples"), rows, whole=("묶음 cluster",))
    _say_rest(len(graph.clusters))


def _row(cluster: FileCluster, nodes: int, titles: dict[str, str]) -> list[Any]:
    shown = [
        _short(" ".join(titles.get(name, name).split()), _LONGEST)
        for name in cluster.representatives[:_EXAMPLES]
    ]
    share = f"{cluster.size:,} ({cluster.size / nodes:.0%})"
    # For people one under the other; for programs that look line by line, a line for each cluster.
    return [_short(cluster.name, _LONGEST_NAME), share, ("\n" if out.is_terminal else " | ").join(shown)]


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


def _show_summary(summary: GraphSummary, graph: GraphFile) -> None:
    out.print("\n[bold]요약 summary[/]")
    headline = [claim.text for claim in summary.words] or [summary.headline.text if summary.headline else ""]
    _say(escape(" ".join(headline)), 2)
    for insight in summary.insights[:_MOST_SHOWN]:
        told = [claim.text for claim in insight.words] or [insight.claim.text]
        _say(escape(" ".join(told)), 2, "•")
    themes = [each for each in summary.clusters[:_THEMES] if each.words or _taken(each)]
    if themes:
        out.print("\n[bold]무슨 내용인가 what it is about[/]")
    titles = {node.id: node.title or node.id for node in graph.nodes}
    for theme in themes:
        _say(f"[bold]{escape(_short(theme.name, _LONGEST))}[/]", 2)
        _show_theme(theme, titles)
    if summary.model:
        out.print(
            f"\n언어 모델 {escape(summary.model)}이(가) 쓴 글이 있습니다. 숫자는 그래프에서 센 것입니다. "
            "Partly told by this model; the numbers were counted.",
        )


def _show_theme(theme: ClusterSummary, titles: dict[str, str]) -> None:
    """Print a paragraph of a model, or else the sentence of a document with its title."""
    if theme.words:
        _say(escape(" ".join(claim.text for claim in theme.words)), 4)
        return
    for claim in _taken(theme)[:1]:
        title = _short(" ".join(titles.get(claim.node_ids[0], claim.node_ids[0]).split()), _LONGEST)
        _say(f"“{escape(_plain(claim.text))}” [dim]— {escape(title)}[/]", 4)


def _taken(theme: ClusterSummary) -> list[Claim]:
    return [claim for claim in theme.claims if claim.by == "extract"]


def _say(text: str, indent: int = 0, sign: str = "") -> None:
    """Print a sentence after a sign: folded below its beginning for people, in one line for programs."""
    lead = f"{' ' * indent}{sign}{' ' if sign else ''}"
    if out.is_terminal:
        lines = Table.grid()
        lines.add_column(no_wrap=True)
        lines.add_column(overflow="fold")
        lines.add_row(lead, text)
        out.print(lines)
    else:
        out.print(f"{lead}{text}", soft_wrap=True)


def _say_rest(count: int) -> None:
    if count > _MOST_SHOWN:
        out.print(
            f"… {count - _MOST_SHOWN} more stand in the files. 나머지 {count - _MOST_SHOWN}개는 파일에 있습니다."
        )


def _short(text: str, cells: int) -> str:
    """Return a text that takes no more columns than this; a Hangul syllable takes two."""
    return text if cell_len(text) <= cells else f"{set_cell_size(text, cells - 1).rstrip()}…"


def _plain(text: str) -> str:
    """Return a sentence of a document without the marks of Markdown, in one line; what stands in the files stays as it is."""
    return " ".join(_MARKS.sub("", text).split())
