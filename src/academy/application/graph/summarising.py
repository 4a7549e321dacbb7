"""Say what a graph holds, in a process of its own (GRA-4)."""

from collections.abc import Callable
from pathlib import Path

from academy.application.graph.analysing import read_lines
from academy.application.graph.retelling_parts import parts_of
from academy.application.graph.summary import summarise
from academy.contracts.children.graph import SummarisedAnswer, SummariseGraph
from academy.contracts.graph_file import GraphFile

__all__ = ["PARTS_FILE", "SUMMARY_FILE", "summarise_graph"]

SUMMARY_FILE, PARTS_FILE = "summary.json", "summary-parts.json"
Report = Callable[[str, float], None]


def summarise_graph(request: SummariseGraph, report: Report) -> SummarisedAnswer:
    """Write the summary of a graph into the folder; see SummariseGraph."""
    report("summarise", 0.0)
    graph = GraphFile.model_validate_json(Path(request.graph).read_bytes())
    texts = {line["id"]: line["text"] for line in read_lines(Path(request.texts))} if request.texts else {}
    report("summarise", 0.3)
    summary = summarise(graph, texts, request.language)
    (Path(request.folder) / SUMMARY_FILE).write_text(summary.model_dump_json(), encoding="utf-8")
    if request.parts:
        parts = parts_of(graph, summary, texts)
        (Path(request.folder) / PARTS_FILE).write_text(parts.model_dump_json(), encoding="utf-8")
    report("summarise", 1.0)
    claims = sum(len(cluster.claims) for cluster in summary.clusters) + len(summary.insights)
    return SummarisedAnswer(headline=summary.headline.text if summary.headline else "", claims=claims)
