"""Public sets of labelled texts from a folder that the user names; none is part of the repository.

korean-notes/**/*.md          label: folders above, at most two
korquad/KorQuAD_v1.0_dev.json paragraphs and questions
20news/LABEL/*, bbc/LABEL/*   any other folder of folders of plain texts is read the same way
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from academy.application.ports.graph_maths import TextItem

__all__ = ["Absent", "Labelled", "Questions", "folders", "questions"]

_SHORTEST = 20


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


def folders(folder: Path, most: int, depth: int = 1) -> Labelled:
    """Read up to `most` texts, the same ones every time; label: the first `depth` folders of each."""
    if not folder.is_dir():
        raise Absent(f"no folder {folder.name} in the data folder")
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and len(path.relative_to(folder).parts) > 1
    ]
    random.Random(1).shuffle(paths)
    items, label = [], {}
    for path in paths:
        text = path.read_bytes().decode("utf-8", "replace") if len(items) < most else ""
        if len(text.strip()) >= _SHORTEST:
            parts = path.relative_to(folder).parts
            items.append(TextItem("/".join(parts), path.stem if path.suffix == ".md" else "", text))
            label[items[-1].id] = "/".join(parts[:-1][:depth])
    return Labelled(items, label)


def questions(path: Path) -> Questions:
    """Read a set in the format of SQuAD."""
    if not path.is_file():
        raise Absent(f"no {path.parent.name}/{path.name} in the data folder")
    paragraphs = [
        one for article in json.loads(path.read_text("utf-8"))["data"] for one in article["paragraphs"]
    ]
    items = [TextItem(f"{at:05}", "", one["context"]) for at, one in enumerate(paragraphs)]
    asked = [(one["question"], f"{at:05}") for at, part in enumerate(paragraphs) for one in part["qas"]]
    return Questions(items, asked)
