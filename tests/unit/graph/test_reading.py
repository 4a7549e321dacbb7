"""Inputs become documents; every input and every thing in it has an outcome (GRA-3)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from academy.application.graph.reading import read_inputs
from academy.application.ports.sources import SourceUnreadable
from academy.contracts.children.graph import ReadAnswer, ReadInputs
from academy.domain.graph.source import Kind, Outcome, SourceDocument, Status

pytestmark = pytest.mark.requirement("GRA-3")
LARGE = "x" * (64 << 10)


class Lines:
    """Reads `id|title|text` a line; `!code` breaks off, `?id` is skipped."""

    def __init__(self) -> None:
        self.read_names: list[str] = []

    def read(self, source: Path | bytes, name: str) -> Iterator[SourceDocument | Outcome]:
        self.read_names.append(name)
        data = source if isinstance(source, bytes) else source.read_bytes()
        for line in data.decode().splitlines():
            if line.startswith("!"):
                raise SourceUnreadable(line[1:], "It is broken.")
            if line.startswith("?"):
                yield Outcome(line[1:], Status.SKIPPED, "unwanted", "Nobody wants it.")
                continue
            thing, title, text = line.split("|")
            yield SourceDocument(thing, Kind.NOTE, title, text)


def read(folder: Path, reader: Lines | None = None, cache: bool = False, **inputs: str) -> ReadAnswer:
    folder.mkdir(exist_ok=True)
    lines = []
    for at, (key, text) in enumerate(sorted(inputs.items())):
        (folder / f"{at}").write_text(text, encoding="utf-8")
        lines.append(json.dumps({"key": key, "file": str(at)}, ensure_ascii=False))
    (folder / "inputs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    kept = folder.parent / "cache"
    kept.mkdir(exist_ok=True)
    request = ReadInputs(folder=str(folder), cache=str(kept) if cache else "")
    return read_inputs(request, reader or Lines(), lambda _step, _done: None)


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def outcomes(folder: Path) -> list[tuple[str, str, str, str]]:
    return [
        (each["key"], each["id"], each["status"], each["code"]) for each in lines(folder, "outcomes.jsonl")
    ]


def test_documents_come_sorted_and_unchanged_with_an_outcome_each(tmp_path: Path) -> None:
    answer = read(tmp_path / "a", one="나/1|제목|글\na b|t|x", two="?7")
    assert [each["id"] for each in lines(tmp_path / "a", "documents.jsonl")] == ["a b", "나/1"]
    assert outcomes(tmp_path / "a") == [
        ("one", "나/1", "ok", ""),
        ("one", "a b", "ok", ""),
        ("two", "7", "skipped", "unwanted"),
    ]
    assert (answer.documents, answer.counts.ok, answer.counts.skipped, answer.counts.failed) == (2, 2, 1, 0)


def test_what_breaks_off_keeps_what_came_before_it(tmp_path: Path) -> None:
    read(tmp_path / "a", one="1|t|x\n!broken_export", two="2|t|y")
    assert outcomes(tmp_path / "a") == [
        ("one", "1", "ok", ""),
        ("one", "", "failed", "broken_export"),
        ("two", "2", "ok", ""),
    ]


def test_an_input_with_nothing_in_it_has_an_outcome_too(tmp_path: Path) -> None:
    answer = read(tmp_path / "a", one="", two="1|t| ")
    assert outcomes(tmp_path / "a") == [
        ("one", "", "skipped", "nothing_in_it"),
        ("two", "1", "skipped", "empty_document"),
    ]
    assert answer.documents == 0


@pytest.mark.parametrize("text", ["\u200b\ufeff \u2060", "\u200e\u200f", "\u3164", "\u2800 \u00ad\ufe0f"])
def test_a_text_of_which_nothing_is_to_be_seen_is_empty(tmp_path: Path, text: str) -> None:
    answer = read(tmp_path / "a", one=f"1|t|{text}\n2|t|{text}가{text}\n{text}|t|x")
    assert outcomes(tmp_path / "a") == [
        ("one", "1", "skipped", "empty_document"),
        ("one", "2", "ok", ""),
        ("one", text, "failed", "id_not_text"),
    ]
    assert answer.documents == 1


def test_keys_and_ids_may_hold_what_splits_lines_of_text(tmp_path: Path) -> None:
    read(tmp_path / "a", None, True, **{"k\u2028\x85": f"1\u3000\xa0.|t\u00a02|{LARGE}"})
    again = Lines()
    read(tmp_path / "b", again, True, **{"k\u2028\x85": f"1\u3000\xa0.|t\u00a02|{LARGE}"})
    for folder in ("a", "b"):
        (found,) = lines(tmp_path / folder, "outcomes.jsonl")
        assert (found["key"], found["status"]) == ("k\u2028\x85", "ok")
    assert again.read_names == []


def test_one_id_twice_is_read_once_if_it_is_the_same_and_refused_if_not(tmp_path: Path) -> None:
    read(tmp_path / "a", one="1|t|x", three="1|t|x", two="1|t|other")
    assert outcomes(tmp_path / "a") == [
        ("one", "1", "ok", ""),
        ("three", "1", "skipped", "duplicate_id"),
        ("two", "1", "failed", "duplicate_id"),
    ]


def test_the_digest_is_of_the_documents_and_not_of_how_they_lie_in_files(tmp_path: Path) -> None:
    whole = read(tmp_path / "a", one="1|t|x\n2|t|y")
    apart = read(tmp_path / "b", p="2|t|y", q="1|t|x")
    other = read(tmp_path / "c", p="2|t|y", q="1|t|z")
    assert whole.digest == apart.digest
    assert whole.digest != other.digest


def test_of_large_inputs_only_those_that_changed_are_read_again(tmp_path: Path) -> None:
    first, second = Lines(), Lines()
    read(tmp_path / "a", first, True, one=f"1|t|{LARGE}", two=f"2|t|{LARGE}", small="3|t|x")
    answer = read(tmp_path / "b", second, True, one=f"1|t|{LARGE}", two=f"2|t|{LARGE}!", small="3|t|x")
    assert first.read_names == ["one", "small", "two"]
    assert second.read_names == ["small", "two"]
    assert (answer.stage.computed, answer.stage.cached) == (2, 1)
    assert len(lines(tmp_path / "b", "documents.jsonl")) == 3
    assert len((tmp_path / "b" / "new.txt").read_text().splitlines()) == 1
    assert len((tmp_path / "b" / "used.txt").read_text().splitlines()) == 2


def test_a_broken_input_is_broken_from_the_cache_too(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        read(tmp_path / folder, None, True, one=f"1|t|{LARGE}\n!broken_export")
        assert outcomes(tmp_path / folder) == [("one", "1", "ok", ""), ("one", "", "failed", "broken_export")]


def test_an_id_that_is_too_long_is_refused(tmp_path: Path) -> None:
    read(tmp_path / "a", one=f"{'x' * 1001}|t|x\n{'y' * 1000}|t|y")
    assert [(status, code) for _, _, status, code in outcomes(tmp_path / "a")] == [
        ("failed", "id_too_long"),
        ("ok", ""),
    ]


def test_an_id_that_is_no_text_is_refused(tmp_path: Path) -> None:
    class Odd(Lines):
        def read(self, source: Path | bytes, name: str) -> Iterator[SourceDocument | Outcome]:
            yield SourceDocument("a\ud800", Kind.NOTE, "t", "x")
            yield SourceDocument(" ", Kind.NOTE, "t", "x")
            yield SourceDocument("b", Kind.NOTE, "t\ud800", "x\udfff y")

    read(tmp_path / "a", Odd(), one="x")
    assert [code for _, _, _, code in outcomes(tmp_path / "a")] == ["id_not_text"] * 2 + [""]
    (kept,) = lines(tmp_path / "a", "documents.jsonl")
    assert (kept["title"], kept["text"]) == ("t\ufffd", "x\ufffd y")
