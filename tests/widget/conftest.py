"""A real browser on a page of an app that carries the widget, and who serves both."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import chromium
from tests.widget.stub import SNIPPET, App, Promontory

AXE = "tests/vendor/axe.min.js"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PAGE = """<!doctype html><html lang="{lang}"><head><title>Northwind</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{css}</style></head>
<body><main><h1>Orders</h1><p><a href="#top" id="own">Own link</a> {body}</p></main>
<script>{before}</script>{scripts}</body></html>"""


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread, which Django would take for ours.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        started = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="package")
def servers() -> Iterator[tuple[Promontory, App]]:
    made = Promontory(), App()
    yield made
    for each in made:
        each.shutdown()
        each.server_close()


@pytest.fixture
def server(servers: tuple[Promontory, App]) -> Promontory:
    servers[0].forget()
    return servers[0]


@pytest.fixture
def app(servers: tuple[Promontory, App], server: Promontory) -> App:
    servers[1].pages.clear()
    return servers[1]


@pytest.fixture
def visit(browser: Any, server: Promontory, app: App) -> Iterator[Callable[..., Any]]:
    """Open a page that has the snippet, says `say` to it, and loads the script."""
    contexts = []

    def _visit(
        say: str = "promontory('ask')",
        *,
        css: str = "",
        body: str = "",
        lang: str = "en",
        times: int = 1,
        path: str = "/orders",
        headers: dict[str, str] | None = None,
        context: Any = None,
        **how: Any,
    ) -> Any:
        script = (
            f'<script src="{server.url}/w/promontory.js" data-site="{server.site}" async></script>'
        )
        html = PAGE.format(
            css=css, body=body, lang=lang, before=SNIPPET + say, scripts=script * times
        )
        url = app.put(path, html=html, **(headers or {}))
        if context is None:
            how = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"} | how
            context = browser.new_context(**how)
            contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("console", lambda said: page.faults.append(said.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(url)
        return page

    yield _visit
    for context in contexts:
        context.close()


def pick(within: Any, answer: object) -> Any:
    """Return what somebody clicks or taps for this answer."""
    return within.locator("label").filter(has_text=re.compile(rf"^{answer}\b"))


def until(true: Callable[[], object], seconds: float = 15) -> None:
    """Wait until something is so; fail when it never is."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)
