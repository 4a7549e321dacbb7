"""JOB-5: shared rate limits, the same on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from tests.contract.database.conftest import Place

from academy.application.ports.rates import LONGEST_WAIT, RateWish
from academy.domain.job.rate import RateLimit

pytestmark = pytest.mark.requirement("JOB-5")
ZERO = timedelta(0)
SOLAPI = RateLimit("solapi", per_second=0.5, burst=3)
PROVIDER = RateLimit("provider", per_second=10.0)
EACH = RateLimit("each", per_second=0.1, per_tenant=True)


def take(place: Place, *limits: RateLimit, tenants: str = "a") -> list[float]:
    """Ask once for each letter, a tenant; return the waits in seconds."""
    wishes = [RateWish(tenant, limits) for tenant in tenants]
    return [wait.total_seconds() for wait in place.database.run_sync(lambda tx: tx.rates.take(wishes))]


def test_burst_passes_at_once_then_one_each_interval(place: Place) -> None:
    first = take(place, SOLAPI, tenants="aaa")
    assert first == [0, 0, 0]
    (wait,) = take(place, SOLAPI)
    assert 1.5 < wait <= 2
    place.pass_time(2.1)
    assert take(place, SOLAPI) == [0]
    assert take(place, SOLAPI)[0] > 0


def test_bucket_fills_up_to_its_burst_and_no_further(place: Place) -> None:
    take(place, SOLAPI, tenants="aaa")
    place.pass_time(3600)
    waits = take(place, SOLAPI, tenants="aaaaa")
    assert waits[:3] == [0, 0, 0]
    assert all(wait > 0 for wait in waits[3:])


def test_those_who_wait_stand_in_a_line_over_all_batches(place: Place) -> None:
    waits = [wait for _ in range(3) for wait in take(place, SOLAPI, tenants="aaa")]
    told = waits[3:]
    assert told == sorted(told)
    assert all(1 < later - earlier <= 2.1 for earlier, later in pairwise(told))


def test_those_who_waited_pass_when_they_come_back(place: Place) -> None:
    take(place, SOLAPI, tenants="aaa")
    waits = take(place, SOLAPI, tenants="aaaa")
    gone = 0.0
    for wait in waits:
        place.pass_time(wait - gone)
        gone = wait
        assert take(place, SOLAPI) == [0]


def test_limit_per_tenant_leaves_others_alone(place: Place) -> None:
    a, b, again = take(place, EACH, tenants="aba")
    assert (a, b) == (0, 0)
    assert 9 < again <= 10


def test_wish_under_two_limits_takes_from_both_or_from_none(place: Place) -> None:
    waits = take(place, EACH, SOLAPI, tenants="aaaa")
    assert waits[0] == 0
    assert all(wait > 0 for wait in waits[1:])
    # Those three took nothing of what all share.
    assert take(place, SOLAPI, tenants="bb") == [0, 0]
    assert take(place, SOLAPI)[0] > 0


def test_line_of_one_tenant_does_not_push_back_the_others(place: Place) -> None:
    take(place, EACH, SOLAPI, tenants="a" * 50)
    take(place, SOLAPI, tenants="bb")
    (wait,) = take(place, EACH, SOLAPI, tenants="c")
    assert 0 < wait <= 2


def test_flood_of_one_tenant_does_not_stand_before_the_single_job_of_another(place: Place) -> None:
    take(place, PROVIDER, tenants="a" * 3000)
    (wait,) = take(place, PROVIDER, tenants="b")
    assert 0 < wait <= 0.2


def test_lines_of_tenants_take_turns_so_that_they_do_not_come_back_in_a_herd(place: Place) -> None:
    tenants = "".join(chr(ord("A") + number) for number in range(50))
    take(place, PROVIDER)
    waits = take(place, PROVIDER, tenants=tenants)
    again = take(place, PROVIDER, tenants=tenants)
    for told in (waits, again):
        assert all(0.099 < later - earlier < 0.101 for earlier, later in pairwise(told))
    assert all(4.9 < later - first < 5.1 for first, later in zip(waits, again, strict=True))


def test_line_that_is_over_slows_nobody(place: Place) -> None:
    take(place, PROVIDER, tenants="abcdefgh")
    place.pass_time(2)
    waits = take(place, PROVIDER, tenants="iii")
    assert waits[0] == 0
    assert 0.05 < waits[1] <= 0.1
    assert 0.15 < waits[2] <= 0.2


def test_no_wait_is_longer_than_a_minute_and_those_beyond_the_line_come_back_spread_out(place: Place) -> None:
    longest = LONGEST_WAIT.total_seconds()
    waits = take(place, PROVIDER, tenants="a" * 1001)
    assert max(waits) <= longest
    beyond = waits[602:]
    assert min(beyond) >= longest / 2
    assert len({int(wait) for wait in beyond}) > 20


def test_those_who_are_gone_are_not_waited_for_for_long(place: Place) -> None:
    take(place, PROVIDER, tenants="a" * 3000)
    place.pass_time(LONGEST_WAIT.total_seconds())
    waits = take(place, PROVIDER, tenants="aa")
    assert waits[0] == 0
    assert 0 < waits[1] <= 0.1


def test_rates_above_a_thousand_a_second_are_kept(place: Place) -> None:
    quick = RateLimit("quick", per_second=4_000, burst=1)
    waits = take(place, quick, tenants="a" * 41)
    assert waits[0] == 0
    assert 0.0095 < waits[-1] <= 0.0101


def test_wish_without_limits_passes(place: Place) -> None:
    assert take(place, tenants="ab") == [0, 0]
    assert list(place.database.run_sync(lambda tx: tx.rates.take([]))) == []


def test_transaction_that_fails_took_nothing(place: Place) -> None:
    def work(tx: object) -> None:
        tx.rates.take([RateWish("a", (SOLAPI,))] * 3)  # type: ignore[attr-defined]
        raise LookupError

    with pytest.raises(LookupError):
        place.database.run_sync(work)
    assert take(place, SOLAPI, tenants="aaa") == [0, 0, 0]


def test_full_buckets_are_forgotten_and_nothing_changes(place: Place) -> None:
    take(place, EACH, tenants="ab")
    take(place, SOLAPI, tenants="a")
    place.pass_time(5)
    assert place.database.run_sync(lambda tx: tx.rates.trim(10)) == 1
    assert take(place, EACH)[0] > 0
    place.pass_time(60)
    assert place.database.run_sync(lambda tx: tx.rates.trim(1)) == 1
    assert place.database.run_sync(lambda tx: tx.rates.trim(10)) == 1
    assert take(place, EACH) == [0]


def test_many_workers_at_once_neither_exceed_the_limit_nor_lock_each_other_out(server: Place) -> None:
    limits = [RateLimit(name, per_second=0.001, burst=20) for name in "abcd"]
    databases = [server.another() for _ in range(4)]

    def work(number: int) -> int:
        order = tuple(limits[(number + step) % 4] for step in range(4))
        wishes = [RateWish("t", (limit,)) for limit in order]
        waits = databases[number % 4].run_sync(lambda tx: tx.rates.take(wishes))
        return sum(wait == ZERO for wait in waits)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(60))) == 80
