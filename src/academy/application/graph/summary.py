"""Say what a graph holds: numbers first, words from the numbers, each with the nodes it rests on (GRA-4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from academy.application.graph.summary_extract import telling_sentence
from academy.application.graph.summary_numbers import Figures, figures_of
from academy.application.graph.summary_words import Words, words_of
from academy.application.graph.tongue import tongue_of
from academy.contracts.graph import Language
from academy.contracts.graph_file import FileCluster, GraphFile
from academy.contracts.graph_summary import Claim, ClusterSummary, GraphSummary, Insight

__all__ = ["summarise"]

_MOST_CITED, _FEW_CITED = 50, 5
_LONGEST_CLAIM = 1000
_SENTENCES = 2
_SAME_BEGINNING = 40
InsightKind = Literal["largest", "growing", "dormant", "bridge", "isolated", "recurring", "duplicate", "gap"]


def summarise(graph: GraphFile, texts: Mapping[str, str], language: Language = "auto") -> GraphSummary:
    """Return the summary of a graph.

    Args:
        texts: of nodes by id, as far as they are at hand (those of the representatives are enough); sentences are taken from them.
        language: of the words; "auto" is the one of most nodes. Sentences that are taken stay in their own.
    """
    tongue = tongue_of(graph, language)
    teller = _Teller(graph, figures_of(graph), words_of(tongue))
    return GraphSummary(
        user_id=graph.user_id,
        language=tongue,
        headline=teller.headline(),
        clusters=tuple(teller.cluster(each, texts) for each in graph.clusters),
        insights=tuple(teller.insights()),
        nodes=len(graph.nodes),
        edges=len(graph.edges),
    )


class _Teller:
    """Makes claims of the numbers of one graph; cites only nodes that it has."""

    def __init__(self, graph: GraphFile, figures: Figures, words: Words) -> None:
        self._graph = graph
        self._figures = figures
        self._words = words
        self._titles = {node.id: node.title or node.id for node in graph.nodes}

    def headline(self) -> Claim | None:
        """Say what the whole is; None of a graph without nodes."""
        clusters, nodes = self._graph.clusters, len(self._graph.nodes)
        if not clusters or not nodes:
            return None
        if self._has_largest():
            text = self._words.headline(nodes, len(clusters), clusters[0], _share(clusters[0].size, nodes))
        else:
            text = self._words.even_headline(nodes, clusters)
        return self._claim(text, (node for cluster in clusters for node in self._core(cluster)[:1]))

    def cluster(self, cluster: FileCluster, texts: Mapping[str, str]) -> ClusterSummary:
        """Say what a cluster is, in numbers and in sentences of its own."""
        members = self._figures.members.get(cluster.id, ())
        links, size = self._figures.inside.get(cluster.id, 0), len(members)
        share, density = _share(size, len(self._graph.nodes)), _share(links, size * (size - 1) // 2)
        first, last = self._figures.dates.get(cluster.id, ("", ""))
        told = self._claim(
            self._words.cluster(cluster, share, [self._titles[node] for node in self._core(cluster)]),
            [*self._core(cluster), *members],
        )
        return ClusterSummary(
            cluster=cluster.id,
            name=cluster.name,
            size=cluster.size,
            share=share,
            density=density,
            keywords=cluster.keywords,
            claims=(*([told] if told else []), *self._taken(cluster, texts)),
            first_at=first,
            last_at=last,
        )

    def insights(self) -> Iterator[Insight]:
        """Say what stands out."""
        for kind, value, text, cited in self._striking():
            claim = self._claim(text, cited)
            if claim is not None:
                yield Insight(kind=kind, value=value, claim=claim)

    def _striking(self) -> Iterator[tuple[InsightKind, float, str, Sequence[str]]]:
        """Return kind, number, sentence and nodes of everything that stands out."""
        graph, figures, words = self._graph, self._figures, self._words
        if len(graph.clusters) > 1 and self._has_largest():
            largest = graph.clusters[0]
            share = _share(largest.size, len(graph.nodes))
            yield "largest", share, words.largest(largest, share), self._core(largest)
        for growth in figures.growing:
            yield "growing", len(growth.nodes), words.growing(growth), growth.nodes
        for dormant in figures.dormant:
            yield "dormant", dormant.days, words.dormant(dormant), [dormant.newest]
        for bridge in figures.bridges:
            text = words.bridge(bridge, self._titles[bridge.node])
            yield "bridge", len(bridge.clusters), text, [bridge.node, *bridge.ends]
        for recurring in figures.recurring:
            yield "recurring", len(recurring.nodes), words.recurring(recurring), recurring.nodes
        if figures.duplicates:
            alike = [node for group in figures.duplicates for node in group]
            text = words.duplicate(
                figures.duplicates, [self._titles[group[0]] for group in figures.duplicates]
            )
            yield "duplicate", len(alike), text, alike
        for one, other in figures.gaps:
            yield "gap", 0, words.gap(one, other), [*self._core(one), *self._core(other)]
        if figures.isolated:
            yield "isolated", len(figures.isolated), words.isolated(len(figures.isolated)), figures.isolated

    def _has_largest(self) -> bool:
        """Whether one cluster alone is the largest."""
        sizes = [cluster.size for cluster in self._graph.clusters[:2]]
        return len(sizes) < 2 or sizes[0] > sizes[1]

    def _taken(self, cluster: FileCluster, texts: Mapping[str, str]) -> Iterator[Claim]:
        """Take a sentence from each of the first representatives that has one; none that begins like another."""
        seen: set[str] = set()
        for node in self._core(cluster):
            sentence = telling_sentence(texts.get(node, ""), cluster.keywords)
            if sentence and sentence[:_SAME_BEGINNING] not in seen:
                seen.add(sentence[:_SAME_BEGINNING])
                yield Claim(text=sentence, node_ids=(node,), by="extract")
            if len(seen) == _SENTENCES:
                return

    def _core(self, cluster: FileCluster) -> tuple[str, ...]:
        """Return the nodes that stand for a cluster; its first ones when those are no longer there."""
        there = tuple(node for node in cluster.representatives if node in self._titles)
        return there or self._figures.members.get(cluster.id, ())[:_FEW_CITED]

    def _claim(self, text: str, cited: Iterable[str]) -> Claim | None:
        """Return a sentence with its nodes, None when there is none of them."""
        ids = [node for node in dict.fromkeys(cited) if node in self._titles][:_MOST_CITED]
        return Claim(text=text[:_LONGEST_CLAIM], node_ids=tuple(ids)) if ids else None


def _share(part: float, whole: float) -> float:
    return round(min(1.0, part / whole), 6) if whole else 0.0
