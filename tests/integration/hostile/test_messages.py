"""Messages of strangers: each goes to the dead-letter queue at once, with a reason, and harms no other (QUE-5)."""

import asyncio
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.hostile.bodies import BODIES, GOOD, OVER_1_MIB, body, check, sealed
from tests.integration.hostile.scenes import SCENES, HostileWorld, Scene, UncheckedQueue
from tests.support.jobs import QUEUE, Result, open_world, until
from tests.support.running import working

from academy.application.jobs.admission import Admission
from academy.application.jobs.attempt import Work
from academy.application.ports.job_queue import MessageTooLarge, OutgoingMessage, QueueSettings
from academy.contracts.base import Contract
from academy.domain.job.states import JobState
from academy.infrastructure.memory.objects import MemoryObjectStore

# They share one queue of the SQS server.
pytestmark = pytest.mark.xdist_group("hostile-messages")


async def store_bodies(world: HostileWorld) -> None:
    """Put what the claim checks lead to into the store."""
    own = check(sealed("t1", "x"))
    for key, content in (
        (sealed("t1", "damaged"), "other bytes"),
        (sealed("t2", body("theft")), body("theft")),
        (sealed("t1", own), own),
        (sealed("t1", "no json"), "no json"),
        (sealed("t1", body("claimed")), body("claimed")),
    ):
        await world.claims.put(key, content.encode())


async def run(work: Work) -> Contract | None:
    return Result(text="fine")


@pytest.mark.requirement("QUE-5", "QUE-7", "API-2")
@pytest.mark.parametrize("name", SCENES)
async def test_each_is_set_aside_and_harms_no_other(name: str, request: pytest.FixtureRequest) -> None:
    async with SCENES[name](request) as scene:
        world = scene.world
        await store_bodies(world)
        world.submit("theirs", tenant="t2")
        taken = await _send(scene)
        worker = world.worker(run, slots=10)
        async with working(worker):
            await until(lambda: _all_done(world), 60)
            async with asyncio.timeout(30):
                while (await world.queue.depth(QUEUE)).in_flight:  # noqa: ASYNC110 - a queue has no event
                    await asyncio.sleep(0.05)
        await _check_dead_letters(world, taken)
        theirs = world.job("job-theirs")
        assert (theirs.state, theirs.token) == (JobState.PENDING, 0)


async def _send(scene: Scene) -> list[str]:
    """Send every message, a good one after each; return the names of those the broker took."""
    taken = []
    for number, (name, (text, _)) in enumerate(BODIES.items()):
        if await scene.put(text):
            taken.append(name)
        assert await scene.put(body(f"good-{number}"))
    assert await scene.put(check(sealed("t1", body("claimed"))))
    return taken


def _all_done(world: HostileWorld) -> bool:
    ids = [f"good-{number}" for number in range(len(BODIES))] + ["claimed"]
    jobs = world.database.read_sync(lambda tx: tx.jobs.get_many(ids))
    return len(jobs) == len(ids) and all(job.state is JobState.SUCCEEDED for job in jobs.values())


async def _check_dead_letters(world: HostileWorld, taken: list[str]) -> None:
    letters = {letter.body: letter for letter in await world.queue.dead_letters(QUEUE, 100)}
    missing = {name for name in taken if _arrived(BODIES[name][0]) not in letters}
    assert missing == set()
    assert len(letters) == len(taken)
    for name in taken:
        text, reason = BODIES[name]
        letter = letters[_arrived(text)]
        assert re.search(reason, letter.reason), f"{name}: {letter.reason}"
        assert letter.receive_count == 1
        assert letter.reason.isprintable()
        assert len(letter.reason) < 600
        assert not re.search("1234|s3cret", letter.reason)
    assert world.telemetry.counts["academy_dead_letters_total"] == len(taken)
    # A broker may refuse what is no text, nothing else.
    refused = set(BODIES) - set(taken)
    assert refused <= {"empty", "blank", "NUL between", "a raw surrogate", "200,000 fields", "200,000 keys"}


def _arrived(text: str) -> str:
    """Return a text as a broker hands it out: what is no UTF-8 comes as replacement characters."""
    return text


@pytest.mark.requirement("QUE-7")
@pytest.mark.parametrize("name", SCENES)
async def test_what_no_queue_may_carry_is_refused_when_it_is_published(
    name: str, request: pytest.FixtureRequest
) -> None:
    async with SCENES[name](request) as scene:
        queue = scene.world.queue
        with pytest.raises(MessageTooLarge):
            await queue.publish(QUEUE, [OutgoingMessage(body("a")), OutgoingMessage(OVER_1_MIB)])
        depth = await queue.depth(QUEUE)
        assert depth.visible == 0


TEXT = st.text(st.characters(codec=None, categories=None), max_size=8)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CHANGES = st.dictionaries(
    st.sampled_from([*GOOD, "id", "idempotency_key", "trace", "reply_to", "x"]), VALUES, max_size=3
)
CUTS = st.tuples(st.integers(0, 200), st.integers(0, 30), TEXT)


@pytest.mark.requirement("QUE-5")
async def test_whatever_is_changed_in_a_message_its_neighbour_is_claimed(tmp_path: Any) -> None:
    """A changed message is understood or refused with a reason; the one beside it runs."""
    async with open_world(tmp_path) as world:
        world.queue = UncheckedQueue(world.clock)
        await world.queue.create([QueueSettings(QUEUE)])
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(_try_many, world, loop)


def _try_many(world: Any, loop: asyncio.AbstractEventLoop) -> None:
    numbers = iter(range(1_000_000))

    @settings(
        max_examples=150,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(CHANGES, st.lists(CUTS, max_size=2), st.booleans())
    def one(changes: dict[str, Any], cuts: list[tuple[int, int, str]], is_check: bool) -> None:
        number = next(numbers)
        text = check(str(changes)) if is_check else body(f"odd-{number}", **changes)
        for start, length, new in cuts:
            text = text[:start] + new + text[start + length :]
        asyncio.run_coroutine_threadsafe(_beside(world, text, number), loop).result(30)

    one()


async def _beside(world: Any, text: str, number: int) -> None:
    queue = world.queue
    await queue.put(text)
    await queue.put(body(f"good-{number}"))
    deliveries = await world.receive()
    admission: Admission = await world.intake(claims=MemoryObjectStore(world.clock)).admit(deliveries)
    assert f"good-{number}" in {claimed.job.id for claimed in admission.claimed}
    lists = (admission.claimed, admission.finished, admission.dead, admission.invalid, admission.held)
    assert sum(map(len, lists)) == len(deliveries)
    for _, error in admission.invalid:
        reason = error.reason
        assert reason
        assert reason.isprintable()
        assert len(reason) < 600
    json.dumps([dict(claimed.job.payload) for claimed in admission.claimed], allow_nan=False).encode()
    await queue.ack([delivery.receipt for delivery in deliveries])
