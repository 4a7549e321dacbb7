"""docs/graph.md shows what is published and lists every code that the product knows (CON-3)."""

import json
import re
from pathlib import Path

import pytest
from tests.architecture.source_rules import ROOT

from academy.application.graph import refusals
from academy.application.graph.tools import VECTORS_AWAY
from academy.application.owned import FOREIGN_KEY
from academy.contracts.catalogue import MESSAGES
from academy.contracts.graph_wire import TASKS
from academy.domain.failures import Failure
from academy.infrastructure.sources.refusals import _MESSAGES as INPUT_CODES

pytestmark = pytest.mark.requirement("CON-3")
GUIDE = (ROOT / "docs" / "graph.md").read_text(encoding="utf-8")
BY_NAME = {message.name: message for message in MESSAGES}
BLOCKS = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)]


def test_every_task_type_is_told_with_its_published_request_and_result() -> None:
    for task in TASKS:
        assert BY_NAME[f"{task.name}_REQUEST"].examples[0] in BLOCKS, task.name
        assert BY_NAME[f"{task.name}_RESULT"].examples[0] in BLOCKS, task.name


def test_every_block_is_a_published_example() -> None:
    published = [example for message in MESSAGES for example in message.examples]
    assert [block for block in BLOCKS if block not in published] == []


def test_every_code_of_a_failure_and_of_an_input_is_listed() -> None:
    failures = {value.code for value in vars(refusals).values() if isinstance(value, Failure)}
    over_http = {"one_source", "prefix_without_slash", "document_wrong_purpose", "document_not_ready"}
    table = set(re.findall(r"`([a-z_]+)`", GUIDE))

    assert {*failures, VECTORS_AWAY.code, FOREIGN_KEY.code} - over_http - table == set()
    # Of things within an input that are of no use to name beforehand.
    assert set(INPUT_CODES) - {"unknown_thing", "same_page"} - table == set()


def test_every_path_of_the_api_in_the_guide_is_there() -> None:
    described = json.loads((ROOT / "docs" / "schemas" / "openapi.json").read_text(encoding="utf-8"))
    routes = {path.removeprefix("/api/v1").replace("{document_id}", "{id}") for path in described["paths"]}

    named = set(re.findall(r"(?:GET|POST|DELETE) (/[a-z/{}-]+)", GUIDE))

    assert "/graphs" in named
    assert named - routes == set()


@pytest.mark.parametrize("name", re.findall(r"\]\(([^)#]+)\)", GUIDE))
def test_every_link_leads_somewhere(name: str) -> None:
    assert (Path(ROOT / "docs") / name).is_file()
