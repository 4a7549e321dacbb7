"""A graph file whose rows stand ready as text, so that one node more costs no parse and no writing of ten thousand (GRA-5)."""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["GraphText"]

_DECIMALS = 6
_BLOCK = 256
_COUNTED = ("cluster", "subcluster", "language", "kind")
Line = dict[str, Any]
_RowKey = str | tuple[str, str]


class _Rows:
    """The rows of a JSON array in the order of their keys; blocks of them that did not change are not put together again."""

    def __init__(self, rows: Iterable[tuple[Any, bytes]]) -> None:
        whole = sorted(rows, key=lambda row: row[0])
        parts = [dict(whole[at : at + _BLOCK]) for at in range(0, len(whole), _BLOCK)] or [{}]
        self._blocks: list[dict[_RowKey, bytes]] = parts
        self._firsts: list[Any] = [next(iter(part), "") for part in parts]
        self._texts: list[bytes | None] = [None] * len(parts)

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def put(self, key: _RowKey, row: Mapping[str, Any]) -> None:
        """Add a row or take the place of the one with its key."""
        at = self._at(key)
        block = self._blocks[at]
        new = key not in block
        block[key] = _text(row)
        self._texts[at] = None
        if not new:
            return
        ordered = sorted(block.items(), key=lambda each: each[0])
        half = len(ordered) if len(ordered) <= 2 * _BLOCK else _BLOCK
        self._blocks[at : at + 1] = [dict(part) for part in (ordered[:half], ordered[half:]) if part]
        if half < len(ordered):
            self._firsts.insert(at + 1, ordered[half][0])
            self._texts.insert(at + 1, None)

    def drop(self, key: _RowKey) -> None:
        """Remove a row that is there."""
        at = self._at(key)
        del self._blocks[at][key]
        self._texts[at] = None

    def text(self) -> bytes:
        """Return the array."""
        for at, block in enumerate(self._blocks):
            if self._texts[at] is None:
                self._texts[at] = b",".join(block.values())
        return b"[" + b",".join(text for text in self._texts if text) + b"]"

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

    def text(self) -> bytes:
        """Return the whole file, its fields in the order of the contract."""
        head = _text({name: self.rest[name] for name in ("v", "user_id", "recipe", "statistics")})
        parts = [head[:-1], b',"nodes":', self._node_rows.text(), b',"edges":', self._edge_rows.text()]
        clusters = _text(self.rest["clusters"])
        return b"".join([*parts, b',"clusters":', clusters, b',"inputs":', self._input_rows.text(), b"}"])

    def _tie(self, pair: tuple[str, str]) -> None:
        for name in pair:
            self._near.setdefault(name, set()).add(pair)


def _place(node: Mapping[str, Any]) -> tuple[str, str, float, float]:
    return node["cluster"], node["subcluster"], node["x"], node["y"]


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
