"""Sentences of a summary, in Korean and English, made of its numbers."""

from collections.abc import Sequence
from typing import Literal

from academy.application.graph.summary_numbers import Bridge, Dormant, Growth, Recurring
from academy.contracts.graph_file import FileCluster

__all__ = ["EnglishWords", "KoreanWords", "Words", "named", "words_of"]

_LONGEST_NAME = 80
_EVEN_NAMES, _NAMED_TITLES = 4, 3


def named(text: str) -> str:
    """Return a name as one line of a sentence."""
    line = " ".join(text[: 4 * _LONGEST_NAME].split())
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1].rstrip() + "…"


class KoreanWords:
    """Korean: quoted names are followed by a noun of ours, so that particles never depend on them."""

    def headline(self, nodes: int, clusters: int, largest: FileCluster, share: float) -> str:
        """Say what the whole is."""
        if clusters == 1:
            return f"문서 {nodes:,}개가 한 묶음 '{named(largest.name)}'에 모여 있습니다."
        return (
            f"문서 {nodes:,}개가 {clusters:,}개 묶음으로 나뉘고, 가장 큰 묶음 '{named(largest.name)}'에 "
            f"{largest.size:,}개({_percent(share)})가 있습니다."
        )

    def even_headline(self, nodes: int, clusters: Sequence[FileCluster]) -> str:
        """Say what the whole is where no cluster is larger than all others."""
        names = ", ".join(f"'{named(cluster.name)}'" for cluster in clusters[:_EVEN_NAMES])
        more = " 등" if len(clusters) > _EVEN_NAMES else ""
        return f"문서 {nodes:,}개가 {len(clusters):,}개 묶음으로 나뉩니다: {names}{more}."

    def cluster(self, cluster: FileCluster, share: float, titles: Sequence[str]) -> str:
        """Say how large a cluster is, and what is in it."""
        about = f" 주요 낱말: {', '.join(cluster.keywords[:5])}." if cluster.keywords else ""
        names = ", ".join(f"'{named(title)}'" for title in titles[:_NAMED_TITLES])
        return f"문서 {cluster.size:,}개, 전체의 {_percent(share)}입니다. 대표 문서: {names}.{about}"

    def largest(self, cluster: FileCluster, share: float) -> str:
        """Say which cluster is the largest."""
        return f"가장 많이 다룬 묶음은 '{named(cluster.name)}'입니다: 문서 {cluster.size:,}개, 전체의 {_percent(share)}."

    def growing(self, growth: Growth) -> str:
        """Say what grows."""
        share = len(growth.nodes) / growth.cluster.size
        return (
            f"'{named(growth.cluster.name)}' 묶음이 빠르게 늘고 있습니다: 마지막 {growth.days}일 동안 "
            f"문서 {len(growth.nodes):,}개(묶음의 {_percent(share)})가 더해졌습니다."
        )

    def dormant(self, dormant: Dormant) -> str:
        """Say what lies still."""
        return (
            f"'{named(dormant.cluster.name)}' 묶음에는 {dormant.days:,}일 동안 새 문서가 없습니다"
            "(가장 최근 문서를 기준으로 센 날수)."
        )

    def bridge(self, bridge: Bridge, title: str) -> str:
        """Say what connects."""
        names = ", ".join(f"'{named(cluster.name)}'" for cluster in bridge.clusters[:4])
        return f"문서 '{named(title)}' 하나가 다른 묶음 {len(bridge.clusters):,}개를 이어 줍니다: {names}."

    def isolated(self, count: int) -> str:
        """Say what stands alone."""
        return f"문서 {count:,}개는 다른 어떤 문서와도 이어지지 않았습니다."

    def recurring(self, recurring: Recurring) -> str:
        """Say what comes back."""
        return (
            f"되풀이되는 낱말 '{named(recurring.keyword)}': 묶음 {recurring.clusters:,}개의 "
            f"문서 {len(recurring.nodes):,}개에 나옵니다."
        )

    def duplicate(self, groups: Sequence[Sequence[str]], titles: Sequence[str]) -> str:
        """Say what is there twice."""
        count = sum(map(len, groups))
        names = ", ".join(f"'{named(title)}'" for title in titles[:3])
        return f"내용이 거의 같은 문서가 {len(groups):,}모둠, 모두 {count:,}개 있습니다. 예: {names}."

    def gap(self, one: FileCluster, other: FileCluster) -> str:
        """Say what is not connected."""
        return f"큰 두 묶음 '{named(one.name)}', '{named(other.name)}' 사이에는 연결이 하나도 없습니다."


class EnglishWords:
    """English."""

    def headline(self, nodes: int, clusters: int, largest: FileCluster, share: float) -> str:
        """Say what the whole is."""
        if clusters == 1:
            return f"{_count(nodes, 'document')} in one cluster, “{named(largest.name)}”."
        return (
            f"{_count(nodes, 'document')} in {_count(clusters, 'cluster')}; the largest, “{named(largest.name)}”, "
            f"holds {largest.size:,} ({_percent(share)})."
        )

    def even_headline(self, nodes: int, clusters: Sequence[FileCluster]) -> str:
        """Say what the whole is where no cluster is larger than all others."""
        names = ", ".join(f"“{named(cluster.name)}”" for cluster in clusters[:_EVEN_NAMES])
        more = " and others" if len(clusters) > _EVEN_NAMES else ""
        return f"{_count(nodes, 'document')} in {_count(len(clusters), 'cluster')}: {names}{more}."

    def cluster(self, cluster: FileCluster, share: float, titles: Sequence[str]) -> str:
        """Say how large a cluster is, and what is in it."""
        about = f" Main words: {', '.join(cluster.keywords[:5])}." if cluster.keywords else ""
        names = ", ".join(f"“{named(title)}”" for title in titles[:_NAMED_TITLES])
        return f"{_count(cluster.size, 'document')}, {_percent(share)} of all, such as {names}.{about}"

    def largest(self, cluster: FileCluster, share: float) -> str:
        """Say which cluster is the largest."""
        return f"Most is about “{named(cluster.name)}”: {_count(cluster.size, 'document')}, {_percent(share)} of all."

    def growing(self, growth: Growth) -> str:
        """Say what grows."""
        share = len(growth.nodes) / growth.cluster.size
        return (
            f"“{named(growth.cluster.name)}” is growing: {_count(len(growth.nodes), 'document')} "
            f"({_percent(share)} of it) came in the last {growth.days} days."
        )

    def dormant(self, dormant: Dormant) -> str:
        """Say what lies still."""
        return (
            f"Nothing was added to “{named(dormant.cluster.name)}” for {_count(dormant.days, 'day')} "
            "(counted back from the newest document)."
        )

    def bridge(self, bridge: Bridge, title: str) -> str:
        """Say what connects."""
        names = ", ".join(f"“{named(cluster.name)}”" for cluster in bridge.clusters[:4])
        return f"“{named(title)}” links its cluster with {len(bridge.clusters):,} others: {names}."

    def isolated(self, count: int) -> str:
        """Say what stands alone."""
        return f"{_count(count, 'document')} {'is' if count == 1 else 'are'} linked to no other."

    def recurring(self, recurring: Recurring) -> str:
        """Say what comes back."""
        return (
            f"The word “{named(recurring.keyword)}” recurs in {_count(len(recurring.nodes), 'document')} "
            f"of {_count(recurring.clusters, 'cluster')}."
        )

    def duplicate(self, groups: Sequence[Sequence[str]], titles: Sequence[str]) -> str:
        """Say what is there twice."""
        count = sum(map(len, groups))
        names = ", ".join(f"“{named(title)}”" for title in titles[:3])
        return (
            f"{count:,} documents in {_count(len(groups), 'group')} say nearly the same, {names} among them."
        )

    def gap(self, one: FileCluster, other: FileCluster) -> str:
        """Say what is not connected."""
        return f"Nothing links the large clusters “{named(one.name)}” and “{named(other.name)}”."


Words = KoreanWords | EnglishWords


def words_of(language: Literal["ko", "en"]) -> Words:
    """Return the sentences of a language."""
    return KoreanWords() if language == "ko" else EnglishWords()


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 or share == 0 else "<1%"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
