"""The way from threads onto the loop."""

import asyncio

import pytest

from academy.interfaces.api.portal import Portal, PortalClosed


async def add(left: int, right: int) -> int:
    await asyncio.sleep(0)
    return left + right


async def fail() -> None:
    raise LookupError("theirs")


async def test_a_thread_gets_the_answer_and_the_error() -> None:
    portal = Portal()

    assert await asyncio.to_thread(portal.call, add, 1, 2) == 3
    with pytest.raises(LookupError, match="theirs"):
        await asyncio.to_thread(portal.call, fail)


async def test_an_error_that_is_a_time_out_of_theirs_stays_theirs() -> None:
    async def late() -> None:
        raise TimeoutError("theirs")

    with pytest.raises(TimeoutError, match="theirs"):
        await asyncio.to_thread(Portal().call, late)


async def test_the_loops_own_thread_must_not_wait_for_itself() -> None:
    with pytest.raises(RuntimeError, match="own thread"):
        Portal().call(add, 1, 2)


def test_a_closed_loop_is_an_outage() -> None:
    async def make() -> Portal:
        return Portal()

    portal = asyncio.run(make())
    with pytest.raises(PortalClosed):
        asyncio.run(asyncio.to_thread(portal.call, add, 1, 2))
