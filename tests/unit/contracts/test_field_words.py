"""What is wrong with a message is said in whole sentences of two languages, whatever is wrong (QUE-5)."""

from datetime import date
from typing import Annotated

import pytest
from pydantic import Field

from academy.contracts.base import Contract, InvalidMessage, validate

pytestmark = pytest.mark.requirement("QUE-5")


class Wish(Contract):
    """A contract with a limit that is no number."""

    day: Annotated[date, Field(ge=date(2026, 1, 1), strict=False)] = date(2026, 1, 1)
    seed: int = Field(0, ge=0, le=1000)


@pytest.mark.parametrize(
    ("given", "reason", "korean"),
    [
        ({"seed": "7"}, "seed: Input should be a valid integer", "seed: 정수여야 합니다."),
        ({"seed": 7000}, "seed: Input should be less than or equal to 1000", "seed: 1,000 이하여야 합니다."),
        ({"day": "2025-01-01"}, "day: Input should be greater than", "day: 값이 올바르지 않습니다."),
        ({"colour": 1}, "colour: Extra inputs", "colour: 알 수 없는 항목입니다. 이름을 고치거나 빼 주세요."),
        ({"a": 1, "b": 1, "c": 1, "d": 1}, "; and 1 more", " 그 밖에 1건."),
    ],
)
def test_what_does_not_fit_is_told_in_english_and_korean(
    given: dict[str, object], reason: str, korean: str
) -> None:
    with pytest.raises(InvalidMessage) as refused:
        validate(Wish, given)
    assert reason in refused.value.reason
    assert refused.value.korean.endswith(korean)
