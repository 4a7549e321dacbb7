"""The whole embedded system in a child process, shared by the tests of one group, with one published lecture."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.browsing import browser, window
from tests.support.media import make_video

from academy.interfaces.cli.client import AcademyClient
from academy.interfaces.cli.embedded import EmbeddedSystem

__all__ = ["SECONDS", "Lecture", "browser", "film", "lecture", "signed_in", "system", "window"]

SECONDS = 14.0
"""Three segments: enough to seek over a boundary and to change the rung on the way."""


@dataclass(frozen=True)
class Lecture:
    """A published video."""

    id: str
    film: Path


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSystem]:
    """`academy up`, started once."""
    with EmbeddedSystem(tmp_path_factory.mktemp("embedded")) as running:
        yield running


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that has two rungs."""
    folder = tmp_path_factory.mktemp("film")
    return make_video(folder, "lecture", size="640x480", seconds=SECONDS, gop=100, extra=("-crf", "38"))


@pytest.fixture(scope="session")
def lecture(system: EmbeddedSystem, film: Path) -> Lecture:
    """The film, uploaded and published for free review."""
    with signed_in(system, "teacher") as teacher:
        video, job = teacher.upload(film, "극한과 연속", "video/mp4")
        *_, last = teacher.follow(job.id)
        assert last.state == "SUCCEEDED", last.status_text
    return Lecture(video.id, film)


def signed_in(system: EmbeddedSystem, role: str) -> AcademyClient:
    """Return a client for a person of the demo academy."""
    client = AcademyClient(system.url)
    login = system.logins[role]
    client.log_in(login.username, login.password)
    return client
