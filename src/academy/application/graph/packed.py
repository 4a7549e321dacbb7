"""Inputs that lie in a folder as `inputs.jsonl` says: a file each, or a part of a file that several share (GRA-2)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from academy.application.graph.fetching import PACKED_BYTES

__all__ = ["inputs_in"]


@contextmanager
def inputs_in(folder: Path) -> Iterator[Callable[[Mapping[str, Any]], Path | bytes]]:
    """Give what returns the bytes of a small input, or the path of a larger one, for its line; in the order of the lines it is quick."""
    with ExitStack() as opened:
        packs: dict[str, IO[bytes]] = {}

        def source_of(line: Mapping[str, Any]) -> Path | bytes:
            if "size" not in line:
                path = folder / str(line["file"])
                return path.read_bytes() if path.stat().st_size < PACKED_BYTES else path
            if line["file"] not in packs:
                packs[line["file"]] = opened.enter_context((folder / line["file"]).open("rb"))
            pack = packs[line["file"]]
            pack.seek(line["start"])
            return pack.read(line["size"])

        yield source_of
