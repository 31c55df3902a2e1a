"""Somebody is asked and answers: by mouse, by touch, by the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.widget.conftest import pick, until
from tests.widget.stub import REASON, RECOMMEND, Promontory, ask

pytestmark = pytest.mark.browser

CSAT = RECOMMEND | {"key": "csat", "low": 1, "high": 5, "text": "How satisfied are you?"}
EFFORT = RECOMMEND | {"key": "effort", "low": 1, "high": 7, "text": "It was easy."}
SOLVED = {
    "key": "solved",
    "kind": "yes_no",
    "text": "Was it solved?",
    "low_label": "No",
    "high_label": "Yes",
    "required": True,
}
WHY = {
    "key": "why",
    "kind": "choice",
    "text": "What mattered most?",
    "required": False,
    "options": [
        {"key": "price", "text": "Price", "value": 1},
        {"key": "service", "text": "Service", "value": 2},
    ],
    "show_if": {"question": "recommend", "values": [0, 1, 2, 3, 4, 5, 6]},
}


def test_a_score_is_kept_before_the_reason_is_written(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit()
    pick(page, 9).click()
    until(lambda: server.answers() == [({"recommend": 9}, False)])
    page.get_by_role("textbox", name="main reason").fill("Quick help")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you.").wait_for()
    until(lambda: len(server.answers()) == 2)
    assert server.answers()[1] == ({"recommend": 9, "reason": "Quick help"}, True)
    assert server.steps() == ["ask", "shown", "answer", "answer"]
    ids = [words["id"] for step, words in server.heard if step == "answer"]
    assert len(set(ids)) == 2
    assert page.faults == []


def test_nothing_is_chosen_for_them_and_no_score_looks_better_than_another(
    visit: Callable[..., Any],
) -> None:
    page = visit()
    radios = page.get_by_role("radio")
    assert radios.count() == 11
    assert page.locator("promontory-ask input:checked").count() == 0
    look = """all => new Set(all.map(e => {
        const s = getComputedStyle(e)
        return s.color + s.backgroundColor + s.borderColor })).size"""
    assert page.locator(".row span").evaluate_all(look) == 1
    assert [radios.nth(i).evaluate("e => e.labels[0].textContent") for i in (0, 1, 10)] == [
        "0 Not at all likely",
        "1",
        "10 Extremely likely",
    ]


def test_the_keyboard_alone_is_enough(visit: Callable[..., Any], server: Promontory) -> None:
    page = visit()
    page.locator("promontory-ask").wait_for()
    page.locator("#own").focus()
    keys = page.keyboard
    keys.press("Tab")
    for _ in range(8):
        keys.press("ArrowRight")
    page.wait_for_timeout(1300)
    assert server.answers() == [], "answers passed over on the way are not answers"
    keys.press("Tab")
    until(lambda: server.answers() == [({"recommend": 8}, False)])
    keys.type("Fast")
    keys.press("Tab")
    keys.press("Enter")
    until(lambda: server.answers()[1:] == [({"recommend": 8, "reason": "Fast"}, True)])
    assert page.evaluate("document.activeElement.localName") == "promontory-ask"
    page.wait_for_timeout(6500)
    assert page.locator("promontory-ask").count() == 1, "it does not go away under the focus"
    keys.press("Escape")
    assert page.locator("promontory-ask").count() == 0
    assert page.evaluate("document.activeElement.id") == "own"
    assert "dismiss" not in server.steps()


def test_escape_dismisses_and_gives_the_focus_back(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit()
    page.locator("promontory-ask").wait_for()
    until(lambda: "shown" in server.steps())
    page.locator("#own").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    until(lambda: server.steps() == ["ask", "shown", "dismiss"])
    assert page.locator("promontory-ask").count() == 0
    assert page.evaluate("document.activeElement.id") == "own"


def test_it_never_takes_the_focus_and_escape_elsewhere_is_the_pages_own(
    visit: Callable[..., Any],
) -> None:
    page = visit(body="<input id=search aria-label=Search>")
    page.locator("#search").focus()
    page.locator("promontory-ask").wait_for()
    page.wait_for_timeout(300)
    page.keyboard.type("abc")
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == "abc"
    assert page.locator("promontory-ask").count() == 1


def test_keys_typed_in_the_panel_are_not_the_pages_shortcuts(visit: Callable[..., Any]) -> None:
    page = visit(
        "window.heard = []; addEventListener('keydown', e => heard.push(e.key)); promontory('ask')"
    )
    pick(page, 9).click()
    page.get_by_role("textbox").press_sequentially("g s")
    assert page.get_by_role("textbox").input_value() == "g s"
    assert page.evaluate("heard") == []


def test_a_finger_finds_every_answer_on_a_small_phone(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit(viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True)
    page.locator("promontory-ask").wait_for()
    for target in (*page.locator(".row label").all(), *page.locator("promontory-ask button").all()):
        box = target.bounding_box()
        assert box["width"] >= 44 and box["height"] >= 44, box
        assert box["x"] >= 0 and box["x"] + box["width"] <= 320
    pick(page, 10).tap()
    until(lambda: server.answers() == [({"recommend": 10}, False)])
    page.get_by_role("button", name="Send").tap()
    until(lambda: server.answers()[1:] == [({"recommend": 10}, True)])
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) <= 0


def test_what_is_required_is_asked_for_again(visit: Callable[..., Any], server: Promontory) -> None:
    page = visit()
    page.get_by_role("button", name="Next").click()
    assert page.get_by_role("alert").inner_text() == "Please choose an answer."
    group = page.get_by_role("radiogroup")
    assert group.get_attribute("aria-invalid") == "true"
    assert (
        page.locator("promontory-ask").evaluate("e => e.shadowRoot.activeElement.type") == "radio"
    )
    assert server.answers() == []


def test_a_question_follows_from_an_answer_and_goes_with_it(
    visit: Callable[..., Any], server: Promontory
) -> None:
    server.replies["ask"] = ask(RECOMMEND, WHY, REASON)
    page = visit()
    why = page.get_by_role("radiogroup", name="What mattered most?")
    pick(page, 3).click()
    pick(page, "Price").click()
    until(lambda: ({"recommend": 3, "why": 1}, False) in server.answers())
    pick(page, 9).click()
    assert why.is_hidden()
    page.get_by_role("button", name="Send").click()
    until(lambda: server.answers()[-1] == ({"recommend": 9, "why": None}, True))


def test_every_kind_of_question_is_answered_with_its_code(
    visit: Callable[..., Any], server: Promontory
) -> None:
    server.replies["ask"] = ask(CSAT, EFFORT, SOLVED, WHY | {"show_if": None}, REASON)
    page = visit(viewport={"width": 1280, "height": 1000})

    def choose(group: str, answer: str) -> None:
        pick(page.get_by_role("radiogroup", name=group), answer).click()

    choose("How satisfied", "4")
    choose("It was easy", "7")
    choose("Was it solved", "No")
    choose("What mattered", "Service")
    page.get_by_role("textbox").fill("  Because  ")
    page.get_by_role("button", name="Send").click()
    wanted = {"csat": 4, "effort": 7, "solved": 0, "why": 2, "reason": "Because"}
    until(lambda: server.answers() and server.answers()[-1] == (wanted, True))


def test_words_that_were_not_sent_stay_with_who_wrote_them(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit()
    pick(page, 2).click()
    page.get_by_role("textbox").fill("I had rather not say")
    page.get_by_role("button", name="Not now").click()
    until(lambda: server.answers() == [({"recommend": 2}, False)])
    page.wait_for_timeout(300)
    assert server.steps() == ["ask", "shown", "answer"], "who has answered has not refused"


def test_thanks_go_by_themselves_for_who_is_elsewhere(visit: Callable[..., Any]) -> None:
    page = visit()
    pick(page, 9).click()
    page.get_by_role("button", name="Send").click()
    page.mouse.move(5, 5)
    page.get_by_role("status").get_by_text("Thank you.").wait_for()
    page.locator("promontory-ask").wait_for(state="detached", timeout=8000)


def test_a_score_that_was_clicked_is_kept_when_they_leave_at_once(
    visit: Callable[..., Any], server: Promontory
) -> None:
    page = visit()
    pick(page, 6).click()
    page.goto("about:blank")
    until(lambda: server.answers() == [({"recommend": 6}, False)])


def test_a_refused_answer_is_said(visit: Callable[..., Any], server: Promontory) -> None:
    server.replies["answer"] = {"error": {"code": "closed", "message": "This survey has closed."}}
    page = visit(
        "promontory('on', 'refused', r => document.title = r.error.code); promontory('ask')"
    )
    pick(page, 6).click()
    page.get_by_role("button", name="Send").click()
    page.get_by_role("status").get_by_text("This survey has closed.").wait_for()
    assert page.title() == "closed"


def test_a_text_is_only_ever_text(visit: Callable[..., Any], server: Promontory) -> None:
    server.replies["ask"] = ask(RECOMMEND | {"text": "<img src=x onerror=alert(1)>Well?"})
    page = visit()
    page.get_by_role("radiogroup", name="<img src=x onerror=alert(1)>Well?").wait_for()
    assert page.locator("promontory-ask img").count() == 0
    assert page.faults == []
