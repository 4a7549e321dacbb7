"""How well public texts are grouped, found, summed up and named; each set beside a peer where there is one."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agreement import neighbours_agree, nmi, voted_right
from bars import Bar
from beside import bertopic, yake
from overlap import key_f1, rouge
from sets import Absent, Labelled, labelled, questions
from written import Abridged, WithKeys, key_sets, summary_sets

from academy.application.ports.graph_maths import Analysed, TextItem
from academy.infrastructure.morphology.lens import OfflineLens
from academy.infrastructure.morphology.passages import layout_of
from academy.infrastructure.statistics import StatisticalGraphMaths

__all__ = ["Figures", "quality"]

FIRST, TEN = 0.87, 0.98
FLOORS = {
    "korean-notes": {"nmi": 0.65},
    "20news": {"nmi": 0.53, "same_label": 0.54},
    "bbc": {"voted_right": 0.965},
    "reuters": {},
}
FASTER, BETTER = 5.0, 0.05
_AGAINST_BERTOPIC = ("20news", "bbc")
_MOST = 5000
_SENTENCES = 3
_KEYS = (5, 10)
_WORDS = (1, 2, 3)


@dataclass(slots=True)
class Figures:
    """Rows of a table, and what has to hold."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)


def quality(data: Path, seeds: Sequence[int], figures: Figures) -> None:
    """Measure on every set in the folder; rows say which are skipped, and why."""
    for name, floors in FLOORS.items():
        _or_skipped(
            figures, name, lambda name=name, floors=floors: _groups(figures, data, name, floors, seeds)
        )
    _or_skipped(figures, "korquad", lambda: _questions(figures, data, seeds[0]))
    for name, keyed in key_sets(data).items():
        _or_skipped(figures, name, lambda name=name, read=keyed: _keywords(figures, name, read(), seeds[0]))
    for name, abridged in summary_sets(data).items():
        _or_skipped(figures, name, lambda name=name, read=abridged: _summaries(figures, name, read()))


def _or_skipped(figures: Figures, name: str, measure: Callable[[], None]) -> None:
    try:
        measure()
    except Absent as absent:
        figures.rows.append({"set": name, "skipped": str(absent)})


def _groups(figures: Figures, data: Path, name: str, floors: dict[str, float], seeds: Sequence[int]) -> None:
    texts = labelled(data / name, _MOST, depth=2 if name == "korean-notes" else 1)
    runs = [_analysed(texts.items, seed) for seed in seeds]
    each = [_agreement(found, texts) for found, _ in runs]
    values = {key: statistics.mean(one[key] for one in each) for key in each[0]}
    row = {"set": name, "documents": len(texts.items), "labels": len(set(texts.label.values()))}
    figures.rows.append(row | {key: round(value, 4) for key, value in values.items()})
    figures.bars += [
        Bar(f"1 - {key} of {name}", 1 - values[key], round(1 - low, 3)) for key, low in floors.items()
    ]
    _or_skipped(
        figures,
        f"{name}, BERTopic",
        lambda: _beside_bertopic(figures, name, texts, runs, values["nmi"], seeds),
    )


def _agreement(found: Analysed, texts: Labelled) -> dict[str, float]:
    labels = [texts.label[one] for one in found.ids]
    return {
        "nmi": nmi(labels, [place.cluster for place in found.placed]),
        "same_label": neighbours_agree(found, labels),
        "voted_right": voted_right(found, labels),
    }


def _beside_bertopic(
    figures: Figures,
    name: str,
    texts: Labelled,
    runs: Sequence[tuple[Analysed, float]],
    ours: float,
    seeds: Sequence[int],
) -> None:
    """Beside the first run; ours is timed from texts, BERTopic from our vectors."""
    found, seconds = runs[0]
    other = bertopic(found, texts.items, seeds[0])
    labels = [texts.label[one] for one in found.ids]
    theirs = nmi(labels, other.topics)
    figures.rows.append({
        "set": name, "peer": "BERTopic", "nmi": round(theirs, 4), "nmi_laid": round(nmi(labels, other.laid), 4),
        "cpu_s": round(other.cpu_s, 2), "our_cpu_s": round(seconds, 2), "our_nmi": round(ours, 4),
    })  # fmt: skip
    if name in _AGAINST_BERTOPIC:
        figures.bars += [
            Bar(f"CPU on {name}: ours / BERTopic", seconds / other.cpu_s, 1 / FASTER),
            Bar(f"NMI on {name}: BERTopic - ours", theirs - ours, -BETTER),
        ]


def _analysed(items: Sequence[TextItem], seed: int) -> tuple[Analysed, float]:
    with tempfile.TemporaryDirectory() as folder:
        maths = StatisticalGraphMaths()
        maths.analyse(items[:50], seed=seed, folder=Path(folder))  # libraries are loaded
        begun = time.process_time()
        found = maths.analyse(items, seed=seed, folder=Path(folder))
        return found, time.process_time() - begun


def _questions(figures: Figures, data: Path, seed: int) -> None:
    texts = questions(data / "korquad" / "KorQuAD_v1.0_dev.json")
    maths = StatisticalGraphMaths()
    with tempfile.TemporaryDirectory() as folder:
        found = maths.analyse(texts.items, seed=seed, folder=Path(folder))
        answers = maths.search([found.features], [question for question, _ in texts.asked], 10)
    ranks = [[one.id for one in some] for some in answers]
    first = sum(some[:1] == [right] for some, (_, right) in zip(ranks, texts.asked, strict=True)) / len(ranks)
    ten = sum(right in some for some, (_, right) in zip(ranks, texts.asked, strict=True)) / len(ranks)
    figures.rows.append(
        {"set": "korquad", "questions": len(ranks), "first": round(first, 4), "ten": round(ten, 4)}
    )
    figures.bars += [
        Bar("questions whose paragraph is not the first", 1 - first, 1 - FIRST),
        Bar("questions whose paragraph is not among ten", 1 - ten, 1 - TEN),
    ]


def _keywords(figures: Figures, name: str, texts: Sequence[WithKeys], seed: int) -> None:
    """Keywords of a node in a graph of all texts, and of the lens for each text alone, beside YAKE's best."""
    ours = {"graph": _node_keywords(texts, seed), "lens": [_lens_keywords(one.text) for one in texts]}
    scores = {who: _f1(texts, keys) for who, keys in ours.items()}
    figures.rows += [{"set": name, "keywords": who, "texts": len(texts)} | one for who, one in scores.items()]
    language = "ko" if name.endswith("-ko") else "en"
    theirs = []
    for words in _WORDS:
        theirs.append(_f1(texts, yake([one.text for one in texts], language, words)))
        figures.rows.append(
            {"set": name, "keywords": f"YAKE, {words} words", "texts": len(texts)} | theirs[-1]
        )
    for who, key in ((who, key) for who in ours for key in theirs[0]):
        ratio = max(one[key] for one in theirs) / max(scores[who][key], 1e-9)
        figures.bars.append(Bar(f"keywords of {name}, {key}: YAKE / {who}", ratio, 1.0))


def _f1(texts: Sequence[WithKeys], keys: Sequence[Sequence[str]]) -> dict[str, float]:
    return {
        f"f1_at_{most}": round(
            statistics.mean(key_f1(one.keys, some, most) for one, some in zip(texts, keys, strict=True)), 4
        )
        for most in _KEYS
    }


def _node_keywords(texts: Sequence[WithKeys], seed: int) -> list[Sequence[str]]:
    found, _ = _analysed([TextItem(one.id, "", one.text) for one in texts], seed)
    keys = {one: place.keywords for one, place in zip(found.ids, found.placed, strict=True)}
    return [keys[one.id] for one in texts]


def _lens_keywords(text: str) -> Sequence[str]:
    return OfflineLens().keywords([text], max(_KEYS))[0]


def _summaries(figures: Figures, name: str, texts: Sequence[Abridged]) -> None:
    """Three sentences of ours beside the first three, of the same splitter."""
    ways: dict[str, Callable[[str], Iterator[str]]] = {"ours": _extracted, "lead-3": _leading}
    scores = {}
    for who, take in ways.items():
        each = [rouge(one.summary, " ".join(take(one.text))) for one in texts]
        scores[who] = [statistics.mean(column) for column in zip(*each, strict=True)]
        figures.rows.append(
            {"set": name, "summary": who, "texts": len(texts)}
            | {f"rouge_{kind}": round(value, 4) for kind, value in zip("12L", scores[who], strict=True)}
        )
    figures.bars += [
        Bar(f"summaries of {name}, ROUGE-{kind}: lead-3 / ours", lead / max(mine, 1e-9), 1.0)
        for kind, mine, lead in zip("12L", scores["ours"], scores["lead-3"], strict=True)
    ]


def _extracted(text: str) -> Iterator[str]:
    yield from (text[start:end] for _, start, end, _ in OfflineLens().summarise([text], _SENTENCES))


def _leading(text: str) -> Iterator[str]:
    spans = [span for passage in layout_of(text, (), ()).passages for span in passage.sentences]
    yield from (text[span.start : span.end] for span in spans[:_SENTENCES])
