"""Processes of the graph worker: read inputs, make and join graphs, summarise, look into documents, answer."""

import gc
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from academy.application.graph.analysing import analyse
from academy.application.graph.drawing import draw_file
from academy.application.graph.finding import find_nodes
from academy.application.graph.joining import KeptGraph, join
from academy.application.graph.looking import ask_documents, look_into
from academy.application.graph.reading import read_inputs
from academy.application.graph.scratch_room import room_needed
from academy.application.graph.summarising import summarise_graph as summarise
from academy.application.ports.graph_maths import GraphMaths
from academy.application.ports.graph_search import GraphSearch
from academy.application.ports.lens import Lens
from academy.application.ports.sources import SourceReader
from academy.contracts.base import validate
from academy.contracts.children.graph import (
    Analyse,
    AnalysedAnswer,
    AskDocuments,
    AskedAnswer,
    ChildAnswer,
    DrawGraph,
    FindNodes,
    FoundAnswer,
    Join,
    JoinedAnswer,
    LookAnswer,
    LookInto,
    ReadAnswer,
    ReadInputs,
    SummarisedAnswer,
    SummariseGraph,
)

__all__ = [
    "analyse_documents",
    "ask_documents_for",
    "draw_graph",
    "find_graph_nodes",
    "join_documents",
    "look_into_document",
    "read_documents",
    "summarise_graph",
]

Report = Callable[[str, float], None]
_Answer = TypeVar("_Answer", bound=ChildAnswer)


def read_documents(payload: Mapping[str, Any], report: Report) -> ReadAnswer:
    """See ReadInputs."""
    return _timed(lambda: read_inputs(validate(ReadInputs, payload), _sources(), report))


def analyse_documents(payload: Mapping[str, Any], report: Report) -> AnalysedAnswer:
    """See Analyse."""
    return _timed(lambda: analyse(validate(Analyse, payload), _maths(), report))


def join_documents(payload: Mapping[str, Any], report: Report) -> JoinedAnswer:
    """See Join."""
    return _timed(lambda: join(validate(Join, payload), _maths(), _kept(), report))


def draw_graph(payload: Mapping[str, Any], report: Report) -> ChildAnswer:
    """See DrawGraph."""
    return _timed(lambda: draw_file(validate(DrawGraph, payload), report))


def summarise_graph(payload: Mapping[str, Any], report: Report) -> SummarisedAnswer:
    """See SummariseGraph."""
    return _timed(lambda: summarise(validate(SummariseGraph, payload), report))


def find_graph_nodes(payload: Mapping[str, Any], report: Report) -> FoundAnswer:
    """See FindNodes. Raises DocumentUnreadable."""
    return _timed(lambda: find_nodes(validate(FindNodes, payload), _search(), report))


def look_into_document(payload: Mapping[str, Any], report: Report) -> LookAnswer:
    """See LookInto. Raises DocumentUnreadable."""
    return _timed(lambda: look_into(validate(LookInto, payload), _sources(), _lens(), report))


def ask_documents_for(payload: Mapping[str, Any], report: Report) -> AskedAnswer:
    """See AskDocuments."""
    return _timed(lambda: ask_documents(validate(AskDocuments, payload), _lens(), report))


def _timed(work: Callable[[], _Answer]) -> _Answer:
    begun = time.process_time()
    # Rows by the hundred thousand hold no cycles, and looking for some again and again costs a tenth of the time.
    gc.disable()
    try:
        with room_needed():
            answer = work()
    finally:
        gc.enable()
    return answer.model_copy(update={"cpu_seconds": round(time.process_time() - begun, 4)})


# What is heavy to make is made once: the process may be kept for the next job of the same academy.
@cache
def _sources() -> SourceReader:
    from academy.infrastructure.sources.reading import HandedInSources  # noqa: PLC0415

    return HandedInSources()


@cache
def _maths() -> GraphMaths:
    from academy.infrastructure.statistics.maths import StatisticalGraphMaths  # noqa: PLC0415

    return StatisticalGraphMaths()


@cache
def _search() -> GraphSearch:
    from academy.infrastructure.statistics.maths import StatisticalGraphMaths  # noqa: PLC0415

    return StatisticalGraphMaths()


@cache
def _kept() -> KeptGraph:
    return KeptGraph()


@cache
def _lens() -> Lens:
    from academy.infrastructure.morphology.lens import OfflineLens  # noqa: PLC0415

    return OfflineLens()
