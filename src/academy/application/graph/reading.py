"""Read inputs into documents, in a process of its own: every input and every thing in it has an outcome (GRA-3)."""

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from academy.application.graph.packed import inputs_in
from academy.application.ports.sources import SourceReader, SourceUnreadable
from academy.contracts.children.graph import ReadAnswer, ReadInputs
from academy.contracts.graph import OutcomeCounts, StageCount
from academy.domain.graph.characters import is_blank, is_whole, whole
from academy.domain.graph.source import Outcome, SourceDocument, Status

__all__ = ["NEW_FILES", "USED_FILES", "read_inputs"]

NEW_FILES, USED_FILES = "new.txt", "used.txt"
RECIPE = "2"
"""Counts changes in how inputs are read: what was read otherwise is not taken from the cache."""
_MOST_NODES = 20_000
_LONGEST_ID, _LONGEST_TITLE, _LONGEST_MESSAGE = 1000, 500, 500

_LINE = json.JSONEncoder(ensure_ascii=False).encode

Report = Callable[[str, float], None]
Line = dict[str, Any]


@dataclass(slots=True)
class _Reading:
    """What was read so far, by id of the document."""

    documents: dict[str, Line] = field(default_factory=dict)
    outcomes: list[Line] = field(default_factory=list)
    inputs: list[Line] = field(default_factory=list)
    computed: int = 0
    cached: int = 0
    new: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)


def read_inputs(request: ReadInputs, reader: SourceReader, report: Report) -> ReadAnswer:
    """Read every input of the folder in the order of their keys; see ReadInputs."""
    folder = Path(request.folder)
    lines = _read(folder / "inputs.jsonl")
    reading = _Reading()
    with inputs_in(folder) as source_of:
        for at, line in enumerate(lines):
            _read_one(reading, reader, line["key"], source_of(line), request)
            report("read", (at + 1) / len(lines))
    documents = [reading.documents[name] for name in sorted(reading.documents)]
    _write(folder / "documents.jsonl", documents)
    _write(folder / "outcomes.jsonl", reading.outcomes)
    _write(folder / "read.jsonl", reading.inputs)
    for names, file in ((reading.new, NEW_FILES), (reading.used, USED_FILES)):
        (folder / file).write_text("\n".join(names), encoding="utf-8")
    return ReadAnswer(
        documents=len(documents),
        counts=_counts(reading.outcomes),
        digest=_digest_of(documents),
        stage=StageCount(stage="read", computed=reading.computed, cached=reading.cached),
    )


def _read_one(
    reading: _Reading, reader: SourceReader, key: str, source: Path | bytes, request: ReadInputs
) -> None:
    digest = hashlib.sha256(source).hexdigest() if isinstance(source, bytes) else _file_digest(source)
    name, kept = "", None
    if request.cache and (request.keep_all or isinstance(source, Path)):
        name = hashlib.sha256(f"{RECIPE}\0{key}\0{digest}".encode()).hexdigest()[:40] + ".jsonl"
        kept = Path(request.cache) / name
    if kept is not None and kept.exists():
        found = _read(kept)
        reading.cached += 1
    else:
        found = list(_things(reader, key, source))
        reading.computed += 1
        if kept is not None:
            _write(kept, found)
            reading.new.append(name)
    if kept is not None:
        reading.used.append(name)
    nodes = sum(_take(reading, key, line) for line in found)
    reading.inputs.append({"key": key, "digest": digest, "nodes": nodes})
    if not found:
        reading.outcomes.append(_told(key, "", "skipped", "nothing_in_it", "There is nothing to read in it."))


def _things(reader: SourceReader, key: str, source: Path | bytes) -> Iterator[Line]:
    """Yield documents and outcomes of one input as lines; why the input as a whole gave none, or ended early, comes last."""
    try:
        for thing in reader.read(source, key):
            yield _document(thing, key) if isinstance(thing, SourceDocument) else _outcome(thing)
    except SourceUnreadable as error:
        status = Status.SKIPPED if error.skipped else Status.FAILED
        yield _outcome(Outcome("", status, error.code, error.message))


def _document(thing: SourceDocument, key: str) -> Line:
    text = _clean(thing.text)
    if is_blank(text):
        return _outcome(
            Outcome(thing.id, Status.SKIPPED, "empty_document", "It has no text; write something into it.")
        )
    title = _clean(thing.title)[:_LONGEST_TITLE]
    return {
        "id": thing.id,
        "kind": thing.kind.value,
        "title": title,
        "text": text,
        "source_key": key,
        "created_at": thing.created_at,
        "updated_at": thing.updated_at,
        "digest": hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).hexdigest(),
    }


def _outcome(outcome: Outcome) -> Line:
    return {
        "id": outcome.id,
        "status": outcome.status.value,
        "code": outcome.code,
        "message": outcome.message,
    }


def _take(reading: _Reading, key: str, line: Line) -> int:
    """Take a document or note an outcome; return how many nodes came of it."""
    if "text" not in line:
        reading.outcomes.append(_told(key, line["id"], line["status"], line["code"], line["message"]))
        return 0
    refused = _refused(reading, line)
    if refused:
        reading.outcomes.append(_told(key, line["id"], *refused))
        return 0
    reading.documents[line["id"]] = line
    reading.outcomes.append(_told(key, line["id"], "ok", "", ""))
    return 1


def _refused(reading: _Reading, line: Line) -> tuple[str, str, str] | None:
    if len(line["id"]) > _LONGEST_ID:
        return "failed", "id_too_long", f"Its id is longer than {_LONGEST_ID} characters; shorten it."
    if is_blank(line["id"]) or not is_whole(line["id"]):
        return "failed", "id_not_text", "Its id is empty or no text in Unicode; give it another one."
    same = reading.documents.get(line["id"])
    if same is not None and same["digest"] == line["digest"]:
        return "skipped", "duplicate_id", "The same document was read already."
    if same is not None:
        return (
            "failed",
            "duplicate_id",
            f"Another document has this id, from {same['source_key'][:200]}; ids have to differ.",
        )
    if len(reading.documents) >= _MOST_NODES:
        return "failed", "too_many_nodes", f"A graph has at most {_MOST_NODES} nodes; leave some out."
    return None


def _clean(text: str) -> str:
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", whole(text)).strip()


def _told(key: str, thing: str, status: str, code: str, message: str) -> Line:
    """Return an InputOutcome's fields."""
    return {
        "key": key,
        "id": whole(thing)[:_LONGEST_ID],
        "status": status,
        "code": code,
        "message": whole(message)[:_LONGEST_MESSAGE],
        "nodes": int(status == "ok"),
    }


def _counts(outcomes: list[Line]) -> OutcomeCounts:
    ended = Counter(each["status"] for each in outcomes)
    return OutcomeCounts(ok=ended["ok"], skipped=ended["skipped"], failed=ended["failed"])


def _digest_of(documents: list[Line]) -> str:
    whole = hashlib.sha256()
    for line in documents:
        whole.update(f"{line['id']}\0{line['kind']}\0{line['digest']}\n".encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> list[Line]:
    # Bytes, for texts are split at more than line feeds, and an id may hold those.
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def _write(path: Path, lines: list[Line]) -> None:
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        file.writelines(f"{_LINE(line)}\n" for line in lines)
