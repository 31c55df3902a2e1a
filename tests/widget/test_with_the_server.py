"""The widget and the real server together: asked once, answered, kept, and rested by the server."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import pytest

from tests.program.answering.conftest import NOW, make_survey, own_home, settled
from tests.widget.conftest import pick, until
from tests.widget.stub import SNIPPET, App

__all__ = ["own_home", "settled"]  # fixtures of the server's own tests
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_customer_is_asked_in_place_once_and_the_answer_counts(
    browser: Any, live_server: Any, app: App, settled: Callable[[], int]
) -> None:
    from promontory.program.answering.actions.sites import make_site
    from promontory.program.organization.access import SYSTEM
    from promontory.program.responses.models import Response

    make_survey()
    site, secret = make_site(name="App", origins=[app.url], needs_signature=True, by=SYSTEM, at=NOW)
    signature = hmac.new(secret.encode(), b"c-1", "sha256").hexdigest()
    say = (
        "window.said = []; promontory('on', 'refused', r => said.push(r));"
        f"promontory('identify', {{customer: 'c-1', signature: '{signature}'}});"
        "promontory('ask')"
    )
    script = f'<script src="{live_server.url}/w/promontory.js" data-site="{site.key}"></script>'
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    url = app.put(
        "/", html=f"<!doctype html><title>x</title><script>{SNIPPET}{say}</script>{script}"
    )

    page.goto(url)
    pick(page, 9).click()
    page.get_by_role("textbox").fill("Quick help")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("status").get_by_text("Thank you for your answer.").wait_for()
    until(lambda: page.evaluate("localStorage.length") == 0)
    settled()
    response = Response.objects.get()
    assert (response.is_partial, response.verbatim.text) == (False, "Quick help")
    assert [answer.value for answer in response.answers.all()] == [9]

    page.goto(url)
    until(lambda: page.evaluate("said.length") == 1)
    assert page.evaluate("said[0].why") == "resting"
    assert page.locator("promontory-ask").count() == 0
    assert faults == []
    page.close()
