"""Take a summary apart for a language model: of each part the facts, and nodes with the beginning of their texts (GRA-4)."""

from collections.abc import Iterable, Iterator, Mapping

from academy.contracts.graph_file import GraphFile
from academy.contracts.graph_retelling import PartNode, SummaryPart, SummaryParts
from academy.contracts.graph_summary import ClusterSummary, GraphSummary
from academy.domain.graph.prose import prose_of

__all__ = ["parts_of"]

_MOST_THEMES = 30
_MOST_NODES = 5
_NAMED_THEMES = 10
_LONGEST_TITLE, _LONGEST_TEXT = 120, 300


def parts_of(graph: GraphFile, summary: GraphSummary, texts: Mapping[str, str]) -> SummaryParts:
    """Return the headline, the largest themes and the insights of a summary as a model is given them.

    Args:
        graph: of which the summary is.
        summary: without words of a model.
        texts: of nodes by id, as far as they are at hand.
    """
    taker = _Taker(graph, texts)
    themes = summary.clusters[:_MOST_THEMES]
    return SummaryParts(
        language=summary.language,
        parts=(
            *taker.headline(summary),
            *(part for at, each in enumerate(themes) for part in taker.theme(at, each)),
            *taker.insights(summary),
        ),
        left_out=len(summary.clusters) - len(themes),
    )


class _Taker:
    """Gives parts nodes that the graph has; a part without one is none, for nothing could be cited."""

    def __init__(self, graph: GraphFile, texts: Mapping[str, str]) -> None:
        self._nodes = {node.id: node for node in graph.nodes}
        self._texts = texts

    def headline(self, summary: GraphSummary) -> Iterator[SummaryPart]:
        if summary.headline is None:
            return
        largest = map(_sized, summary.clusters[:_NAMED_THEMES])
        nodes = self._given(summary.headline.node_ids)
        if nodes:
            yield SummaryPart(kind="headline", at=0, facts=(summary.headline.text, *largest), nodes=nodes)

    def theme(self, at: int, cluster: ClusterSummary) -> Iterator[SummaryPart]:
        taken = {claim.node_ids[0]: claim.text for claim in cluster.claims if claim.by == "extract"}
        cited = dict.fromkeys(
            [*taken, *(node for claim in cluster.claims for node in claim.node_ids)],
        )
        held = [node for node in cited if self._home(node) == cluster.cluster]
        nodes = self._given(held, taken)
        # No share of the whole: what is said of a theme then holds until the theme itself changes.
        facts = [_sized(cluster), ", ".join(map(_line, cluster.keywords))]
        if cluster.first_at:
            facts.append(f"{cluster.first_at[:10]} – {cluster.last_at[:10]}")
        if nodes:
            yield SummaryPart(kind="theme", at=at, facts=tuple(facts), nodes=nodes)

    def insights(self, summary: GraphSummary) -> Iterator[SummaryPart]:
        for at, insight in enumerate(summary.insights):
            nodes = self._given(insight.claim.node_ids)
            if nodes:
                yield SummaryPart(kind="insight", at=at, facts=(insight.claim.text,), nodes=nodes)

    def _home(self, node: str) -> str:
        return self._nodes[node].cluster if node in self._nodes else ""

    def _given(self, ids: Iterable[str], taken: Mapping[str, str] | None = None) -> tuple[PartNode, ...]:
        """Return the first of these nodes, each with the sentence that was taken from it and how its text begins."""
        there = [self._nodes[node] for node in ids if node in self._nodes][:_MOST_NODES]
        return tuple(
            PartNode(
                id=node.id,
                title=_line(node.title)[:_LONGEST_TITLE],
                text=" … ".join(filter(None, ((taken or {}).get(node.id, ""), self._beginning(node.id)))),
            )
            for node in there
        )

    def _beginning(self, node: str) -> str:
        return _line(prose_of(self._texts.get(node, "")[: 10 * _LONGEST_TEXT]))[:_LONGEST_TEXT]


def _sized(cluster: ClusterSummary) -> str:
    """Return a theme's name and how many documents it has."""
    return f"{_line(cluster.name)}: {cluster.size:,}"


def _line(text: str) -> str:
    return " ".join(text.split())
