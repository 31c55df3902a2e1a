"""Stories end to end: a real browser, the real server, the jobs worked between the pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import chromium

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PASSWORD = "a long enough sentence"
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Visitor:
    """Somebody at a browser; `look` holds every page to what all pages must be."""

    url: str
    page: Any
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sign_in(self, email: str) -> None:
        """Sign in with the keyboard alone."""
        self.go("/sign-in")
        self.page.locator("[name=username]").focus()
        self.page.keyboard.type(email)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def look(self) -> None:
        """Find nothing that axe objects to, nothing wider than a phone, no fault of a script."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run()")["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        for width in (390, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate(_WIDER) == 0, f"{self.page.url} is wider than {width} px"
        assert self.faults == []

    def tab_to(self, selector: str, *, most: int = 150) -> None:
        """Press Tab until the element has the focus, as somebody without a mouse must."""
        for _ in range(most):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {selector} on {self.page.url}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread, which Django would take for ours.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield started
        started.close()


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Uploads and warehouse of each story are its own."""
    from django.conf import settings

    from promontory.server.home import Home

    monkeypatch.setattr(settings, "HOME", Home(tmp_path))
    return tmp_path


@pytest.fixture
def organization(transactional_db: None, own_home: Path) -> Any:
    """A young organisation: Anna administers it, and nobody has been asked anything."""
    from promontory.program.organization import actions
    from promontory.program.organization.access import SYSTEM
    from promontory.program.scores.actions import ensure_default_method

    at = timezone.now()
    anna = actions.begin(
        organization="Northwind", zone="Europe/Berlin", name="Anna", email="anna@example.org",
        password=PASSWORD, by=SYSTEM, at=at,
    )  # fmt: skip
    ensure_default_method(by=SYSTEM, at=at)
    return anna


def _visit(browser: Any, live_server: Any, **options: Any) -> Visitor:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", **options
    )
    visitor = Visitor(live_server.url, context.new_page())
    visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
    visitor.page.on(
        "console",
        lambda said: visitor.faults.append(said.text) if "Content Security" in said.text else None,
    )
    return visitor


@pytest.fixture
def visitor(browser: Any, live_server: Any, organization: Any) -> Iterator[Visitor]:
    made = _visit(browser, live_server)
    yield made
    made.page.context.close()


@pytest.fixture
def visitor_without_script(browser: Any, live_server: Any, organization: Any) -> Iterator[Visitor]:
    made = _visit(browser, live_server, java_script_enabled=False)
    yield made
    made.page.context.close()
