"""Peers, each in an environment of its own: BERTopic on our vectors, YAKE on the same texts."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from contestants import peer_python
from sets import Absent

from academy.application.ports.graph_maths import Analysed, TextItem

__all__ = ["Grouped", "bertopic", "yake"]

_PEERS = Path(__file__).parents[1] / "peers"
_THREADS = ("OMP", "MKL", "NUMBA", "OPENBLAS")


@dataclass(frozen=True, slots=True)
class Grouped:
    """What BERTopic makes of texts.

    Attributes:
        topics: of each text, -1 for those it leaves over.
        laid: the same, those left over laid to the nearest topic.
    """

    cpu_s: float
    topics: list[int]
    laid: list[int]


def bertopic(found: Analysed, items: Sequence[TextItem], seed: int) -> Grouped:
    """Give BERTopic the same texts and our vectors of them.

    Raises:
        Absent: it cannot be installed.
    """
    text = {item.id: item.text for item in items}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "vectors.npy", np.array([np.frombuffer(one, np.float32) for one in found.vectors]))
        (folder / "texts.json").write_text(json.dumps([text[one] for one in found.ids]), "utf-8")
        return Grouped(**_asked("bertopic", folder, seed))


def yake(texts: Sequence[str], language: str, words: int) -> list[list[str]]:
    """Return what YAKE finds in each text, keywords of at most so many words.

    Raises:
        Absent: it cannot be installed.
    """
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "texts.json"
        path.write_text(json.dumps(texts), "utf-8")
        keys: list[list[str]] = _asked("yake", path, language, words)["keys"]
        return keys


def _asked(peer: str, *words: object) -> dict[str, Any]:
    python, reason = peer_python(peer)
    if reason:
        raise Absent(f"{peer} is left out: {reason}")
    one_thread = {f"{name}_NUM_THREADS": "1" for name in _THREADS}
    done = subprocess.run(
        [python, str(_PEERS / f"graph_{peer}.py"), *map(str, words)],
        env={**os.environ, **one_thread}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
