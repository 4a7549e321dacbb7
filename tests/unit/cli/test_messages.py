"""`academy queues send` and `peek` on a real (SQLite) installation: the system tried without a producer or a cloud."""

from pathlib import Path

import pytest

from .conftest import Installation

pytestmark = pytest.mark.requirement("OPS-5")
QUEUE, RESULTS = "academy-video-jobs", "academy-graph-results"
BODY = '{"title": "[극한]과 연속"}'


def waiting(installed: Installation, queue: str) -> int:
    (row,) = (row for row in installed.run("queues", "list", "--json").json() if row["queue"] == queue)
    assert row["in_flight"] == 0
    return int(row["waiting"])


def test_a_text_is_sent_as_it_is_from_a_file_and_from_a_pipe(installed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "message.json"
    file.write_text(BODY, encoding="utf-8")
    sent = installed.run("queues", "send", QUEUE, str(file))
    assert (sent.code, f"bytes to {QUEUE}" in sent.out, "no JSON" in sent.out) == (0, True, False)
    assert "no JSON" in installed.run("queues", "send", QUEUE, "-", typed="hello").out
    seen = installed.run("queues", "peek", QUEUE, "--json").json()
    assert [each["body"] for each in seen] == [BODY, "hello"]


def test_a_look_gives_the_messages_back_and_says_that_it_counts(installed: Installation) -> None:
    for body in (BODY, "{}", "[]"):
        installed.run("queues", "send", QUEUE, "-", typed=body)
    looked = installed.run("queues", "peek", QUEUE, "--limit", "2")
    assert (looked.code, BODY in looked.out, "each look counts as a receive" in looked.out) == (0, True, True)
    assert "2 messages given back" in looked.out
    assert waiting(installed, QUEUE) == 3
    assert max(each["receive_count"] for each in installed.run("queues", "peek", QUEUE, "--json").json()) == 2


def test_results_are_taken_when_read_and_work_is_not(installed: Installation) -> None:
    for queue in (QUEUE, RESULTS):
        installed.run("queues", "send", queue, "-", typed=BODY)
    taken = installed.run("queues", "peek", RESULTS, "--take")
    assert (taken.code, BODY in taken.out, "1 message removed" in taken.out) == (0, True, True)
    assert "no message waits" in installed.run("queues", "peek", RESULTS).out
    refused = installed.run("queues", "peek", QUEUE, "--take")
    assert (refused.code, f"--take is for {RESULTS}" in refused.err, waiting(installed, QUEUE)) == (
        1,
        True,
        1,
    )


def test_what_cannot_be_sent_is_refused_with_a_sentence(installed: Installation, tmp_path: Path) -> None:
    binary = tmp_path / "film.mp4"
    binary.write_bytes(b"\xff\xfe")
    refusals = {
        ("nowhere", "-"): "there is no queue nowhere",
        (QUEUE, str(tmp_path / "none")): "there is no file",
        (QUEUE, str(binary)): "is not a text in UTF-8",
    }
    for arguments, why in refusals.items():
        failed = installed.run("queues", "send", *arguments, typed=BODY)
        assert (failed.code, why in failed.err) == (1, True)
    assert "is empty" in installed.run("queues", "send", QUEUE, "-", typed=" \n").err
    assert "1048576 bytes" in installed.run("queues", "send", QUEUE, "-", typed="x" * (2 << 20)).err
    assert "there is no queue nowhere" in installed.run("queues", "peek", "nowhere").err
    assert waiting(installed, QUEUE) == 0
