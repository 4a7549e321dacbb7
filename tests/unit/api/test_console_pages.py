"""The console's files: which addresses lead to it, what its pages may load, and its words in both languages."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from academy.bootstrap.settings import Objects, Settings
from academy.interfaces.api import kinds
from academy.interfaces.api.console import pages
from academy.interfaces.api.console.pages import is_console, serve_console
from academy.interfaces.api.problems import Trouble

STATIC = Path(pages.__file__).parent / "static"
MODULES = sorted(STATIC.glob("*.js"))
_WORD = re.compile(r"^    (\w+):", re.MULTILINE)
_USED = re.compile(r"""\bt\(\s*(?:"(\w+)"|`(\w+_)\$)""")


def settings(tmp_path: Path, **given: object) -> Settings:
    plain: dict[str, Any] = {"data_dir": tmp_path, "base_url": "https://academy.example", **given}
    return Settings(_env_file=None, **plain)


def served(path: str, chosen: Settings, method: str = "GET", **headers: str) -> tuple[int, Mapping[str, str]]:
    """Return status and headers of an answer."""
    started: list[Mapping[str, Any]] = []
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": given}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.append(message)

    asyncio.run(serve_console(scope, send, chosen))
    (start,) = started
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}


def policy(chosen: Settings) -> Mapping[str, list[str]]:
    """Return what the pages may load, by directive."""
    _, headers = served("/exams", chosen)
    rules = [each.split() for each in headers["content-security-policy"].split("; ")]
    return {name: sources for name, *sources in rules}


@pytest.mark.requirement("OMR-4")
@pytest.mark.parametrize("path", ["/watch", "/watch/some-video", "/exams", "/exams/some-exam"])
def test_every_page_is_the_same_file_and_asked_for_again_each_time(path: str, tmp_path: Path) -> None:
    assert is_console(path)
    status, headers = served(path, settings(tmp_path))
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert headers["cache-control"] == "no-cache"
    again, _ = served(path, settings(tmp_path), if_none_match=headers["etag"])
    assert again == 304


@pytest.mark.parametrize("path", ["/watching", "/examsheets", "/api/v1/exams", "/exam"])
def test_an_address_that_only_begins_alike_is_not_the_consoles(path: str) -> None:
    assert not is_console(path)


def test_a_page_cannot_be_written_to_and_other_files_are_not_served(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as refused:
        served("/exams", settings(tmp_path), "POST")
    assert refused.value.kind is kinds.METHOD_NOT_ALLOWED
    with pytest.raises(Trouble) as missing:
        served("/console/../pages.py", settings(tmp_path))
    assert missing.value.kind is kinds.NOT_FOUND


@pytest.mark.requirement("SEC-2")
def test_where_objects_lie_here_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    rules = policy(settings(tmp_path))
    assert rules["script-src"] == rules["style-src"] == ["'self'"]
    assert rules["img-src"] == ["'self'", "data:", "https://academy.example"]
    assert rules["connect-src"] == ["'self'", "https://academy.example"]


@pytest.mark.requirement("SEC-2")
def test_overlays_and_uploads_of_both_buckets_are_allowed_where_they_lie_in_a_store(tmp_path: Path) -> None:
    rules = policy(
        settings(
            tmp_path,
            media_base_url="https://media.example",
            objects_backend=Objects.S3,
            R2_ENDPOINT_URL="https://store.example",
            R2_VIDEO_BUCKET="films",
            R2_AI_BUCKET="papers",
        )
    )
    media, store = "https://media.example", "https://store.example"
    films, papers = "https://films.store.example", "https://papers.store.example"
    assert rules["img-src"] == ["'self'", "data:", media, store, papers]
    assert rules["connect-src"] == ["'self'", media, store, films, papers]
    assert rules["media-src"] == ["'self'", "blob:", media]


def test_every_word_stands_in_both_languages_once() -> None:
    for name in ("words.js", "exam_words.js"):
        korean, english = (STATIC / name).read_text().split("\n  en: {\n")
        words = _WORD.findall(korean)
        assert words
        assert len(set(words)) == len(words)
        assert words == _WORD.findall(english), name


def test_every_word_that_a_page_says_is_there() -> None:
    known = {
        word for name in ("words.js", "exam_words.js") for word in _WORD.findall((STATIC / name).read_text())
    }
    for module in MODULES:
        for whole, begun in _USED.findall(module.read_text()):
            assert whole in known if whole else any(word.startswith(begun) for word in known), (module, whole)


def test_pages_hold_no_script_or_style_of_their_own() -> None:
    page = (STATIC / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.name)
def test_modules_stay_small_and_never_parse_text_as_html(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) < 200
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)
