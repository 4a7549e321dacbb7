"""JSON that is damaged, hostile, huge or something else."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.handed_in.archives import json_bytes
from tests.support.handed_in.chats import chatgpt, chatgpt_message, claude, long_chatgpt
from tests.support.handed_in.reading import read_bytes
from tests.support.steps import LINEAR, steps

from academy.infrastructure.sources.limits import SourceLimits

pytestmark = [pytest.mark.requirement("GRA-3"), pytest.mark.requirement("SEC-2")]

MOST_MEBIBYTES = 300


def two_chats() -> bytes:
    return json_bytes([claude("a", [("human", "one")]), claude("b", [("human", "two")])])


def test_of_a_file_that_was_cut_off_what_stands_before_counts(tmp_path: Path) -> None:
    came = read_bytes(tmp_path, two_chats()[:-20], "c.json")
    assert (came.ids, came.refused) == (["a"], "broken_export")


@pytest.mark.parametrize("wrong", [b"\xff\xfe\xfd", b"}", b"tru", b'"x": 1'])
def test_what_is_no_json_ends_the_reading_and_says_where(tmp_path: Path, wrong: bytes) -> None:
    first, second = json_bytes(claude("a", [("human", "one")])), json_bytes(claude("b", [("human", "two")]))
    came = read_bytes(tmp_path, b"[" + first + b", " + wrong + second + b"]", "c.json")
    assert (came.ids, came.refused) == (["a"], "broken_export")
    assert came.problem is not None
    assert "near character" in came.problem.message


@pytest.mark.parametrize(
    "data",
    [
        b'{"version": "1.0", "data": [{"title": "x", "paragraphs": []}]}',
        b"[1, 2, 3]",
        b"17",
        b'"text"',
        b"[" + b"1," * 5_000 + b"1",
        json_bytes([{"uuid": str(number), "email": "x"} for number in range(500)]),
    ],
)
def test_json_that_is_no_export_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    came = read_bytes(tmp_path, data, "settings.json")
    assert (came.refused, came.documents, came.outcomes) == ("unsupported_input", [], [])


@pytest.mark.parametrize(("begin", "piece"), [(b"", b"["), (b'[{"mapping": {"a": ', b"["), (b"", b'[{"a":')])
def test_values_within_one_another_without_end_are_refused_at_once(
    tmp_path: Path, begin: bytes, piece: bytes
) -> None:
    def read(pieces: int) -> None:
        assert read_bytes(tmp_path, begin + piece * pieces, "c.json").refused == "broken_export"

    read(50_000)
    assert steps(lambda: read(200_000)) <= LINEAR * steps(lambda: read(50_000))


def test_an_export_that_is_cut_says_so_in_a_whole_sentence(tmp_path: Path) -> None:
    data = json_bytes([claude("a", [("human", "one")]), claude("b", [("human", "two and more")])])
    came = read_bytes(tmp_path, data[:-40], "c.json")
    assert came.problem is not None
    assert came.problem.message.endswith("a text that begins there does not end)")


def test_an_empty_list_is_nothing_to_mend(tmp_path: Path) -> None:
    came = read_bytes(tmp_path, b" [ ] ", "c.json")
    assert came.refused == "empty_input"
    assert came.problem is not None
    assert came.problem.skipped


@pytest.mark.parametrize(
    "when", ["NaN", "Infinity", "-Infinity", "1e400", "1" * 5_000, "true", '"soon"', "-5", "1e17"]
)
def test_a_time_that_is_none_is_unknown_and_costs_no_chat(tmp_path: Path, when: str) -> None:
    data = json_bytes([chatgpt("c", [("m", "", chatgpt_message("user", "hi"))])])
    data = data.replace(b"1714557600.25", when.encode())
    (chat,) = read_bytes(tmp_path, data, "c.json").documents
    assert (chat.created_at, chat.updated_at) == ("", "2024-05-01T11:00:00Z")


def test_half_characters_and_nul_reach_nobody(tmp_path: Path) -> None:
    note = b'[{"id": "a\\ud800b", "title": "t\\udc00", "content": "x\\ud800y \\u0000z \\ud83d\\ude00"}]'
    (read,) = read_bytes(tmp_path, note, "n.json").documents
    assert (read.id, read.title, read.text) == ("a\ufffdb", "t\ufffd", "x\ufffdy z 😀")


def test_a_tree_with_circles_missing_parents_and_no_last_node_is_read_whole(tmp_path: Path) -> None:
    told = [(name, "", chatgpt_message("user", name, time=at)) for at, name in enumerate("abcd", 1)]
    chat = chatgpt("c", told, current="gone")
    for name, parent in (("a", "c"), ("b", "a"), ("c", "b"), ("d", "nowhere")):
        chat["mapping"][name]["parent"] = parent
    chat["mapping"]["e"] = None
    chat["mapping"]["f"] = {"message": {"author": None, "content": [1]}, "parent": 7, "children": "x"}
    chat["mapping"]["g"] = {
        "message": {"author": {"role": []}, "content": {"content_type": [], "parts": 1}, "metadata": 2}
    }
    (read,) = read_bytes(tmp_path, json_bytes([chat]), "c.json").documents
    assert sorted(turn.id for turn in read.turns) == ["a", "b", "c", "d"]
    assert read.text == "d"


def test_children_tell_the_parent_where_it_is_missing(tmp_path: Path) -> None:
    chat = chatgpt(
        "c", [("a", "", chatgpt_message("user", "q")), ("b", "a", chatgpt_message("assistant", "a"))]
    )
    chat["mapping"]["b"]["parent"] = None
    (read,) = read_bytes(tmp_path, json_bytes([chat]), "c.json").documents
    assert read.text == "q\n\na"


@pytest.mark.parametrize("mapping", [None, [], "x", {}])
def test_a_chat_without_messages_is_skipped_and_the_others_are_read(tmp_path: Path, mapping: object) -> None:
    odd = {**chatgpt("odd", [("m", "", None)]), "mapping": mapping}
    came = read_bytes(tmp_path, json_bytes([claude("a", [("human", "x")]), odd]), "c.json")
    assert came.ids == ["a"]
    assert list(came.codes) == ["odd"]


def test_the_second_of_one_id_is_skipped_when_equal_and_failed_when_not(tmp_path: Path) -> None:
    notes = [
        {"id": "a", "content": "x"},
        {"id": "a", "content": "x"},
        {"id": "b", "content": "x"},
        {"id": "b", "content": "y"},
    ]
    came = read_bytes(tmp_path, json_bytes(notes), "n.json")
    assert came.texts == {"a": "x", "b": "x"}
    assert came.codes == {"a": "skipped/duplicate_id", "b": "failed/duplicate_id"}


def test_what_is_too_large_or_has_too_long_an_id_fails_alone(tmp_path: Path) -> None:
    notes = [
        {"id": "big", "content": "가" * 400},
        {"id": "i" * 1_001, "content": "x"},
        {"id": "ok", "content": "x"},
    ]
    came = read_bytes(tmp_path, json_bytes(notes), "n.json", SourceLimits(text_bytes=1_000))
    assert came.ids == ["ok"]
    assert came.codes == {"big": "failed/input_too_large", "i" * 200: "failed/id_too_long"}
    chats = [claude("long", [("human", "x" * 600)] * 3), claude("ok", [("human", "x")])]
    came = read_bytes(tmp_path, json_bytes(chats), "c.json", SourceLimits(chat_bytes=1_000))
    assert (came.ids, came.codes) == (["ok"], {"long": "failed/input_too_large"})
    chats = [claude("many", [("human", "x")] * 30), claude("ok", [("human", "x")])]
    came = read_bytes(tmp_path, json_bytes(chats), "c.json", SourceLimits(messages=20))
    assert (came.ids, came.codes) == (["ok"], {"many": "failed/input_too_large"})


def test_a_value_without_end_is_refused_before_memory_is(tmp_path: Path) -> None:
    data = b'[{"id": "a", "content": "x"}, {"id": "b", "content": "' + b"x" * 5_000_000
    came = read_bytes(tmp_path, data, "n.json", SourceLimits(value_characters=1 << 20))
    assert (came.ids, came.refused) == (["a"], "input_too_large")


@pytest.mark.slow
def test_a_hundred_thousand_turns_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(json_bytes([long_chatgpt("long", 100_000)]))
    program = (
        "import sys; from pathlib import Path;"
        "from academy.infrastructure.sources.reading import HandedInSources as Reader;"
        "(chat,) = Reader().read(Path(sys.argv[1]), 'x');"
        "peak = next(one for one in Path('/proc/self/status').read_text().splitlines() if one.startswith('VmHWM'));"
        "print(len(chat.turns), int(peak.split()[1]) // 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    turns, mebibytes = done.stdout.split()
    assert int(turns) == 100_000
    assert int(mebibytes) <= MOST_MEBIBYTES


@pytest.mark.parametrize(("few", "more"), [((1, 500), (1, 2_000)), ((250, 1), (1_000, 1))])
def test_four_times_as_many_turns_or_chats_take_four_times_as_many_steps(
    tmp_path: Path, few: tuple[int, int], more: tuple[int, int]
) -> None:
    def read(chats: int, turns: int) -> int:
        data = json_bytes([long_chatgpt(str(number), turns) for number in range(chats)])
        came = read_bytes(tmp_path, data, "c.json")
        assert [len(one.turns) for one in came.documents] == [turns] * chats
        return steps(lambda: read_bytes(tmp_path, data, "c.json"))

    assert read(*more) <= LINEAR * read(*few)
