"""The look in a real browser: accessible, unbroken from 360 px up, and moved by the keyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from promontory.program.organization import actions
from promontory.program.organization.access import SYSTEM
from tests.conftest import chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


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
def address(browser: Any, live_server: Any, client: Client) -> tuple[str, str]:
    """Where the server is, and the session of an administrator."""
    person = actions.begin(
        organization="Northwind",
        zone="Europe/Berlin",
        name="Anna",
        email="anna@example.org",
        password="a long enough sentence",
        by=SYSTEM,
        at=timezone.now(),
    )
    client.force_login(person)
    return live_server.url, client.cookies["sessionid"].value


def open_page(
    browser: Any, address: tuple[str, str], path: str, *, width: int = 1440, theme: str = "light"
) -> Any:
    url, session = address
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page = context.new_page()
    page.faults = []
    page.on("console", lambda said: page.faults.append(said.text))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(url + path)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_every_part_is_accessible_and_fits(
    browser: Any, address: tuple[str, str], width: int, theme: str
) -> None:
    page = open_page(browser, address, "/style", width=width, theme=theme)
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) == 0
    assert page.faults == []


def test_the_panel_opens_and_gives_the_focus_back(browser: Any, address: tuple[str, str]) -> None:
    page = open_page(browser, address, "/style")
    page.locator(".score .card-foot a").first.click()
    page.wait_for_selector("#panel[open] h2")
    assert page.evaluate("document.activeElement.textContent") == "How do you know?"
    page.evaluate(AXE)
    assert page.evaluate("axe.run('#panel')")["violations"] == []
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "How do you know? Sound"
    assert page.locator("#panel").inner_html() == ""
    assert page.faults == []


def test_keys_lead_to_places_and_can_be_turned_off(browser: Any, address: tuple[str, str]) -> None:
    page = open_page(browser, address, "/style")
    page.keyboard.press("?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    assert page.url.endswith("/style")
    page.reload()
    page.keyboard.press("?")
    assert page.locator("#keys").is_hidden()
    page.locator("[data-keys]").click()
    page.locator("#keys-on").check()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/settings/")


def test_the_chosen_appearance_is_there_before_the_next_page_is_painted(
    browser: Any, address: tuple[str, str]
) -> None:
    page = open_page(browser, address, "/style")
    page.locator("details.menu summary").click()
    page.locator("[data-theme-next]").click()
    page.locator("[data-theme-next]").click()
    assert page.locator("[data-theme-name]").inner_text() == "dark"
    url, _ = address
    answer = page.context.request.get(f"{url}/style").text()
    assert 'data-theme="dark"' in answer


def test_charts_follow_the_appearance(browser: Any, address: tuple[str, str]) -> None:
    ink = "getComputedStyle(document.querySelector('.chart text')).fill"
    light = open_page(browser, address, "/style", theme="light").evaluate(ink)
    dark = open_page(browser, address, "/style", theme="dark").evaluate(ink)
    assert light != dark


def test_everything_works_without_our_script(browser: Any, address: tuple[str, str]) -> None:
    url, session = address
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page = context.new_page()
    page.goto(f"{url}/style")
    assert page.locator("[data-keys]").is_hidden()
    page.locator("nav.nav a", has_text="Settings").click()
    assert page.url == f"{url}/settings/"


def test_nothing_of_the_frame_is_printed(browser: Any, address: tuple[str, str]) -> None:
    page = open_page(browser, address, "/style", theme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("header.bar").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".chart svg.wide").first.is_visible()
