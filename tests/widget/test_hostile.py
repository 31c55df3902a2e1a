"""It works on the pages there are: locked down, badly styled, without storage; and breaks none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.widget.conftest import pick, until
from tests.widget.stub import SNIPPET, App, Promontory

pytestmark = pytest.mark.browser

HOSTILE = """
* { all: unset !important; display: none !important; direction: rtl !important;
    color: red !important; font: 40px/3 fantasy !important; text-transform: uppercase !important }
html, body, main { display: block !important }
html { font-size: 4px !important }
promontory-ask { position: static !important; opacity: 0 !important; visibility: hidden !important }
promontory-ask input, label { width: 1px !important; transform: scale(9) !important }
"""


def test_a_strict_content_security_policy_lets_it_work(
    visit: Callable[..., Any], server: Promontory, app: App, browser: Any
) -> None:
    page = browser.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text))
    policy = (
        f"default-src 'none'; script-src {server.url}; connect-src {server.url}; "
        "style-src 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types"
    )
    # No inline script either: the page's own script speaks to the widget.
    own = f'<script src="{server.url}/w/promontory.js" data-site="{server.site}"></script>'
    url = app.put(
        "/strict",
        html=f"<!doctype html><title>x</title><link rel=icon href=data:,><body>{own}",
        Content_Security_Policy=policy + "; img-src data:",
    )
    page.goto(url)
    page.evaluate("promontory('ask')")
    pick(page, 9).click()
    until(lambda: server.answers() == [({"recommend": 9}, False)])
    look = page.locator("promontory-ask section").evaluate("e => getComputedStyle(e).borderRadius")
    assert look == "6px"
    assert faults == []
    page.close()


def test_no_style_of_the_page_reaches_it(visit: Callable[..., Any], server: Promontory) -> None:
    def look(page: Any) -> list[Any]:
        page.locator("promontory-ask").wait_for()
        return page.locator("promontory-ask").evaluate(
            """e => [e, ...e.shadowRoot.querySelectorAll('*')].map(x => {
               const s = getComputedStyle(x)
               return [x.localName, s.display, s.color, s.fontSize, s.fontFamily, s.opacity,
                       s.visibility, s.textTransform, s.position, s.width] })"""
        )

    plain = look(visit())
    assert look(visit(css=HOSTILE)) == plain
    page = visit(css=HOSTILE)
    pick(page, 9).click()
    until(lambda: ({"recommend": 9}, False) in server.answers())


def test_its_style_does_not_reach_the_page(visit: Callable[..., Any]) -> None:
    look = "getComputedStyle(document.querySelector('#mine')).padding"
    page = visit(body="<button id=mine>Mine</button>")
    page.locator("promontory-ask").wait_for()
    with_it = page.evaluate(look)
    assert with_it == visit("", body="<button id=mine>Mine</button>").evaluate(look)


def test_without_storage_and_without_an_origin_it_asks_and_answers(
    server: Promontory, app: App, browser: Any
) -> None:
    inner = (
        f"<!doctype html><title>App</title><script>{SNIPPET};"
        "try { localStorage; document.title = 'storage' } catch { document.title = 'denied' }"
        "promontory('ask')</script>"
        f'<script src="{server.url}/w/promontory.js" data-site="{server.site}" async></script>'
    )
    app.put("/inner", html=inner)
    url = app.put(
        "/outer",
        html="<!doctype html><title>x</title>"
        "<iframe src=/inner sandbox=allow-scripts width=800 height=600>",
    )
    context = browser.new_context()
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url)
    frame = page.frame_locator("iframe")
    pick(frame, 9).click()
    assert page.frames[1].title() == "denied"
    until(lambda: server.answers() == [({"recommend": 9}, False)])
    context.set_offline(True)
    frame.get_by_role("button", name="Send").click()
    frame.get_by_text("Thank you.").wait_for()
    context.set_offline(False)
    until(lambda: server.answers()[1:] == [({"recommend": 9}, True)])
    assert faults == []
    context.close()


def test_a_script_loaded_twice_asks_once(visit: Callable[..., Any], server: Promontory) -> None:
    page = visit(times=2)
    page.locator("promontory-ask").wait_for()
    page.wait_for_timeout(500)
    assert page.locator("promontory-ask").count() == 1
    assert server.steps() == ["ask", "shown"]
    assert page.faults == []


def test_it_adds_one_name_to_the_page(visit: Callable[..., Any]) -> None:
    count = "Object.keys(window).filter(k => !window.before.includes(k))"
    page = visit("window.before = Object.keys(window); promontory('ask')")
    page.locator("promontory-ask").wait_for()
    assert page.evaluate(count) == ["before"]


def test_no_cookie_and_no_preflight(visit: Callable[..., Any], server: Promontory) -> None:
    page = visit()
    page.context.add_cookies([{"name": "session", "value": "secret", "url": server.url}])
    pick(page, 9).click()
    until(lambda: len(server.answers()) == 1)
    assert server.cookies == set()
    assert server.preflights == 0
    assert page.evaluate("document.cookie") == "session=secret", "it sets none of its own"


@pytest.mark.parametrize(
    "wrong",
    [
        "promontory('nonsense')",
        "promontory()",
        "promontory('ask', {container: '((('})",
        "promontory('ask', {container: '#nowhere'})",
        "promontory('on')",
        "promontory('identify', null)",
        "promontory('attributes', null)",
        "promontory('dismiss')",
    ],
)
def test_a_mistake_of_the_page_never_throws_into_it(visit: Callable[..., Any], wrong: str) -> None:
    page = visit("")
    page.wait_for_function("promontory.site")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    assert page.evaluate(f"(async () => {{ await {wrong}; return 'went on' }})()") == "went on"
    assert errors == []
    page.evaluate("promontory('ask')")
    page.locator("promontory-ask").wait_for()


def test_a_listener_that_throws_stops_nobody_else(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit(
        "promontory('on', 'shown', () => { throw Error('theirs') });"
        "promontory('on', 'shown', () => document.title = 'heard'); promontory('ask')"
    )
    until(lambda: page.title() == "heard")
    pick(page, 9).click()
    until(lambda: len(server.answers()) == 1)
    assert page.faults == ["theirs"]


def test_a_server_that_answers_with_somebody_elses_page_breaks_nothing(
    visit: Callable[..., Any], app: App, server: Promontory
) -> None:
    page = visit("")
    page.wait_for_function("promontory.site")
    page.route("**/w/v1/*", lambda route: route.fulfill(status=200, body="<h1>Please sign in</h1>"))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.evaluate("promontory('ask')")
    assert errors == []
    assert page.locator("promontory-ask").count() == 0
