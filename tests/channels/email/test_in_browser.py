"""The mails as people see them: on a phone, in the dark, from right to left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from promontory.channels.email.layouts import LetterTexts, invitation, letter
from promontory.channels.email.template import MailTemplate
from tests.channels.email.test_template import BRAND, ENGLISH, SCALE, SLOTS
from tests.conftest import chromium

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[2] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""All but axe's advice for whole pages: landmarks belong to the mail program around the mail."""
NOTICE = LetterTexts(
    subject="A low score",
    heading="Nord gave 2 of 10",
    paragraphs=("Somebody should call.",),
    facts=(("Customer", "{customer}"), ("Said", "{comment}")),
    buttons=(("I called", "called_url"),),
    why="You look after this customer.",
)
LONG = {"customer": "N" * 60, "comment": "w" * 200, "called_url": "https://ask.example/c"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield started
        started.close()


def invited(direction: str) -> MailTemplate:
    language = "ar" if direction == "rtl" else "en"
    return invitation(ENGLISH, language=language, direction=direction, scale=SCALE, values=BRAND)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 700])
@pytest.mark.parametrize("kind", ["ltr", "rtl", "notice"])
def test_a_mail_is_legible_and_fits(browser: Any, kind: str, width: int, scheme: str) -> None:
    html = (
        letter(NOTICE, language="en", direction="ltr").fill(LONG).html
        if kind == "notice"
        else invited(kind).fill(SLOTS).html
    )
    asked: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.add_script_tag(content=AXE)
    found = page.evaluate("rules => axe.run({runOnly: rules})", WCAG)["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert asked == []
    page.close()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize(("width", "rows"), [(320, [6, 5]), (600, [11])])
def test_every_score_can_be_hit_with_a_thumb(
    browser: Any, direction: str, width: int, rows: list[int]
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700})
    page.set_content(invited(direction).fill(SLOTS).html)
    boxes = [link.bounding_box() for link in page.locator("a.score").all()]

    assert all(box["width"] >= 44 and box["height"] >= 44 for box in boxes)
    tops = [box["y"] for box in boxes]
    assert [tops.count(top) for top in sorted(set(tops))] == rows
    first_row = [box["x"] for box in boxes[: rows[0]]]
    assert first_row == sorted(first_row, reverse=direction == "rtl")
    gaps = {round(abs(b - a)) for a, b in pairwise(first_row)}
    assert gaps == {48}  # evenly: no score stands apart from the others
    page.close()
