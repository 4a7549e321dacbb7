"""What a chaos run of graph requests does, drawn from its seed alone: requests as producers write them, and faults."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.graph_faults import PlannedFault, draw_faults

__all__ = [
    "BASE",
    "NOBODY",
    "REFUSED",
    "TENANT",
    "USERS",
    "Plan",
    "Request",
    "add_key",
    "base_keys",
    "base_prefix",
    "lens_key",
    "make_plan",
    "note_of",
]

TENANT = "t1"
USERS = ("학생/1", "user-2", "3")
NOBODY = "nobody"
"""Has neither a graph nor a document under the microscope."""
BASE = 6
"""Notes of which a user's graph is built."""
REFUSED = "request_invalid"
_SUBJECTS = ("운영체제", "미분", "조선", "광합성", "문법", "확률")
_SENTENCES = (
    "{s}은 여러 개념으로 이루어져 있다.",
    "{s}의 정의를 먼저 외우고 예제를 푼다.",
    "{s} {n}장에서는 원리와 쓰임을 배운다.",
    "선생님은 {s} {n}번 문제를 시험에 낸다고 했다.",
    "{s}을 공부한 날에는 오답을 다시 본다.",
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request; sent `copies` times, the first `at` seconds after the start, once its user has what it needs.

    Attributes:
        task_id: producer's id, in the result again.
        body: as it is sent.
        code: errorCode of its result, "" where it has to be COMPLETED.
        needs: "graph" or "lens" where its user's first graph or document has to be there before.
        adds: id of the node that it adds.
    """

    task_id: str | int
    task: str
    user: str
    body: str
    code: str
    needs: str
    at: float
    copies: int
    adds: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a seed decides."""

    requests: Sequence[Request]
    faults: Sequence[PlannedFault]
    objects: Mapping[str, str]


def base_prefix(user: str) -> str:
    """Return where a user's notes lie."""
    return f"tenants/{TENANT}/chaos/{USERS.index(user)}/base/"


def base_keys(user: str) -> list[str]:
    """Return the keys of the notes of which a user's graph is built."""
    return [f"{base_prefix(user)}{number}.md" for number in range(BASE)]


def add_key(user: str, number: int) -> str:
    """Return the key of a note that is added later."""
    return f"tenants/{TENANT}/chaos/{USERS.index(user)}/more/{number}.md"


def lens_key(user: str, number: int) -> str:
    """Return the key of a document that is put under the microscope."""
    return base_keys(user)[number % BASE]


def note_of(chance: random.Random, key: str) -> str:
    """Write a short note."""
    subject = chance.choice(_SUBJECTS)
    lines = [chance.choice(_SENTENCES).format(s=subject, n=chance.randint(1, 9)) for _ in range(6)]
    return f"# {subject} {key[-8:]}\n\n" + " ".join(lines)


def make_plan(seed: int, backend: str, requests: int, seconds: float, faults_per_second: float) -> Plan:
    """Draw a plan; the same arguments give the same plan."""
    chance = random.Random(f"{seed}/{backend}")
    drawn = _Drawn(chance, seconds)
    for user in USERS:
        drawn.build(user, first=True)
        drawn.look(user, first=True)
    while len(drawn.requests) < requests:
        drawn.another()
    keys = [key for user in USERS for key in base_keys(user)] + drawn.added
    return Plan(
        sorted(drawn.requests, key=lambda each: each.at),
        draw_faults(chance, backend, seconds, faults_per_second),
        {key: note_of(chance, key) for key in keys},
    )


class _Drawn:
    """Requests so far."""

    def __init__(self, chance: random.Random, seconds: float) -> None:
        self.requests: list[Request] = []
        self.added: list[str] = []
        self._chance = chance
        self._seconds = seconds
        self._kinds = (
            (8, self._bad),
            (6, self.build),
            (14, self._add),
            (7, self._summary),
            (9, self.look),
            (8, self._question),
        )

    def another(self) -> None:
        """Draw one more."""
        weights = [weight for weight, _ in self._kinds]
        (kind,) = self._chance.choices([draw for _, draw in self._kinds], weights)
        kind(self._chance.choice(USERS))

    def build(self, user: str, *, first: bool = False) -> None:
        payload = {"s3Prefix": base_prefix(user), "seed": 0 if first else self._chance.randint(0, 3)}
        if self._chance.random() < 0.3:
            payload["includeSummary"] = True
        self._put("GRAPH_GENERATION", user, payload, needs="" if first else "graph", at=0.0 if first else -1)

    def look(self, user: str, *, first: bool = False) -> None:
        number = 0 if first else self._chance.randrange(BASE)
        payload = {"s3Key": lens_key(user, number)}
        self._put("MICROSCOPE_INGEST", user, payload, at=0.0 if first else -1)

    def _add(self, user: str) -> None:
        key = add_key(user, len(self.added))
        self.added.append(key)
        self._put("ADD_NODE", user, {"s3Key": key}, needs="graph", adds=key)

    def _summary(self, user: str) -> None:
        self._put("GRAPH_SUMMARY", user, {}, needs="graph")

    def _question(self, user: str) -> None:
        which = self._chance.randrange(3)
        if which == 0:
            self._put("MICROSCOPE_QUERY", user, {"question": "시험에 무엇이 나오나?"}, needs="lens")
        elif which == 1:
            self._put("MICROSCOPE_SYNTHESIZE", user, {"topic": "시험"}, needs="lens")
        else:
            self._put("MICROSCOPE_RELATED_QUESTIONS", user, {}, needs="lens")

    def _bad(self, user: str) -> None:
        none = f"tenants/{TENANT}/chaos/none.md"
        cases: tuple[tuple[str, str, dict[str, Any], str], ...] = (
            ("GRAPH_GENERATION", user, {"s3Key": none}, "input_missing"),
            ("GRAPH_GENERATION", user, {}, "nothing_named"),
            ("ADD_NODE", user, {"s3Key": none}, "input_missing"),
            ("ADD_NODE", NOBODY, {"s3Key": none}, "no_graph"),
            ("GRAPH_SUMMARY", NOBODY, {}, "no_graph"),
            ("MICROSCOPE_INGEST", user, {"s3Key": none}, "input_missing"),
            ("MICROSCOPE_INGEST", user, {"s3Key": "tenants/t2/a.md"}, "foreign_key"),
            ("MICROSCOPE_QUERY", NOBODY, {"question": "?"}, "document_not_ingested"),
            ("GRAPH_DANCE", user, {}, REFUSED),
            ("GRAPH_GENERATION", user, {}, REFUSED),
        )
        task, whose, payload, code = self._chance.choice(cases)
        needs = "graph" if whose == user and task in {"ADD_NODE", "GRAPH_GENERATION"} else ""
        self._put(task, whose, payload, code=code, needs=needs)

    def _put(
        self,
        task: str,
        user: str,
        payload: dict[str, Any],
        *,
        code: str = "",
        needs: str = "",
        at: float = -1,
        adds: str = "",
    ) -> None:
        number = len(self.requests)
        task_id: str | int = number if number % 3 == 0 else f"task/{number}"
        name = "type" if number % 7 == 0 else "taskType"
        whole = {name: f"{task}_REQUEST", "taskId": task_id, "payload": {"userId": user, **payload}}
        body = json.dumps(whole, ensure_ascii=False)
        copies = 1 if code == REFUSED else self._chance.choice((1, 1, 1, 2, 3))
        if code == REFUSED and task != "GRAPH_DANCE":
            body = body[: -self._chance.randint(2, 12)]
        at = at if at >= 0 else self._chance.uniform(0, 0.85 * self._seconds)
        self.requests.append(Request(task_id, task, user, body, code, needs, at, copies, adds))
