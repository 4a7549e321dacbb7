"""What the desk refuses, whoever asks it (MSG-1, MSG-2)."""

from collections.abc import Callable, Iterator

import pytest
from pydantic import ValidationError
from tests.unit.messaging.post import TENANT, Post, open_post

from academy.application.errors import Conflict, Refused
from academy.application.messaging.credit_desk import top_up, withdraw
from academy.application.messaging.desk import Desk, PriceChange, TemplateChange, check_text
from academy.contracts.rest.messaging_settings import ChangePricesRequest
from academy.domain.messaging.channel import MOST_WON_A_MESSAGE
from academy.domain.messaging.ledger import MOST_WON, Balance

DESK = Desk(iter(f"tm{n}" for n in range(100)).__next__)


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as opened:
        yield opened


def code(text: str) -> str:
    with pytest.raises(Refused) as caught:
        check_text(text)
    return caught.value.failure.code


@pytest.mark.requirement("MSG-1")
def test_a_text_is_judged_as_it_will_be_sent() -> None:
    check_text("수강료 ₩300,000")
    check_text("가\r\n나\t다 #{이름}")
    assert code("가\x07") == "text_control"
    assert code("\u3164\u00ad") == "text_empty"


@pytest.mark.requirement("MSG-2")
def test_the_api_takes_the_prices_that_the_desk_takes() -> None:
    assert ChangePricesRequest(lms=MOST_WON_A_MESSAGE).lms == MOST_WON_A_MESSAGE
    with pytest.raises(ValidationError):
        ChangePricesRequest(lms=MOST_WON_A_MESSAGE + 1)


@pytest.mark.requirement("MSG-2")
@pytest.mark.parametrize("won", [-1, MOST_WON_A_MESSAGE + 1, 1 << 80])
def test_a_price_beyond_reason_is_refused(post: Post, won: int) -> None:
    with pytest.raises(Refused) as caught:
        post.plain.run_sync(lambda tx: DESK.change_prices(tx, TENANT, PriceChange(lms=won)))
    assert caught.value.failure.code == "price_out_of_range"
    assert [fault.path for fault in caught.value.faults] == [("lms",)]


@pytest.mark.requirement("MSG-2")
@pytest.mark.parametrize("move", [top_up, withdraw])
@pytest.mark.parametrize(
    ("won", "note", "wanted"),
    [
        (0, "", "amount_out_of_range"),
        (MOST_WON + 1, "", "amount_out_of_range"),
        (1, "가\n나", "text_control"),
    ],
)
def test_an_amount_or_a_note_beyond_reason_is_refused(
    post: Post, move: Callable[..., Balance], won: int, note: str, wanted: str
) -> None:
    with pytest.raises(Refused) as caught:
        post.plain.run_sync(lambda tx: move(tx, TENANT, won, note=note, by=""))
    assert caught.value.failure.code == wanted


@pytest.mark.requirement("MSG-1")
def test_no_two_templates_have_one_name(post: Post) -> None:
    first = post.plain.run_sync(lambda tx: DESK.add_template(tx, TENANT, "출석", "등원", ""))
    other = post.plain.run_sync(lambda tx: DESK.add_template(tx, TENANT, "하원", "하원", ""))
    with pytest.raises(Conflict) as caught:
        post.plain.run_sync(lambda tx: DESK.add_template(tx, TENANT, "출석", "등원", ""))
    assert caught.value.failure.code == "template_name_taken"
    with pytest.raises(Conflict):
        post.plain.run_sync(
            lambda tx: DESK.change_template(tx, TENANT, other.id, TemplateChange(name="출석"))
        )
    again = post.plain.run_sync(
        lambda tx: DESK.change_template(tx, TENANT, first.id, TemplateChange(name="출석"))
    )
    assert again.name == "출석"
    with pytest.raises(Refused) as refused:
        post.plain.run_sync(lambda tx: DESK.add_template(tx, TENANT, "출\n석", "등원", ""))
    assert refused.value.failure.code == "text_control"
