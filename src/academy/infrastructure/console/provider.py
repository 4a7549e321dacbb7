"""Text messages printed in place of being sent, for the embedded profile.

    {root}/{group}/{part}.json     what one `add` put into a group; a whole file or none
    {root}/{group}.sent/…          the same group once it was sent: the rename decides, whoever looks and after whatever crash
    {root}/{group}.gone/…          being removed

Files and folders are for their owner alone: they hold numbers and texts. Nothing removes a group that was sent.
"""

import asyncio
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO, TypeVar
from uuid import uuid4

from academy.application.ports.message_provider import (
    Carried,
    CarriedState,
    GroupSpent,
    OutgoingText,
    ProviderUnavailable,
)
from academy.domain.failures import Failure
from academy.domain.messaging.channel import Channel
from academy.domain.phone import PhoneInvalid, masked, mobile

__all__ = ["ConsoleMessageProvider"]

LARGEST_GROUP = 10_000
SHOWN_CHARACTERS = 120
_GROUP = re.compile(r"[0-9a-f]{32}")
_T = TypeVar("_T")
_UNKNOWN = Failure(
    "provider_refused",
    "This group of messages was sent or called off before; look at what became of it.",
    "이미 발송했거나 취소한 메시지 묶음입니다. 발송 결과를 확인해 주세요.",
)
_RECIPIENT = Failure(
    "recipient_refused",
    "The recipient's number is no Korean mobile number: check it with the parent.",
    "수신번호가 휴대전화 번호가 아닙니다. 번호를 확인해 주세요.",
)
_TEMPLATE = Failure(
    "template_refused",
    "AlimTalk needs a KakaoTalk channel and an approved template: set both.",
    "알림톡에는 카카오톡 채널과 승인된 템플릿이 필요합니다. 둘 다 설정해 주세요.",
)


class ConsoleMessageProvider:
    """The `MessageProvider` port on a folder and a text stream; everything that is sent counts as delivered.

    A message is printed once, as one line without its number: a crash right after a group was sent can leave lines out, and never
    prints one twice.
    """

    def __init__(self, root: Path, out: TextIO) -> None:
        """Keep groups under `root`, which is made when it is not there, and print to `out`."""
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root = root
        self._out = out
        self._printing = threading.Lock()

    @property
    def name(self) -> str:
        """See MessageProvider."""
        return "console"

    @property
    def largest_group(self) -> int:
        """See MessageProvider."""
        return LARGEST_GROUP

    async def open(self, reference: str) -> str:
        """See MessageProvider."""
        del reference
        group = uuid4().hex

        def work() -> None:
            self._pending(group).mkdir(mode=0o700)
            _sync(self._root)

        await self._in_thread(work)
        return group

    async def add(self, group: str, messages: Sequence[OutgoingText]) -> Mapping[str, Carried]:
        """See MessageProvider. Raises ValueError for more than `largest_group`."""
        if len(messages) > LARGEST_GROUP:
            raise ValueError(f"at most {LARGEST_GROUP} messages at once, not {len(messages)}")
        part = uuid4().hex

        def work() -> dict[str, Carried]:
            rows = [{**asdict(one), "provider_id": f"{part}-{index}"} for index, one in enumerate(messages)]
            self._write(group, part, rows)
            return {row["id"]: _carried(row, CarriedState.TAKEN) for row in rows}

        return await self._in_thread(work)

    async def send(self, group: str) -> None:
        """See MessageProvider."""

        def work() -> None:
            with _refused_when_gone():
                self._pending(group).rename(self._sent(group))
            _sync(self._root)
            self._print(group)

        await self._in_thread(work)

    async def withdraw(self, group: str) -> bool:
        """See MessageProvider."""

        def work() -> bool:
            gone = self._folder(group, ".gone")
            with suppress(FileNotFoundError):
                self._pending(group).rename(gone)
                _sync(self._root)
            sent = self._sent(group).is_dir()
            shutil.rmtree(gone, ignore_errors=True)
            return sent

        return await self._in_thread(work)

    async def outcomes(self, group: str) -> Mapping[str, Carried]:
        """See MessageProvider."""

        def work() -> dict[str, Carried]:
            # Looked at in this order, a group that is sent meanwhile is not missed.
            for folder, state in (
                (self._pending(group), CarriedState.TAKEN),
                (self._sent(group), CarriedState.DELIVERED),
            ):
                with suppress(FileNotFoundError):
                    return {row["id"]: _carried(row, state) for row in _rows(folder)}
            return {}

        return await self._in_thread(work)

    async def balance(self) -> int:
        """Return 0: printing costs nothing, and there is no account."""
        return 0

    async def close(self) -> None:
        """See MessageProvider. The stream stays open: it was given."""

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        def call() -> _T:
            # Without its folder, a disk that is not mounted say, every group would look as if it never was.
            self._root.stat()
            return work()

        try:
            return await asyncio.to_thread(call)
        except OSError as error:
            raise ProviderUnavailable(f"message folder: {error.strerror or 'it cannot be used'}") from None
        except ValueError:
            # A stream that is closed, or a file that another program has changed; its text stays out of ours.
            raise ProviderUnavailable("message folder: a closed stream or a file that is damaged") from None

    def _pending(self, group: str) -> Path:
        return self._folder(group, "")

    def _sent(self, group: str) -> Path:
        return self._folder(group, ".sent")

    def _folder(self, group: str, ending: str) -> Path:
        # The name becomes a path: one that we never gave stands for a group that is not there.
        return self._root / ((group if _GROUP.fullmatch(group) else "unknown") + ending)

    def _write(self, group: str, part: str, rows: Sequence[Mapping[str, Any]]) -> None:
        folder = self._pending(group)
        unfinished = folder / f"{part}.new"
        with _refused_when_gone():
            number = len(os.listdir(folder))  # noqa: PTH208 -- names are enough
            opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "w", encoding="utf-8") as file:
                json.dump(rows, file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(folder / f"{number:06}-{part}.json")
            _sync(folder)

    def _print(self, group: str) -> None:
        lines = [
            f"[{row['channel']}] {masked(row['to'])} {_first_line(row['text'])}\n"
            for row in _rows(self._sent(group))
            if _problem(row) is None
        ]
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        text = "".join(lines).encode(encoding, "backslashreplace").decode(encoding)
        with self._printing:
            self._out.write(text)
            self._out.flush()


@contextmanager
def _refused_when_gone() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise GroupSpent(_UNKNOWN) from None


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    parts = sorted(name for name in os.listdir(folder) if name.endswith(".json"))  # noqa: PTH208 -- glob hides a missing folder
    for name in parts:
        yield from json.loads((folder / name).read_text("utf-8"))


def _problem(row: Mapping[str, Any]) -> Failure | None:
    try:
        mobile(row["to"])
    except PhoneInvalid:
        return _RECIPIENT
    if row["channel"] == Channel.ALIMTALK and not (row["kakao_channel"] and row["kakao_template_id"]):
        return _TEMPLATE
    return None


def _carried(row: Mapping[str, Any], state: CarriedState) -> Carried:
    failure = _problem(row)
    if failure is not None:
        return Carried(CarriedState.REFUSED, row["provider_id"], None, failure)
    return Carried(state, row["provider_id"], Channel(row["channel"]))


def _first_line(text: str) -> str:
    first = text.strip().partition("\n")[0][:SHOWN_CHARACTERS]
    # A text may hold what a terminal takes for an order.
    return "".join(letter if letter.isprintable() else " " for letter in first).rstrip()
