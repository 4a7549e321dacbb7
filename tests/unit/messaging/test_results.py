"""What a job says of the messages that it was to send: numbers, not just that it is over (MSG-1, MSG-5)."""

from collections.abc import Iterator

import pytest
from tests.unit.messaging.direct import direct
from tests.unit.messaging.handling import Provider, attempt, cancel, save
from tests.unit.messaging.post import DAY, Post, open_post
from tests.unit.messaging.test_calling_off import NIGHT
from tests.unit.messaging.test_sending import AD, BARRED

from academy.application.ports.message_provider import ProviderUnavailable
from academy.contracts.base import validate
from academy.contracts.messaging import SendResult
from academy.domain.failures import Failure
from academy.domain.job.job import Job
from academy.domain.job.states import JobState

pytestmark = pytest.mark.requirement("MSG-1", "MSG-5")
BUSY = Failure("number_busy", "Try later.", "나중에 보내세요.", retryable=True)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def post(provider: Provider) -> Iterator[Post]:
    with open_post(provider=provider) as opened:
        yield opened


def said(job: Job) -> SendResult:
    assert job.state is JobState.SUCCEEDED
    return validate(SendResult, job.result or {})


def counted(**changes: object) -> SendResult:
    none: dict[str, object] = {
        "total": 0,
        "sent": 0,
        "failed": 0,
        "cancelled": 0,
        "undecided": 0,
        "failure": None,
    }
    return SendResult.model_validate({**none, **changes})


async def test_an_order_that_went_out_says_so(post: Post) -> None:
    assert said(await attempt(post, post.place(5).job_id)) == counted(total=5, sent=5)


async def test_an_order_of_which_nothing_went_out_says_so_and_why(post: Post) -> None:
    order = post.place(5)
    save(post, enabled=False)
    found = said(await attempt(post, order.job_id))
    assert found == counted(total=5, failed=5, failure="messaging_off")


async def test_of_several_reasons_the_most_frequent_is_named(post: Post, provider: Provider) -> None:
    provider.refuse = {"01012340000": BUSY, "01012340001": BARRED, "01012340004": BARRED}
    found = said(await attempt(post, post.place(6).job_id))
    assert found == counted(total=6, sent=3, failed=3, failure="number_barred")


async def test_of_reasons_as_frequent_as_each_other_the_first_by_name_is_named(
    post: Post, provider: Provider
) -> None:
    provider.refuse = {"01012340000": BUSY, "01012340001": BARRED}
    assert said(await attempt(post, post.place(2).job_id)).failure == "number_barred"


async def test_what_was_called_off_in_the_middle_is_counted_apart(post: Post, provider: Provider) -> None:
    order = post.place(7)
    provider.errors["open"] = [None, ProviderUnavailable("away")]
    assert (await attempt(post, order.job_id)).state is JobState.RETRY_WAIT
    cancel(post, order)
    post.clock.advance(600)
    assert said(await attempt(post, order.job_id)) == counted(total=7, sent=3, cancelled=4)


async def test_what_waits_for_the_morning_is_undecided(post: Post) -> None:
    post.clock.advance((NIGHT - DAY).total_seconds() - 60)
    order = post.place(4, AD, advertising=True)
    post.clock.advance(60)
    assert said(await attempt(post, order.job_id)) == counted(total=4, undecided=4)


async def test_a_single_message_that_went_out_says_so(post: Post) -> None:
    assert said(await attempt(post, direct(post))) == counted(total=1, sent=1)


@pytest.mark.parametrize("why", [BARRED, BUSY])
async def test_a_single_message_that_could_not_be_sent_fails_its_job_for_good(
    post: Post, provider: Provider, why: Failure
) -> None:
    provider.refuse = {"01012345678": why}
    job = await attempt(post, direct(post))
    assert (job.state, job.failure and job.failure.code) == (JobState.FAILED, why.code)
    assert (post.balance().reserved, post.balance().spent) == (0, 0)
