"""Keeps tests of one `xdist_group` on one worker (`--dist loadgroup`).

pytest-xdist 3.8 writes the group into an attribute that pytest 9.2 no longer reads, so every test would be a group of its own.
"""

from collections.abc import Sequence

import pytest
from _pytest.nodeid import coerce_node_id


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Put the group behind the test's id, where the scheduler looks for it."""
    if not config.getoption("loadgroup", False):
        return
    for item in items:
        names = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
        if names and "@" not in item.nodeid.rpartition("]")[2]:
            item._id = coerce_node_id(f"{item.nodeid}@{'_'.join(names)}")  # type: ignore[attr-defined]
