"""ConsoleMessageProvider: what a person sees of it, and what stays on disk."""

import asyncio
import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from academy.application.ports.message_provider import CarriedState, OutgoingText, ProviderUnavailable
from academy.domain.messaging.channel import Channel
from academy.infrastructure.console.provider import ConsoleMessageProvider


def _text(text: str, key: str = "m1", **changes: Any) -> OutgoingText:
    return OutgoingText(
        key, "01012345678", "0212345678", changes.pop("channel", Channel.SMS), text, **changes
    )


def _everything_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


async def _send(provider: ConsoleMessageProvider, *texts: OutgoingText) -> str:
    group = await provider.open("batch-1")
    await provider.add(group, texts)
    await provider.send(group)
    return group


@pytest.mark.requirement("SEC-3")
async def test_each_message_is_one_line_without_its_number(tmp_path: Path) -> None:
    out = io.StringIO()
    await _send(
        ConsoleMessageProvider(tmp_path / "new", out),
        _text("결석했습니다.\n두 번째 줄", "m1"),
        _text("\x1b[2J지우기" + "가" * 300, "m2", channel=Channel.LMS),
    )
    first, second = out.getvalue().splitlines()
    assert first == "[sms] 010-****-5678 결석했습니다."
    assert second.startswith("[lms] 010-****-5678  [2J지우기가가")
    assert "\x1b" not in second
    assert len(second) < 160


@pytest.mark.requirement("MSG-1")
async def test_a_terminal_without_korean_letters_is_no_reason_to_fail(tmp_path: Path) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    await _send(ConsoleMessageProvider(tmp_path, out), _text("출석"))
    assert raw.getvalue() == b"[sms] 010-****-5678 \\ucd9c\\uc11d\n"


@pytest.mark.requirement("SEC-3")
async def test_numbers_and_texts_are_on_disk_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        group = await _send(ConsoleMessageProvider(tmp_path / "messages", io.StringIO()), _text("출석"))
    finally:
        os.umask(before)
    found = _everything_in(tmp_path / "messages")
    assert [path.stat().st_mode & 0o777 for path in found if path.is_file()] == [0o600]
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o700}
    assert (tmp_path / "messages").stat().st_mode & 0o777 == 0o700
    assert any(group in path.name for path in found)


@pytest.mark.requirement("SEC-3")
async def test_nothing_stays_of_a_group_that_was_called_off(tmp_path: Path) -> None:
    provider = ConsoleMessageProvider(tmp_path, io.StringIO())
    group = await provider.open("batch-1")
    await provider.add(group, [_text("비밀")])
    assert await provider.withdraw(group) is False
    assert _everything_in(tmp_path) == []


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("out", [io.StringIO(), io.TextIOWrapper(io.BytesIO())])
async def test_a_stream_that_is_closed_leaves_it_open_whether_the_group_was_sent_and_a_look_tells(
    tmp_path: Path, out: Any
) -> None:
    out.close()
    provider = ConsoleMessageProvider(tmp_path, out)
    group = await provider.open("batch-1")
    await provider.add(group, [_text("비밀")])
    with pytest.raises(ProviderUnavailable) as caught:
        await provider.send(group)
    assert "비밀" not in str(caught.value)
    assert await provider.withdraw(group) is True
    assert (await provider.outcomes(group))["m1"].state is CarriedState.DELIVERED


@pytest.mark.requirement("MSG-3")
@pytest.mark.parametrize("replaced", [True, False])
async def test_a_folder_that_cannot_be_used_is_an_outage_and_no_answer(
    tmp_path: Path, replaced: bool
) -> None:
    provider = ConsoleMessageProvider(tmp_path / "messages", io.StringIO())
    group = await _send(provider, _text("출석"))
    (tmp_path / "messages").rename(tmp_path / "elsewhere")
    if replaced:
        (tmp_path / "messages").write_text("")
    for call in (
        provider.open("batch-1"),
        provider.add(group, [_text("출석")]),
        provider.send(group),
        provider.withdraw(group),
        provider.outcomes(group),
    ):
        with pytest.raises(ProviderUnavailable):
            await call


_KILLED = """
import asyncio, io, os, sys
from pathlib import Path
from academy.application.ports.message_provider import OutgoingText
from academy.domain.messaging.channel import Channel
from academy.infrastructure.console.provider import ConsoleMessageProvider

class Dies(io.StringIO):
    def write(self, text):
        os._exit(9)

async def main():
    provider = ConsoleMessageProvider(Path(sys.argv[1]), Dies())
    for step in range(2):
        group = await provider.open("batch-1")
        await provider.add(group, [OutgoingText("m1", "01012345678", "0212345678", Channel.SMS, "text")])
        print(group, flush=True)
    await provider.send(group)

asyncio.run(main())
"""


@pytest.mark.requirement("MSG-3")
async def test_a_process_that_died_while_it_sent_leaves_an_answer_for_the_next_one(tmp_path: Path) -> None:
    died = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLED, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await died.communicate()
    assert died.returncode == 9
    unsent, sent = printed.decode().split()
    out = io.StringIO()
    provider = ConsoleMessageProvider(tmp_path, out)
    assert [await provider.withdraw(group) for group in (unsent, sent)] == [False, True]
    assert (await provider.outcomes(sent))["m1"].state is CarriedState.DELIVERED
    assert out.getvalue() == ""
