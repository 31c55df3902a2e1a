"""Nothing that was said is lost on a bad network, and nothing is said twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.widget.conftest import pick, until
from tests.widget.stub import Promontory

pytestmark = pytest.mark.browser


def answer(page: Any, score: int) -> None:
    pick(page, score).click()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you.").wait_for()


def test_answers_given_offline_arrive_when_the_network_is_back(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit()
    until(lambda: "shown" in server.steps())
    page.context.set_offline(True)
    answer(page, 4)
    page.wait_for_timeout(500)
    assert server.answers() == []
    page.context.set_offline(False)
    until(lambda: server.answers() == [({"recommend": 4}, False), ({"recommend": 4}, True)])
    until(lambda: page.evaluate("localStorage.length") == 0)


def test_answers_given_offline_arrive_with_the_next_page(
    visit: Callable[..., Any], server: Promontory, browser: Any
) -> None:
    context = browser.new_context()
    page = visit(context=context)
    until(lambda: "shown" in server.steps())
    context.set_offline(True)
    answer(page, 4)
    page.close()
    context.set_offline(False)
    assert server.answers() == []
    later = visit("", context=context)
    until(lambda: server.answers() == [({"recommend": 4}, False), ({"recommend": 4}, True)])
    until(lambda: later.evaluate("localStorage.length") == 0)
    context.close()


def test_a_server_in_trouble_is_tried_again_later_and_later(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit()
    until(lambda: "shown" in server.steps())
    page.evaluate(
        """() => { window.waits = []; const wait = setTimeout;
        window.setTimeout = (f, ms, ...more) =>
          wait(f, ms > 900 && ms < 9000 ? (waits.push(ms), 5) : ms, ...more) }"""
    )
    server.failures = [503, 429, 500]
    page.evaluate("promontory('track', 'delivered', {id: 'd-1'})")
    until(lambda: "event" in server.steps())
    assert server.tries.count("event") == 4
    assert [words["id"] for step, words in server.heard if step == "event"] == ["d-1"]
    first, second, third = page.evaluate("waits")
    assert 1000 <= first <= 2000 <= second <= 4000 <= third <= 8000


def test_the_question_itself_is_not_asked_for_ever(
    visit: Callable[..., Any], server: Promontory
) -> None:
    server.failures = [500] * 9
    page = visit(
        "promontory('on', 'refused', r => document.title = r.error.code); promontory('ask')"
    )
    until(lambda: page.title() == "unreachable", 15)
    assert server.tries == ["ask"] * 3
    assert page.locator("promontory-ask").count() == 0


def test_a_refused_answer_is_not_sent_again(visit: Callable[..., Any], server: Promontory) -> None:
    server.replies["answer"] = {"error": {"code": "closed", "message": "Closed."}}
    page = visit()
    pick(page, 4).click()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Closed.").wait_for()
    page.wait_for_timeout(1500)
    assert server.tries.count("answer") == 2, "the choice, and the whole"
    assert page.evaluate("localStorage.length") == 0


def test_no_more_than_a_hundred_things_are_stored_with_the_page(visit: Callable[..., Any]) -> None:
    page = visit("")
    page.wait_for_function("promontory.site")
    page.context.set_offline(True)
    page.evaluate("() => { for (let i = 0; i < 150; i++) promontory('track', 'viewed') }")
    assert page.evaluate("localStorage.length") == 100


def test_what_another_script_stored_is_left_alone(visit: Callable[..., Any], browser: Any) -> None:
    context = browser.new_context()
    page = visit("localStorage.setItem('promontory:', '{'); localStorage.mine = 1", context=context)
    page.wait_for_function("promontory.site")
    assert page.evaluate("localStorage.mine") == "1"
    assert page.faults == []
    context.close()
