"""A graph file whose rows stand ready as text, so that one node more costs no parse and no writing of ten thousand (GRA-5)."""

import json
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["GraphText"]

_DECIMALS = 6
_BLOCK = 64
_COUNTED = ("cluster", "subcluster", "language", "kind")
Line = dict[str, Any]
_RowKey = str | tuple[str, str]
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class _Block:
    """Rows that stand one after the other; `text` joins them, None after a change."""

    keys: list[Any]
    rows: list[bytes]
    text: bytes | None = None


class _Rows:
    """The rows of a JSON array in the order of their keys; blocks of them that did not change are not put together again."""

    def __init__(self, rows: Iterable[tuple[Any, bytes]]) -> None:
        whole = sorted(rows, key=lambda row: row[0])
        parts = [whole[at : at + _BLOCK] for at in range(0, len(whole), _BLOCK)] or [[]]
        self._blocks = [_Block([key for key, _ in part], [row for _, row in part]) for part in parts]
        self._firsts: list[Any] = [part[0][0] if part else "" for part in parts]
        self._count = len(whole)

    def __len__(self) -> int:
        return self._count

    def put(self, key: _RowKey, row: Mapping[str, Any]) -> None:
        """Add a row or take the place of the one with its key."""
        at = self._at(key)
        block = self._blocks[at]
        block.text = None
        place = bisect_left(block.keys, key)
        if place < len(block.keys) and block.keys[place] == key:
            block.rows[place] = _text(row)
            return
        block.keys.insert(place, key)
        block.rows.insert(place, _text(row))
        self._count += 1
        if len(block.keys) > 2 * _BLOCK:
            self._blocks.insert(at + 1, _Block(block.keys[_BLOCK:], block.rows[_BLOCK:]))
            self._firsts.insert(at + 1, block.keys[_BLOCK])
            del block.keys[_BLOCK:], block.rows[_BLOCK:]

    def drop(self, key: _RowKey) -> None:
        """Remove a row that is there."""
        block = self._blocks[self._at(key)]
        place = block.keys.index(key)
        del block.keys[place], block.rows[place]
        block.text = None
        self._count -= 1

    def pieces(self) -> Iterator[bytes]:
        """Yield the array, piece by piece."""
        before = b"["
        for block in self._blocks:
            if block.text is None:
                block.text = b",".join(block.rows)
            if block.text:
                yield before
                yield block.text
                before = b","
        yield b"]" if before == b"," else b"[]"

    def _at(self, key: _RowKey) -> int:
        return bisect_right(self._firsts, key, lo=1) - 1


class GraphText:
    """A graph file to add to."""

    def __init__(self, text: bytes) -> None:
        """Take the file as it is stored."""
        whole = json.loads(text)
        self.rest: Line = {
            name: value for name, value in whole.items() if name not in {"nodes", "edges", "inputs"}
        }
        self.nodes: dict[str, Line] = {node["id"]: node for node in whole["nodes"]}
        self.places = {name: _place(node) for name, node in self.nodes.items()}
        """Cluster, subcluster, x and y of each node."""
        self._counts = {of: Counter(node[of] for node in self.nodes.values()) for of in _COUNTED}
        self._node_rows = _Rows((node["id"], _text(node)) for node in whole["nodes"])
        self._edge_rows = _Rows(((edge["source"], edge["target"]), _text(edge)) for edge in whole["edges"])
        self._input_rows = _Rows((each["key"], _text(each)) for each in whole["inputs"])
        self._near: dict[str, set[tuple[str, str]]] = {}
        for edge in whole["edges"]:
            self._tie((edge["source"], edge["target"]))

    @property
    def edges(self) -> int:
        """Return how many edges there are."""
        return len(self._edge_rows)

    @property
    def isolated(self) -> int:
        """Return how many nodes have no edge."""
        return len(self.nodes) - len(self._near)

    def count(self, of: str) -> Mapping[str, int]:
        """Return how many nodes have each "cluster", "subcluster", "language" or "kind"."""
        return +self._counts[of]

    def put_node(self, node: Line) -> None:
        """Add a node or take the place of the one with its id."""
        name = node["id"]
        before = self.nodes.get(name)
        for of, counts in self._counts.items():
            if before is not None:
                counts[before[of]] -= 1
            counts[node[of]] += 1
        self.nodes[name] = node
        self.places[name] = _place(node)
        self._node_rows.put(name, node)

    def put_input(self, line: Line) -> None:
        """Add an object that nodes came of."""
        self._input_rows.put(line["key"], line)

    def drop_edges(self, name: str) -> set[str]:
        """Remove every edge of a node; return who was at their other ends."""
        gone = self._near.pop(name, set())
        others = {other for pair in gone for other in pair if other != name}
        for pair in gone:
            self._edge_rows.drop(pair)
        for other in others:
            self._near[other] -= gone
            if not self._near[other]:
                del self._near[other]
        return others

    def put_edge(self, source: str, target: str, weight: float, similarity: float) -> None:
        """Add an edge between two nodes that are there."""
        pair = (min(source, target), max(source, target))
        self._tie(pair)
        edge = {"source": pair[0], "target": pair[1]}
        told = {"weight": round(weight, _DECIMALS), "similarity": round(similarity, _DECIMALS)}
        self._edge_rows.put(pair, {**edge, **told})

    def touch(self, names: Sequence[str]) -> None:
        """Write the degrees of nodes anew."""
        for name in names:
            degree = len(self._near.get(name, ()))
            if self.nodes[name]["degree"] != degree:
                self.put_node({**self.nodes[name], "degree": degree})

    def pieces(self) -> Iterator[bytes]:
        """Yield the whole file, piece by piece, its fields in the order of the contract; what did not change is not copied."""
        yield _text({name: self.rest[name] for name in ("v", "user_id", "recipe", "statistics")})[:-1]
        yield b',"nodes":'
        yield from self._node_rows.pieces()
        yield b',"edges":'
        yield from self._edge_rows.pieces()
        yield b',"clusters":' + _text(self.rest["clusters"]) + b',"inputs":'
        yield from self._input_rows.pieces()
        yield b"}"

    def _tie(self, pair: tuple[str, str]) -> None:
        for name in pair:
            self._near.setdefault(name, set()).add(pair)


def _place(node: Mapping[str, Any]) -> tuple[str, str, float, float]:
    return node["cluster"], node["subcluster"], node["x"], node["y"]


def _text(value: object) -> bytes:
    return _ENCODER.encode(value).encode()
