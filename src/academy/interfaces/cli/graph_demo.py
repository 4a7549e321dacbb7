"""The part of `academy demo` about knowledge graphs: notes and chats become a map, one more note joins, a question is answered."""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.syntax import Syntax

from academy.bootstrap.outside import OutsideSystem
from academy.contracts.graph_file import FileNode, GraphFile
from academy.contracts.graph_summary import GraphSummary
from academy.interfaces.cli import graph_producer
from academy.interfaces.cli.console import Trouble, out
from academy.interfaces.cli.graph_show import show_folder

__all__ = ["show_graph"]

LEARNER = "학생-7"
STUDY = Path(__file__).with_name("study")
PREFIX = "tenants/demo/study/"
CHATS = 4
"""In the export among the notes."""
SUBJECTS = 6
QUESTION, ANSWER, SOURCE = "훈민정음을 만든 왕은 누구인가?", "세종", "history/hangul.md"
LATER, BESIDE = "later/semaphore.md", "os/process.md"
"""The note that joins, and one that is about the same."""
SILENCE_SECONDS = 120.0
_FILES = {
    "resultS3Key": "graph_final.json",
    "pictureS3Key": "graph.svg",
    "graphmlS3Key": "graph.graphml",
    "gexfS3Key": "graph.gexf",
    "summaryS3Key": "summary.json",
    "outcomesS3Key": "outcomes.jsonl",
}


def show_graph(data_dir: Path, headline: Callable[[str, str], None], folder: Path) -> None:
    """Have a map made and asked, and look whether everything is right; its files go to `folder`. Raises Trouble."""
    folder.mkdir(parents=True, exist_ok=True)
    with OutsideSystem(data_dir) as system:
        producer = _Producer(system)
        headline("15  지식 지도", "notes and chats are put into the bucket; a back end asks for their graph")
        out.print(f"   this is all of the back end 요청하는 쪽의 전체 코드: {graph_producer.__file__}")
        source = Path(graph_producer.__file__).read_text(encoding="utf-8")
        out.print(Syntax(source.strip(), "python", background_color="default", word_wrap=True))
        names = _put(system)
        told = producer.done("GRAPH_GENERATION", s3Prefix=f"{PREFIX}notes/", includeSummary=True)
        graph = _fetch(system, told, folder)
        show_folder(folder, as_json=False)
        for name in ("graph_final.json", "graph.svg", "summary.json"):
            out.print(f"   {name:17} {folder / name}", soft_wrap=True)
        _right(_wrong_graph(graph, told, names, folder))
        headline("16  새 노트", "one more note joins; nothing else moves")
        _add(system, producer, graph, folder)
        headline("17  현미경", "a document is read closely, and a question is answered in its own words")
        _ask(producer)


class _Producer:
    """The back end, watched: it is told here when nothing comes back, and how far its task is."""

    def __init__(self, system: OutsideSystem) -> None:
        self._system = system
        self._heard = 0.0

    def send(self, queue: str, text: str) -> None:
        self._heard = time.monotonic()
        self._system.send(queue, text)

    def take(self, queue: str) -> list[str]:
        found = self._system.take(queue)
        if found:
            self._heard = time.monotonic()
        elif time.monotonic() - self._heard > SILENCE_SECONDS:
            raise Trouble(
                f"{queue} is silent for {SILENCE_SECONDS:.0f} s", "Is the extra worker-graph installed?"
            )
        return found

    def done(self, task: str, **wish: object) -> dict[str, Any]:
        """Return the payload of a task's result; tell each stage once. Raises Trouble where it is no success or out of order."""
        # Whoever keeps the data may run it again: a task id that was there before would be taken for the same task.
        told = list[dict[str, Any]]()
        stages = set[str]()
        for message in graph_producer.ask(self, task, f"demo-{uuid.uuid4().hex[:8]}", LEARNER, **wish):
            now = message["payload"]
            told.append(now)
            if "percent" in now and now["stage"] not in stages:
                stages.add(now["stage"])
                out.print(
                    f"   {now['percent']:5.1f} %  {now['stage']}  ({now['stageNumber']}/{now['stages']})"
                )
        result = told.pop()
        if result["status"] != "COMPLETED":
            raise Trouble(f"{task}: {result['errorCode']}: {result['error']}")
        sequence = [each["sequence"] for each in told]
        _right(["progress came out of order"] if sequence != sorted(set(sequence)) else [])
        spent = result["usage"]
        out.print(f"   100.0 %  {task} done in {spent['seconds']:.1f} s, {spent['cpuSeconds']:.2f} CPU s")
        return result


def _put(system: OutsideSystem) -> list[str]:
    """Store notes and chats as another system would; return the notes' names."""
    files = sorted(file for file in STUDY.rglob("*") if file.suffix in {".md", ".json"})
    for file in files:
        system.put(PREFIX + file.relative_to(STUDY).as_posix(), file)
    notes = STUDY / "notes"
    names = [
        file.relative_to(notes).as_posix() for file in files if file.suffix == ".md" and notes in file.parents
    ]
    out.print(f"   {len(names)} notes and an export of {CHATS} chats 노트와 대화를 저장했습니다")
    return names


def _fetch(system: OutsideSystem, told: dict[str, Any], folder: Path) -> GraphFile:
    for field, name in _FILES.items():
        system.fetch(told[field], folder / name)
    return GraphFile.model_validate_json((folder / "graph_final.json").read_bytes())


def _wrong_graph(graph: GraphFile, told: dict[str, Any], names: list[str], folder: Path) -> list[str]:
    """Return what is not right: of nodes, clusters, picture and summary."""
    wrong = []
    ids = {node.id for node in graph.nodes}
    if told["outcomeCounts"] != {"ok": len(names) + CHATS, "skipped": 0, "failed": 0}:
        wrong.append(f"outcomes are {told['outcomeCounts']}")
    if len(graph.nodes) != len(names) + CHATS or not {f"{PREFIX}notes/{name}" for name in names} <= ids:
        wrong.append(f"{len(graph.nodes)} nodes of {len(names)} notes and {CHATS} chats")
    mixed = [subject for subject, share in _together(graph).items() if share < 0.8]
    if len(graph.clusters) != SUBJECTS or mixed:
        wrong.append(f"{len(graph.clusters)} clusters, subjects in several of them: {mixed}")
    if "<svg" not in (folder / "graph.svg").read_text(encoding="utf-8")[:500]:
        wrong.append("the picture is none")
    summary = GraphSummary.model_validate_json((folder / "summary.json").read_bytes())
    claims = [
        *(claim for each in summary.clusters for claim in each.claims),
        *(i.claim for i in summary.insights),
    ]
    if not claims or any(not ids.issuperset(claim.node_ids) for claim in claims):
        wrong.append("the summary cites what is not there")
    return wrong


def _together(graph: GraphFile) -> dict[str, float]:
    """Return for each subject's notes the share of them that lies in one cluster."""
    found: dict[str, Counter[str]] = {}
    for node in graph.nodes:
        if node.id.startswith(PREFIX):
            found.setdefault(node.id.split("/")[-2], Counter())[node.cluster] += 1
    return {subject: max(each.values()) / each.total() for subject, each in found.items()}


def _add(system: OutsideSystem, producer: _Producer, graph: GraphFile, folder: Path) -> None:
    told = producer.done("ADD_NODE", s3Key=PREFIX + LATER)
    target = folder / "graph_with_note.json"
    system.fetch(told["resultS3Key"], target)
    after = GraphFile.model_validate_json(target.read_bytes())
    clusters = {node.id: node.cluster for node in after.nodes}
    new = next((node for node in after.nodes if node.id == PREFIX + LATER), None)
    if new is None:
        raise Trouble("the note did not join")
    _show_new(after, new)
    wrong = [f"{node.id} moved" for node in graph.nodes if clusters.get(node.id) != node.cluster]
    if new.cluster != clusters[f"{PREFIX}notes/{BESIDE}"]:
        wrong.append(f"{LATER} is not beside {BESIDE}")
    _right(wrong)


def _show_new(graph: GraphFile, new: FileNode) -> None:
    titles = {node.id: node.title for node in graph.nodes}
    cluster = next(each.name for each in graph.clusters if each.id == new.cluster)
    near = [
        titles[edge.target if edge.source == new.id else edge.source]
        for edge in sorted(graph.edges, key=lambda edge: -edge.weight)
        if new.id in {edge.source, edge.target}
    ]
    out.print(f"   [bold]{escape(new.title)}[/] joined 묶음 [bold]{escape(cluster)}[/]", soft_wrap=True)
    out.print(f"   near 이웃: {escape(', '.join(near[:3]))}; {len(graph.nodes)} nodes now", soft_wrap=True)


def _ask(producer: _Producer) -> None:
    key = f"{PREFIX}notes/{SOURCE}"
    read = producer.done("MICROSCOPE_INGEST", s3Key=key)
    out.print(
        f"   {read['title']}: {_many(read['passages'], 'passage')}, {_many(read['entities'], 'name')}, "
        f"{_many(read['relations'], 'relation')}"
    )
    told = producer.done("MICROSCOPE_QUERY", question=QUESTION)
    out.print(f"   질문: {QUESTION}\n   답변: [bold]{escape(told['answer'])}[/]", soft_wrap=True)
    citations = [each for sentence in told["sentences"] for each in sentence["citations"]]
    for each in citations:
        place = f"{each['documentId']}, characters {each['start']}–{each['end']}"
        out.print(f"   출처 cited: {escape(place)}: “{escape(each['quote'])}”", soft_wrap=True)
    text = (STUDY / "notes" / SOURCE).read_text(encoding="utf-8")
    wrong = [f"“{each['quote']}” stands nowhere" for each in citations if each["quote"] not in text]
    if ANSWER not in told["answer"] or not citations:
        wrong.append(f"the answer does not name {ANSWER}")
    _right(wrong)


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _right(wrong: list[str]) -> None:
    if wrong:
        raise Trouble(f"the graph is not right: {'; '.join(wrong)}")
