"""On CI a skipped test is a failed one: what nobody runs, nobody knows.

Tests of public material that does not belong into the repository (marker `outside_data`) may skip where it does not lie beside it;
pytest's summary names each with the reason.
"""

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure that keeps the reason."""
    report = yield
    excused = hasattr(report, "wasxfail") or item.get_closest_marker("outside_data") is not None
    if report.skipped and os.environ.get("CI") and not excused:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped on CI: {reason}"
    return report
