"""A language model that writes problems as they are asked of it."""

import json
import re
from collections.abc import Callable
from typing import Any

__all__ = ["Author", "problem"]


def problem(number: int, **fields: Any) -> dict[str, Any]:
    """Return a good problem; the right choice stands at another place in each."""
    choices = [{"text": f"y = {at + number}x²", "right": at == number % 5} for at in range(5)]
    explanation = f"{number}번 풀이: 꼭짓점을 구한다."
    return {"question": f"문제 {number}?", "choices": choices, "explanation": explanation} | fields


class Author:
    """Writes as many problems as are asked for; `spoil` is given each one and may break it."""

    def __init__(self, spoil: Callable[[int, dict[str, Any]], Any] = lambda _, good: good) -> None:
        self.spoil = spoil
        self.written = 0

    def answer(self, body: dict[str, Any]) -> str:
        asked = "\n".join(each["content"] for each in body["messages"])
        found = re.search(r"Number of problems: (\d+)", asked)
        assert found
        items = []
        for _ in range(int(found[1])):
            self.written += 1
            items.append(self.spoil(self.written, problem(self.written)))
        return json.dumps({"items": items}, ensure_ascii=False)
