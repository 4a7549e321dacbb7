"""A job that waits for its time says so, whatever the reconciler does with its timer (OPS-5)."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from academy.application.ports.database import Transaction
from academy.bootstrap.operator import Operator

from .conftest import Installation
from .test_texts import academy, order, spoil

pytestmark = pytest.mark.requirement("OPS-5")


def tomorrow() -> datetime:
    # Noon in Korea: neither night nor a part of a second.
    return datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) + timedelta(days=1)


def test_a_reservation_says_for_when_it_waits_even_after_the_reconciler_has_looked(
    installed: Installation,
) -> None:
    begins = tomorrow()
    placed = order(installed, academy(installed), send_at=begins)
    spoil(installed, "UPDATE jobs SET due_at = due_at + 3600000")
    shown = installed.run("jobs", "show", placed.job_id)
    assert re.search(rf"reserved for 예약 +{begins:%Y-%m-%d} 12:00:00 KST", shown.out)
    fields = installed.run("jobs", "show", placed.job_id, "--json").json()
    assert fields["starts_at"] == f"{begins:%Y-%m-%dT%H:%M:%S}.000Z"


def test_an_order_for_now_and_one_that_was_called_off_wait_for_no_time(installed: Installation) -> None:
    tenant = academy(installed)
    now, later = order(installed, tenant), order(installed, tenant, send_at=tomorrow())
    installed.run("jobs", "cancel", later.job_id)
    for placed in (now, later):
        assert "reserved" not in installed.run("jobs", "show", placed.job_id).out


def test_advertising_that_the_night_has_caught_begins_in_the_morning(installed: Installation) -> None:
    placed = order(installed, academy(installed), send_at=tomorrow())
    # Eleven at night in Korea.
    night = tomorrow().replace(hour=14)
    spoil(
        installed, f"UPDATE message_orders SET advertising = 1, send_at = {round(night.timestamp() * 1000)}"
    )

    async def look(operator: Operator) -> datetime | None:
        def begins(tx: Transaction) -> datetime | None:
            job = tx.jobs.get(placed.job_id)
            assert job is not None
            return operator.types.starts_at(tx, job)

        return await operator.backends.database.read(begins)

    assert installed.within(look) == night + timedelta(hours=9)
