"""What documents that joined add to the features of a build, in a small file beside it: the large one is not written anew for each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from academy.application.ports.graph_maths import FeaturesUnreadable
from academy.infrastructure.statistics.arrays import Ints, csr
from academy.infrastructure.statistics.features import Features, load, save
from academy.infrastructure.statistics.joining import together

__all__ = ["Grown", "load_files", "save_next"]

_FORMAT = 1
_LEAST = 64
_SHARE = 8
"""An addition of more than this part of the texts is not worth a file of its own: everything is written anew then."""


@dataclass(frozen=True, slots=True)
class Grown:
    """Features and how they differ from a file: rows that are new or changed, sorted; how many texts and terms the file has."""

    features: Features
    rows: Ints
    texts: int
    terms: int

    @classmethod
    def of(cls, features: Features) -> "Grown":
        """Return features that are a file."""
        return cls(features, np.empty(0, np.int64), len(features.ids), len(features.terms))

    def with_rows(self, features: Features, rows: Ints) -> "Grown":
        """Return what these become by a join that wrote some rows."""
        return Grown(features, np.union1d(self.rows, rows), self.texts, self.terms)


def save_next(grown: Grown, files: Sequence[Path]) -> tuple[Grown, list[Path]]:
    """Write a file beside the last of `files`; return the files that hold all, and how the features differ from the first of these."""
    path = _next(files[-1])
    if len(grown.rows) > max(_LEAST, grown.texts // _SHARE):
        save(grown.features, path)
        return Grown.of(grown.features), [path]
    _save(grown, path)
    return grown, [files[0], path]


def load_files(files: Sequence[Path]) -> Grown:
    """Read the file of a build and, where there is one, what was added to it.

    Raises:
        FeaturesUnreadable: no such file, damaged, of another format, or an addition to another file.
    """
    grown = Grown.of(load(files[0]))
    return _with_addition(grown, files[1]) if files[1:] else grown


def _save(grown: Grown, path: Path) -> None:
    all_of, rows = grown.features, grown.rows
    words = all_of.weights[rows]
    arrays = {
        "about": _bytes(json.dumps(_about(grown), sort_keys=True)),
        "ids": _bytes(json.dumps([all_of.ids[row] for row in rows])),
        "terms": _bytes("\n".join(all_of.terms[grown.terms :])),
        "rarity": all_of.rarity[grown.terms :],
        "weight_data": words.data.astype(np.float16),
        "weight_indices": words.indices.astype(np.int32),
        "weight_ends": words.indptr.astype(np.int32),
        "lengths": all_of.lengths[rows],
        "places": all_of.places[rows].astype(np.float16),
        "neural": all_of.neural[rows].astype(np.float16),
        "reach": all_of.reach[rows].astype(np.float16),
    }
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    unfinished.replace(path)


def _with_addition(grown: Grown, path: Path) -> Grown:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays["about"].tobytes())
        build = grown.features
        _check(about, grown)
        after, rows = together(build, _added(build, arrays))
        after.reach[rows] = arrays["reach"].astype(np.float32)
        return grown.with_rows(after, rows)
    except (OSError, ValueError, KeyError, EOFError, TypeError, IndexError, BadZipFile) as error:
        raise FeaturesUnreadable("the features cannot be read: build the graph anew") from error


def _added(build: Features, arrays: Mapping[str, Any]) -> Features:
    ids = json.loads(arrays["ids"].tobytes())
    text = arrays["terms"].tobytes().decode()
    terms = text.split("\n") if text else []
    words = (arrays["weight_data"], arrays["weight_indices"], arrays["weight_ends"])
    return Features(**{
        **{name: getattr(build, name) for name in Features.__dataclass_fields__},
        "ids": ids, "terms": terms, "rarity": np.concatenate((build.rarity, arrays["rarity"])),
        "weights": csr(*words, (len(ids), len(build.terms) + len(terms))), "lengths": arrays["lengths"],
        "places": arrays["places"].astype(np.float32), "neural": arrays["neural"].astype(np.float32),
    })  # fmt: skip


def _about(grown: Grown) -> dict[str, Any]:
    """Return the format, and what tells the file that is added to from others."""
    ids, texts = grown.features.ids, grown.texts
    of = [ids[:1], ids[texts - 1 : texts], float(grown.features.about["mean_length"])]
    return {"format": _FORMAT, "texts": texts, "terms": grown.terms, "of": of}


def _check(about: object, grown: Grown) -> None:
    if about != _about(grown):
        raise ValueError("another format, or an addition to another file")


def _next(path: Path) -> Path:
    """Count on: features.npz, features-1.npz, features-2.npz."""
    name, _, number = path.stem.rpartition("-")
    known = bool(name) and number.isdigit()
    return path.with_name(f"{name}-{int(number) + 1}.npz" if known else f"{path.stem}-1.npz")


def _bytes(text: str) -> Any:  # noqa: ANN401 - an array of numpy
    return np.frombuffer(text.encode(), np.uint8)
