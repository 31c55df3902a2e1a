"""What a page may say to `promontory`, and what the server then hears."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.widget.conftest import pick, until
from tests.widget.stub import Promontory

pytestmark = pytest.mark.browser


def words(server: Promontory, step: str) -> dict[str, Any]:
    until(lambda: step in server.steps())
    return next(said for name, said in server.heard if name == step)


def test_who_where_and_with_what_goes_with_the_question(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit(
        """promontory('identify', {
            customer: 'c-7', email: 'a@example.org', signature: 'abc', language: 'de'});
        promontory('attributes', {plan: 'pro'}); promontory('attributes', {seats: 3});
        history.replaceState(null, '', '/orders?token=secret#private');
        promontory('ask', {touchpoint: 'delivered'})"""
    )
    assert words(server, "ask") == {
        "site": server.site,
        "customer": "c-7",
        "email": "a@example.org",
        "signature": "abc",
        "language": "de",
        "touchpoint": "delivered",
        "attributes": {"plan": "pro", "seats": 3},
        "page": page.url.partition("?")[0],
    }


def test_the_pages_language_is_asked_for_unless_another_is_said(
    visit: Callable[..., Any], server: Promontory
) -> None:
    visit(lang="pt-BR")
    assert words(server, "ask")["language"] == "pt-BR"


def test_when_the_server_says_no_nothing_is_shown(
    visit: Callable[..., Any], server: Promontory
) -> None:
    server.replies["ask"] = {"ask": None, "why": "resting", "again_after": 86400}
    page = visit(
        "promontory('on', 'refused', r => document.title = r.why + r.again_after);promontory('ask')"
    )
    until(lambda: page.title() == "resting86400")
    assert page.locator("promontory-ask").count() == 0
    assert server.steps() == ["ask"]
    assert page.evaluate("localStorage.length") == 0
    assert page.faults == []
    server.replies["ask"] = {"ask": None}
    page.evaluate("promontory('ask')")
    until(lambda: server.steps() == ["ask", "ask"]), "the server decides each time"


def test_a_touchpoint_event_is_sent_once_under_its_own_id(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit(
        "promontory('identify', {customer: 'c-7', signature: 'abc'});"
        "promontory('track', 'delivered', {id: 'order-9', attributes: {carrier: 'x'}})"
    )
    said = words(server, "event")
    assert said.pop("occurred_at").startswith("20")
    assert said == {
        "site": server.site,
        "customer": "c-7",
        "signature": "abc",
        "touchpoint": "delivered",
        "id": "order-9",
        "attributes": {"carrier": "x"},
    }
    assert page.locator("promontory-ask").count() == 0


def test_events_of_its_own_get_an_id_nobody_else_has(
    visit: Callable[..., Any], server: Promontory
) -> None:
    visit("promontory('track', 'viewed'); promontory('track', 'viewed')")
    until(lambda: server.steps() == ["event", "event"])
    ids = {said["id"] for _, said in server.heard}
    assert len(ids) == 2
    assert {len(each) for each in ids} == {32}


def test_a_page_hears_what_happens(visit: Callable[..., Any], server: Promontory) -> None:
    page = visit(
        """window.heard = [];
        for (const name of ['shown', 'answered', 'dismissed', 'refused'])
          promontory('on', name, detail => heard.push([name, detail ?? null]));
        promontory('ask')"""
    )
    pick(page, 9).click()
    until(lambda: len(server.answers()) == 1)
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you.").wait_for()
    until(lambda: len(page.evaluate("heard")) == 3)
    assert page.evaluate("heard") == [
        ["shown", None],
        ["answered", {"answers": {"recommend": 9}, "complete": False}],
        ["answered", {"answers": {"recommend": 9}, "complete": True}],
    ]


def test_a_page_may_dismiss(visit: Callable[..., Any], server: Promontory) -> None:
    page = visit("promontory('on', 'dismissed', () => document.title = 'gone'); promontory('ask')")
    until(lambda: "shown" in server.steps())
    page.evaluate("promontory('dismiss')")
    until(lambda: server.steps() == ["ask", "shown", "dismiss"])
    until(lambda: page.title() == "gone")
    assert page.locator("promontory-ask").count() == 0


def test_it_waits_before_it_asks_so_that_leaving_costs_nothing(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit("promontory('ask', {delay: 1})")
    page.wait_for_timeout(500)
    assert server.steps() == []
    page.locator("promontory-ask").wait_for()


def test_what_nobody_could_see_was_not_shown(visit: Callable[..., Any], server: Promontory) -> None:
    page = visit(
        "promontory('ask', {container: '#far'})",
        body="<div style='height:4000px'></div><div id=far></div>",
    )
    page.locator("promontory-ask").wait_for()
    page.wait_for_timeout(500)
    assert server.steps() == ["ask"]
    page.locator("promontory-ask").scroll_into_view_if_needed()
    until(lambda: server.steps() == ["ask", "shown"])


def test_a_view_that_goes_takes_the_panel_along_and_the_next_may_ask(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit("promontory('ask', {container: '#view'})", body="<div id=view></div>")
    page.locator("promontory-ask").wait_for()
    page.evaluate("promontory('ask'); document.querySelector('#view').replaceChildren()")
    until(lambda: page.locator("promontory-ask").count() == 0)
    page.evaluate("promontory('ask')")
    page.locator("promontory-ask").wait_for()
    assert server.steps().count("ask") == 2
    assert "dismiss" not in server.steps()


def test_nobody_answers_for_who_was_there_before(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit("promontory('identify', {customer: 'a'}); promontory('ask')")
    page.locator("promontory-ask").wait_for()
    until(lambda: "shown" in server.steps())
    page.evaluate("promontory('identify', {customer: 'b'})")
    assert page.locator("promontory-ask").count() == 0
    page.evaluate("promontory('ask'); promontory('identify', null)")
    page.wait_for_timeout(500)
    assert page.locator("promontory-ask").count() == 0
    assert "dismiss" not in server.steps()


def test_the_same_person_named_again_is_asked_all_the_same(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit(
        "promontory('identify', {customer: 'a'}); promontory('ask');"
        "promontory('identify', {customer: 'a', email: 'a@example.org'})"
    )
    page.locator("promontory-ask").wait_for()
    page.evaluate("promontory('identify', {customer: 'a'})")
    assert page.locator("promontory-ask").count() == 1


def test_an_interface_of_ones_own_has_the_same_by_headless(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit("promontory('headless', {touchpoint: 'delivered'}, s => window.mine = s)")
    page.wait_for_function("window.mine")
    assert page.evaluate("mine.ask.questions[0].key") == "recommend"
    assert page.evaluate("mine.shown()") == {}
    assert page.evaluate("mine.answer({recommend: 10}, false)") == {"kept": True}
    assert page.evaluate("mine.answer({recommend: 10, reason: 'Good'})") == {"kept": True}
    assert page.evaluate("mine.dismiss()") == {}
    assert server.steps() == ["ask", "shown", "answer", "answer", "dismiss"]
    assert [complete for _, complete in server.answers()] == [False, True]
    assert page.locator("promontory-ask").count() == 0
    server.replies["ask"] = {"ask": None, "why": "not_sampled"}
    assert page.evaluate("promontory('headless')") == {"ask": None, "why": "not_sampled"}
