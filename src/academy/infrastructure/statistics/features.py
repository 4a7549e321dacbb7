"""The file that joining and searching go on from: numbers and words of every text, never a text itself.

A `.npz` without pickle, byte for byte the same for the same content. Weights are kept in half precision:
they are compared with one another, and a smaller file is a faster one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from academy.application.ports.graph_maths import FeaturesUnreadable
from academy.infrastructure.statistics.arrays import Csr, Floats, Ints, csr
from academy.infrastructure.statistics.fusing import space_of
from academy.infrastructure.statistics.nearest import Space
from academy.infrastructure.statistics.vectors import Weights

__all__ = ["Features", "load", "save"]

_FORMAT = 1
_HALF = ("places", "neural", "reach")
_LINES = ("terms", "keys", "stems")


@dataclass(frozen=True)
class Features:
    """Everything of one graph that a new text is compared with; rows in the order of `ids`.

    Attributes:
        about: recipe, texts that the rarities are of, mean length.
        terms, keys: names of the columns; keys are what keywords are chosen from.
        stems, shown: of the keywords' lexicon.
        rarity, columns, components: idf of the terms, and the directions in some of them.
        weights: BM25 of the sharpest terms of each text, unit rows; `lengths`: what the rows were divided by.
        places: unit rows along the directions.
        neural, neural_mean: unit rows of a neural embedder less their mean, (texts, 0) without.
        reach: likeness of the neighbours that each text has, the nearest first.
        key_seen: texts that have each key.
    """

    about: Mapping[str, Any]
    ids: list[str]
    terms: list[str]
    keys: list[str]
    stems: list[str]
    shown: Mapping[str, str]
    rarity: Floats
    columns: Ints
    components: Floats
    weights: Csr
    lengths: Floats
    places: Floats
    neural: Floats
    neural_mean: Floats
    reach: Floats
    key_seen: Ints

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each text."""
        return {one: row for row, one in enumerate(self.ids)}

    @cached_property
    def number_of_term(self) -> dict[str, int]:
        """Column of each term."""
        return {term: at for at, term in enumerate(self.terms)}

    @cached_property
    def seen_of_key(self) -> dict[str, int]:
        """Texts that have each key."""
        return dict(zip(self.keys, self.key_seen.tolist(), strict=True))

    @cached_property
    def stem_set(self) -> frozenset[str]:
        """The stems, to be asked for."""
        return frozenset(self.stems)

    @cached_property
    def lines(self) -> dict[str, bytes]:
        """Names as the file has them."""
        return {name: "\n".join(getattr(self, name)).encode() for name in _LINES}

    @cached_property
    def half_components(self) -> NDArray[np.float16]:
        """As the file has them."""
        return self.components.astype(np.float16)

    @cached_property
    def half_weights(self) -> NDArray[np.float16]:
        """As the file has them."""
        found: NDArray[np.float16] = self.weights.data.astype(np.float16)
        return found

    @cached_property
    def space(self) -> Space:
        """Where the texts lie for their neighbours."""
        return space_of(self.weights, self.places, self.neural)

    @property
    def weighing(self) -> Weights:
        """As the texts were weighed that were there first."""
        return Weights(self.rarity, float(self.about["mean_length"]))


def save(features: Features, path: Path) -> None:
    """Write into a new file that appears whole or not at all."""
    arrays = {
        "about": _bytes(json.dumps({"format": _FORMAT, **features.about}, sort_keys=True)),
        "ids": _bytes(json.dumps(features.ids)),
        "shown": _bytes(json.dumps(dict(sorted(features.shown.items())))),
        **{name: np.frombuffer(text, np.uint8) for name, text in features.lines.items()},
        "rarity": features.rarity,
        "columns": features.columns.astype(np.int32, copy=False),
        "weight_data": features.half_weights,
        "weight_indices": features.weights.indices.astype(np.int32, copy=False),
        "weight_ends": features.weights.indptr.astype(np.int32, copy=False),
        "lengths": features.lengths,
        "neural_mean": features.neural_mean,
        "key_seen": features.key_seen.astype(np.int32),
        "components": features.half_components,
        **{name: getattr(features, name).astype(np.float16) for name in _HALF},
    }
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    unfinished.replace(path)


def load(path: Path) -> Features:
    """Read what `save` wrote.

    Raises:
        FeaturesUnreadable: no such file, damaged, or of another format.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _features(arrays)
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile) as error:
        raise FeaturesUnreadable("the features cannot be read: build the graph anew") from error


def _features(arrays: Mapping[str, Any]) -> Features:
    about = json.loads(arrays["about"].tobytes())
    if about.pop("format") != _FORMAT:
        raise ValueError("another format")
    ids = json.loads(arrays["ids"].tobytes())
    lines = {name: arrays[name].tobytes().decode() for name in _LINES}
    named = {name: text.split("\n") if text else [] for name, text in lines.items()}
    half = {name: arrays[name].astype(np.float32) for name in _HALF}
    shape = (len(ids), len(named["terms"]))
    return Features(
        about=about, ids=ids, shown=json.loads(arrays["shown"].tobytes()), **named, **half,
        rarity=arrays["rarity"],
        components=arrays["components"].astype(np.float32), columns=arrays["columns"].astype(np.int64),
        weights=csr(arrays["weight_data"], arrays["weight_indices"], arrays["weight_ends"], shape),
        lengths=arrays["lengths"], neural_mean=arrays["neural_mean"],
        key_seen=arrays["key_seen"].astype(np.int64),
    )  # fmt: skip


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)
