"""Public sets of labelled texts from a folder that the user names; none is part of the repository.

NAME/LABEL/*                  plain texts in folders (20news, bbc)
NAME/*.tab                    or tables of them: three lines of head, then LABEL, tab, TEXT (20news, reuters)
korean-notes/**/*.md          label: folders above, at most two
korquad/KorQuAD_v1.0_dev.json paragraphs and questions; the other sets are described in written.py
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from academy.application.ports.graph_maths import TextItem

__all__ = ["Absent", "Labelled", "Questions", "articles", "labelled", "questions"]

_SHORTEST = 20
_HEAD = 3
_Found = tuple[str, str, str]
"""An id, a label, and where the text is, or the text."""


class Absent(Exception):
    """A set is not there; the message says where it was looked for."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts with their labels."""

    items: list[TextItem]
    label: dict[str, str]


@dataclass(frozen=True, slots=True)
class Questions:
    """Paragraphs, and questions with the id of the paragraph that answers each."""

    items: list[TextItem]
    asked: list[tuple[str, str]]


def labelled(folder: Path, most: int, depth: int = 1) -> Labelled:
    """Read up to `most` texts, the same ones every time; label: the first `depth` folders, or as a table says."""
    if not folder.is_dir():
        raise Absent(f"no folder {folder.name} in the data folder")
    tables = sorted(folder.glob("*.tab"))
    found = [row for table in tables for row in _rows(table)] if tables else list(_files(folder, depth))
    random.Random(1).shuffle(found)
    items, label = [], {}
    for name, group, text in found:
        if len(items) == most:
            break
        whole = text if tables else (folder / name).read_bytes().decode("utf-8", "replace")
        if len(whole.strip()) >= _SHORTEST:
            items.append(TextItem(name, Path(name).stem if name.endswith(".md") else "", whole))
            label[name] = group
    if not items:
        raise Absent(f"no texts in {folder.name}")
    return Labelled(items, label)


def _files(folder: Path, depth: int) -> Iterator[_Found]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and len(parts) > 1 and (path.suffix == ".md" or depth == 1):
            yield "/".join(parts), "/".join(parts[:-1][:depth]), ""


def _rows(table: Path) -> Iterator[_Found]:
    for number, line in enumerate(table.read_text("utf-8").split("\n")[_HEAD:]):
        group, tab, text = line.partition("\t")
        if tab:
            yield f"{table.stem}/{number:06}", group, text


def questions(path: Path) -> Questions:
    """Read a set in the format of SQuAD."""
    found = [paragraph for article in articles(path) for paragraph in article]
    items = [TextItem(f"{at:05}", "", one["context"]) for at, one in enumerate(found)]
    asked = [(one["question"], f"{at:05}") for at, part in enumerate(found) for one in part["qas"]]
    return Questions(items, asked)


def articles(path: Path) -> list[list[dict]]:
    """Return the paragraphs of each article of a set in the format of SQuAD."""
    if not path.is_file():
        raise Absent(f"no {path.parent.name}/{path.name} in the data folder")
    return [article["paragraphs"] for article in json.loads(path.read_text("utf-8"))["data"]]
