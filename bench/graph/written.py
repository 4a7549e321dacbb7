"""Public texts with keywords or a summary that people wrote; see sets.py.

keys/NAME/docsutf8/ID.txt and keys/NAME/keys/ID.key     texts, and their keywords, one a line
libreoffice-help/{en-US,ko}/…                           the help of LibreOffice as installed, with its index
news-articles/NewsArticles.csv                          columns title, subtitle (a summary) and text
korquad/KorQuAD_v1.0_dev.json                           first paragraph of an article: a summary of the next five
summaries/NAME.jsonl                                    lines of {"text", "summary"}
"""

import csv
import html
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sets import Absent, articles

__all__ = ["Abridged", "WithKeys", "key_sets", "summary_sets"]

_MOST_KEYED, _MOST_ABRIDGED = 300, 1000
_FEWEST_KEYS = 2
_LONGEST, _SHORTEST = 12_000, 300
_FEWEST_WORDS, _FEWEST_OF_SUMMARY = 150, 12
_PARAGRAPHS = 5
_ENTRY = re.compile(r'url:"([^"?#]+)[^"]*", app:"\w+", text:"([^"]*)"')
_NO_TEXT = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>|<[^>]*$", re.DOTALL)
_BLOCK = re.compile(r"<(?:p|h\d|li|td|tr|div|br|ul|ol|table)\b[^>]*>")
_HANGUL = re.compile("[가-힣]")
_Any = TypeVar("_Any")


@dataclass(frozen=True, slots=True)
class WithKeys:
    """A text, and those of its keywords that stand in it."""

    id: str
    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Abridged:
    """A text and a summary of it."""

    text: str
    summary: str


def key_sets(data: Path) -> dict[str, Callable[[], list[WithKeys]]]:
    """Return the readers of all sets with keywords, those that are absent too."""
    named = sorted(path for path in (data / "keys").glob("*") if path.is_dir())
    found: dict[str, Callable[[], list[WithKeys]]] = {
        "help-en": lambda: _help(data / "libreoffice-help", "en-US"),
        "help-ko": lambda: _help(data / "libreoffice-help", "ko"),
    }
    return found | {path.name: lambda path=path: _some(list(_keyed(path)), _MOST_KEYED) for path in named}


def summary_sets(data: Path) -> dict[str, Callable[[], list[Abridged]]]:
    """Return the readers of all sets with summaries, those that are absent too."""
    found: dict[str, Callable[[], list[Abridged]]] = {
        "news-articles": lambda: _news(data / "news-articles" / "NewsArticles.csv"),
        "korquad": lambda: _leads(data / "korquad" / "KorQuAD_v1.0_dev.json"),
    }
    named = sorted((data / "summaries").glob("*.jsonl"))
    return found | {path.stem: lambda path=path: _some(list(_lines(path)), _MOST_ABRIDGED) for path in named}


def _some(found: list[_Any], most: int) -> list[_Any]:
    random.Random(1).shuffle(found)
    return found[:most]


def _keyed(folder: Path) -> Iterator[WithKeys]:
    for path in sorted((folder / "docsutf8").glob("*.txt")):
        keys = (folder / "keys" / f"{path.stem}.key").read_text("utf-8").splitlines()
        yield from _with_keys(path.stem, path.read_text("utf-8", "replace"), keys)


def _with_keys(name: str, text: str, keys: list[str]) -> Iterator[WithKeys]:
    low = " ".join(text.lower().split())
    there = tuple(key for key in dict.fromkeys(map(str.strip, keys)) if key and key.lower() in low)
    if len(there) >= _FEWEST_KEYS:
        yield WithKeys(name, text, there)


def _help(folder: Path, language: str) -> list[WithKeys]:
    index = folder / language / "bookmarks.js"
    if not index.is_file():
        raise Absent(f"no {folder.name}/{language} in the data folder")
    entries: dict[str, set[str]] = defaultdict(set)
    for page, entry in _ENTRY.findall(index.read_text("utf-8")):
        entries[page] |= {part.strip() for part in re.split(r"--|;|,", html.unescape(entry))}
    found = []
    for page, keys in sorted(entries.items()):
        path = folder / page
        text = _plain(path.read_text("utf-8")) if path.is_file() else ""
        if _SHORTEST < len(text) < _LONGEST and (language != "ko" or _in_korean(text, keys)):
            found += _with_keys(page, text, sorted(keys))
    return _some(found, _MOST_KEYED)


def _plain(page: str) -> str:
    body = page.split('id="DisplayArea"', 1)[-1].partition(">")[2].split('class="relatedtopics"')[0]
    text = html.unescape(_NO_TEXT.sub("", _BLOCK.sub("\n", body)))
    return re.sub(r"\s*\n\s*", "\n\n", re.sub(r"[ \t\xa0]+", " ", text)).strip()


def _in_korean(text: str, keys: set[str]) -> bool:
    """Not all pages are translated."""
    ours = sum(_HANGUL.search(key) is not None for key in keys)
    return ours >= 0.6 * len(keys) and len(_HANGUL.findall(text)) >= 0.4 * len("".join(text.split()))


def _news(path: Path) -> list[Abridged]:
    if not path.is_file():
        raise Absent(f"no {path.parent.name}/{path.name} in the data folder")
    csv.field_size_limit(sys.maxsize)
    found: dict[str, Abridged] = {}
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            text, summary = row["text"] or "", row["subtitle"] or ""
            long = len(text.split()) >= _FEWEST_WORDS and len(summary.split()) >= _FEWEST_OF_SUMMARY
            if long and text not in found:
                found[text] = Abridged(text, summary)
    return _some(list(found.values()), _MOST_ABRIDGED)


def _leads(path: Path) -> list[Abridged]:
    found = []
    for paragraphs in articles(path):
        texts = [one["context"] for one in paragraphs]
        if len(texts) > 2:
            found.append(Abridged("\n\n".join(texts[1 : _PARAGRAPHS + 1]), texts[0]))
    return _some(found, _MOST_ABRIDGED)


def _lines(path: Path) -> Iterator[Abridged]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield Abridged(row["text"], row["summary"])
