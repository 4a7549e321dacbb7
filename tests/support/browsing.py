"""The console's pages in headless Chromium, as fixtures for tests that have a `system`."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from academy.interfaces.cli.embedded import EmbeddedSystem

__all__ = ["PATIENCE", "Window", "browser", "window"]

FLAGS = (
    "--no-sandbox --use-angle=swiftshader --enable-unsafe-swiftshader --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
PATIENCE = 60.0


@dataclass
class Window:
    """One page, what it complained of, and which other servers it wanted."""

    page: Page
    system: EmbeddedSystem
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        home = urlsplit(self.system.url).netloc

        def heard(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.complaints.append(message.text)

        def asked(url: str) -> None:
            if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).netloc != home:
                self.strangers.append(url)

        self.page.on("console", heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: asked(request.url))

    def sign_in(self, role: str, path: str = "/watch") -> None:
        """Open the link that `academy up` prints for a role, and press the button."""
        login = self.system.logins[role]
        self.page.goto(f"{self.system.url}{path}#{login.username}:{login.password}")
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#sign-out")

    def until(self, condition: str, seconds: float = PATIENCE) -> None:
        """Wait until a JavaScript expression holds; the pages' own policy forbids the browser's way of waiting for one."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(f"() => Boolean({condition})"):
            assert time.monotonic() < deadline, f"never: {condition}; {self.complaints}"
            self.page.wait_for_timeout(100)

    def read(self, expression: str) -> float:
        """Return the value of a JavaScript expression."""
        value = self.page.evaluate(f"() => {expression}")
        assert isinstance(value, int | float)
        return value

    def forget_refusal(self, status: int | str) -> None:
        """Forget that the browser itself reported a refused request; nothing of ours may have been added to that."""
        assert [text for text in self.complaints if str(status) not in text] == []
        self.complaints.clear()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, once for the tests of a module."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no Chromium on PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        yield running
        running.close()


@pytest.fixture
def window(browser: Browser, system: EmbeddedSystem, tmp_path: Path) -> Iterator[Window]:
    """A fresh page; at the end nothing may have been complained of, and no other server asked."""
    context = browser.new_context(locale="ko-KR", viewport={"width": 1200, "height": 850})
    opened = Window(context.new_page(), system)
    yield opened
    opened.page.screenshot(path=tmp_path / "end.png")
    context.close()
    assert opened.complaints == []
    assert opened.strangers == []
