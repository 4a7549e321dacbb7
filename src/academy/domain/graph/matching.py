"""Ids of groups that stay what they were as long as most of their members do (GRA-3)."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

__all__ = ["stable_ids"]


def stable_ids(groups: Sequence[Sequence[str]], before: Mapping[str, str], prefix: str) -> list[str]:
    """Return an id for each group of node ids; `before`: the group id of every node that had one.

    The two groups that share most nodes are matched first. A group takes over an id when it has more than half of the nodes that had
    it, or more than half of its own nodes had it; a new id comes from the group's nodes alone, so that equal groups get equal ids.
    """
    sizes = Counter(before.values())
    shared = [Counter(before[node] for node in group if node in before) for group in groups]
    pairs = sorted((-count, old, at) for at, counter in enumerate(shared) for old, count in counter.items())
    ids: dict[int, str] = {}
    used: set[str] = set()
    for negative, old, at in pairs:
        most = 2 * -negative > min(sizes[old], len(groups[at]))
        if at not in ids and old not in used and most:
            ids[at] = old
            used.add(old)
    used |= set(sizes)
    for at, group in enumerate(groups):
        if at not in ids:
            ids[at] = _fresh(group, prefix, used)
            used.add(ids[at])
    return [ids[at] for at in range(len(groups))]


def _fresh(group: Sequence[str], prefix: str, used: set[str]) -> str:
    digest = hashlib.sha256("\0".join(sorted(group)).encode("utf-8", "surrogatepass")).hexdigest()
    length = 8
    while prefix + digest[:length] in used and length < len(digest):
        length += 1
    return prefix + digest[:length]
