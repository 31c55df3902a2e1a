"""Everybody can be asked: axe finds nothing, in either direction, light, dark or forced colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.widget.conftest import pick
from tests.widget.stub import REASON, RECOMMEND, ROOT, TEXTS, Promontory, ask

pytestmark = pytest.mark.browser

AXE = (ROOT / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
ARABIC = ask(
    RECOMMEND
    | {
        "text": "ما مدى احتمال أن توصي صديقًا أو زميلًا بـ Northwind؟",
        "low_label": "غير محتمل على الإطلاق",
        "high_label": "محتمل للغاية",
    },
    REASON | {"text": "ما السبب الرئيسي لتقييمك؟"},
    language="ar",
    dir="rtl",
    promise="يرى إجابتك مع اسمك من يخدمونك.",
    texts=TEXTS | {"send": "إرسال", "next": "التالي", "thanks": "شكرًا لك."},
)


def violations(page: Any) -> list[tuple[str, str]]:
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in found]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    "how",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"viewport": {"width": 320, "height": 568}},
    ],
    ids=["light", "dark", "320px"],
)
def test_axe_finds_nothing(
    visit: Callable[..., Any], server: Promontory, language: str, how: dict[str, Any]
) -> None:
    if language == "ar":
        server.replies["ask"] = ARABIC
    page = visit(css="html{background:Canvas;color:CanvasText;color-scheme:light dark}", **how)
    page.locator("promontory-ask").wait_for()
    assert violations(page) == []
    pick(page, 7).click()
    assert violations(page) == []
    page.locator("promontory-ask .s").click()
    page.get_by_role("status").wait_for()
    assert violations(page) == []
    assert page.faults == []


def test_within_a_page_axe_finds_nothing_either(visit: Callable[..., Any]) -> None:
    page = visit("promontory('ask', {container: '#here'})", body="<span id=here></span>")
    page.locator("#here promontory-ask").wait_for()
    assert page.locator("promontory-ask").evaluate("e => getComputedStyle(e).position") == "static"
    assert violations(page) == []


def test_right_to_left_runs_from_the_right(visit: Callable[..., Any], server: Promontory) -> None:
    server.replies["ask"] = ARABIC
    page = visit()
    page.locator("promontory-ask").wait_for()
    boxes = [label.bounding_box()["x"] for label in page.locator(".row label").all()]
    assert boxes == sorted(boxes, reverse=True)
    panel = page.locator("promontory-ask").bounding_box()
    assert panel["x"] < 20
    assert page.locator("promontory-ask").get_attribute("lang") == "ar"


def test_it_is_dark_where_the_browser_is_and_light_where_the_page_says_so(
    visit: Callable[..., Any],
) -> None:
    paper = "e => getComputedStyle(e).backgroundColor"

    def look(**how: Any) -> str:
        return visit(**how).locator("promontory-ask section").evaluate(paper)

    assert look() == "rgb(255, 255, 255)"
    assert look(color_scheme="dark") == "rgb(18, 18, 18)"
    always_light = ":root{--promontory-scheme:light}"
    assert look(color_scheme="dark", css=always_light) == "rgb(255, 255, 255)"
    assert look(css=":root{--promontory-paper:#fed}") == "rgb(255, 238, 221)"


def test_in_forced_colours_the_choice_is_still_seen(visit: Callable[..., Any]) -> None:
    page = visit(forced_colors="active")
    pick(page, 7).click()
    colour = "e => getComputedStyle(e).backgroundColor"
    spans = page.locator(".row span")
    assert spans.nth(7).evaluate(colour) != spans.nth(6).evaluate(colour)


def test_it_is_announced_politely_and_is_a_named_region(visit: Callable[..., Any]) -> None:
    page = visit()
    page.get_by_role("status").get_by_text(RECOMMEND["text"]).wait_for()
    page.get_by_role("region", name=RECOMMEND["text"]).wait_for()
    pick(page, 7).click()
    page.get_by_role("status").get_by_text(REASON["text"]).wait_for()
    group = page.get_by_role("radiogroup", name=RECOMMEND["text"])
    assert group.get_attribute("aria-required") == "true"


def test_nothing_moves_for_who_wants_no_motion(visit: Callable[..., Any]) -> None:
    page = visit(reduced_motion="reduce")
    page.locator("promontory-ask").wait_for()
    assert page.evaluate("document.getAnimations().length") == 0


def test_at_four_hundred_per_cent_everything_can_be_reached(visit: Callable[..., Any]) -> None:
    page = visit(viewport={"width": 320, "height": 256})
    pick(page, 0).click()
    page.get_by_role("button", name="Send").scroll_into_view_if_needed()
    box = page.get_by_role("button", name="Send").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 256
