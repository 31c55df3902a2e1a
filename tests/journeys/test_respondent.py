"""Somebody who was asked, at a real browser: by keyboard, by touch, without a script, offline."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.journeys.conftest import AXE, Visitor, _visit
from tests.program.answering.conftest import Invited, invite, make_survey

pytestmark = pytest.mark.browser
WAITING = "JSON.parse(localStorage.getItem('/k/desk-7/answers') || '[]').length"
LANGUAGES = ("en", "ar", "de", "ja")
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SMALL = """() => [...document.querySelectorAll("button, .choices label, .button, textarea")]
    .map(e => [e.textContent, e.getBoundingClientRect()])
    .filter(([, r]) => r.width && (r.height < 44 || r.width < 44)).map(([t]) => t)"""


@pytest.fixture(autouse=True)
def fresh(organization: Any) -> None:
    """Nobody has asked too often, and no paper of another test is remembered."""
    from promontory.program.answering.doors import flood
    from promontory.program.answering.queries import papers

    flood.forget()
    papers.forget()


@pytest.fixture
def invited() -> Invited:
    survey = make_survey()
    # As if each had been reviewed: what is at test here is the page, not who may publish a draft.
    survey.versions.update(languages=LANGUAGES, wording={})
    return invite(survey)


@pytest.fixture
def phone(browser: Any, live_server: Any, organization: Any) -> Iterator[Visitor]:
    """A telephone without a script, touched with a finger."""
    made = _visit(browser, live_server, java_script_enabled=False, has_touch=True, is_mobile=True)
    made.page.set_viewport_size({"width": 320, "height": 640})
    yield made
    made.page.context.close()


def settle() -> None:
    from promontory.program.answering.actions.settling import settle

    settle(at=timezone.now() + timedelta(seconds=1))


def the_response() -> Any:
    from promontory.program.responses.models import Response

    return Response.objects.get()


def test_by_touch_on_a_phone_without_a_script(phone: Visitor, invited: Invited) -> None:
    phone.go(invited.link)
    phone.page.get_by_role("radio", name="8", exact=True).tap()
    phone.page.get_by_role("button", name="Next").tap()
    phone.page.get_by_role("textbox").fill("They <b>listen</b>")
    phone.page.get_by_role("button", name="Send").tap()
    phone.page.get_by_role("heading", name="Thank you for your answer.").wait_for()
    settle()
    assert the_response().verbatim.text == "They <b>listen</b>"
    assert list(the_response().answers.values_list("value", flat=True)) == [8]


def test_by_keyboard_alone(visitor_without_script: Visitor, invited: Invited) -> None:
    page = visitor_without_script.page
    visitor_without_script.go(invited.link + "?lang=en")
    page.get_by_role("radio", name="0", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_role("textbox").focus()
    page.keyboard.type("too slow")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Thank you for your answer.").wait_for()
    settle()
    assert list(the_response().answers.values_list("value", flat=True)) == [2]


def test_a_clicked_score_takes_one_tap_more(phone: Visitor, invited: Invited) -> None:
    phone.go(f"{invited.link}?score=9")
    phone.page.get_by_role("heading", name="You chose 9.").wait_for()
    settle()
    assert invited.disposition.name == "CLICKED"
    phone.page.get_by_role("button", name="Confirm").tap()
    phone.page.get_by_role("button", name="Send").wait_for()
    settle()
    assert list(the_response().answers.values_list("value", flat=True)) == [9]


def test_a_fault_is_said_first_and_leads_to_its_question(
    visitor: Visitor, invited: Invited
) -> None:
    visitor.go(invited.link + "?lang=en")
    visitor.page.get_by_role("button", name="Next").click()
    visitor.page.get_by_role("alert").wait_for()
    assert visitor.page.evaluate("document.activeElement.id") == "faults"
    visitor.page.get_by_role("link", name="Please choose a number from 0 to 10.").click()
    assert visitor.page.evaluate("document.activeElement.value") == "0"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_for_everybody(visitor: Visitor, invited: Invited, language: str) -> None:
    page, said = visitor.page, f"?lang={language}"
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))

    def look() -> None:
        """Find no fault of axe, nothing wider than 320 px (400 % of 1280), nothing too small."""
        page.evaluate(AXE)
        found = page.evaluate("axe.run()")["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 256})
            assert page.evaluate(_WIDER) == 0, f"{page.url} is wider than {width} px"
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate(_SMALL) == []
        assert page.evaluate("document.documentElement.dir") == (
            "rtl" if language == "ar" else "ltr"
        )

    visitor.go(f"{invited.link}{said}&score=7")
    look()
    visitor.go(invited.link + said)
    look()
    page.locator("button.main").click()
    page.get_by_role("alert").wait_for()
    look()
    page.locator("input[value='6']").check()
    page.locator("button.main").click()
    page.locator("textarea").wait_for()
    look()
    page.locator("button.main").click()
    page.locator(".said").wait_for()
    look()
    settle()
    visitor.go(invited.link + said)
    look()
    invited.contact.language = language
    invited.contact.save()
    visitor.go(f"/u/{invited.token}")
    look()
    visitor.go(f"/p/{invited.token}")
    look()
    assert hosts == {visitor.url.split("/")[2]}
    assert visitor.faults == []


def test_the_pages_can_be_read_in_the_dark(
    browser: Any, live_server: Any, invited: Invited
) -> None:
    dark = _visit(browser, live_server, color_scheme="dark")
    token = invited.token
    for path in (invited.link, f"{invited.link}?score=9", f"/p/{token}", f"/u/{token}"):
        dark.go(path)
        dark.page.evaluate(AXE)
        found = dark.page.evaluate("axe.run()")["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    dark.page.context.close()


def test_the_page_weighs_next_to_nothing(client: Client, invited: Invited) -> None:
    for language in LANGUAGES:
        page = client.get(f"{invited.link}?lang={language}").content
        files = re.findall(rb'(?:href|src)="(/a/[^"]+)"', page)
        served = [client.get(address.decode()).content for address in files]
        weight = sum(len(gzip.compress(each)) for each in (page, *served))
        assert weight <= 25_000, f"{language}: {weight} bytes"


@pytest.fixture
def kiosk() -> Any:
    from promontory.program.outreach.models import OpenLink

    return OpenLink.objects.create(
        survey=make_survey(), key="desk-7", name="Desk", kind="kiosk",
        created_at=timezone.now(), created_by="system",
    )  # fmt: skip


def test_a_kiosk_asks_one_after_the_other_and_sends_when_the_network_is_back(
    visitor: Visitor, kiosk: Any
) -> None:
    from promontory.program.responses.models import Response

    page = visitor.page
    visitor.go("/k/desk-7")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()

    def one(score: str, words: str) -> None:
        page.get_by_role("button", name="Touch to begin").click()
        assert page.locator(":checked").count() == 0
        page.get_by_role("radio", name=score, exact=True).check()
        page.get_by_role("button", name="Next").click()
        assert page.get_by_role("textbox").input_value() == ""
        page.get_by_role("textbox").fill(words)
        page.get_by_role("button", name="Next").click()
        page.get_by_role("heading", name="Thank you for your answer.").wait_for()
        page.get_by_role("button", name="Start again").click()

    def sent() -> None:
        end = time.monotonic() + 20
        while page.evaluate(WAITING):
            assert time.monotonic() < end, "the queue is never sent"
            time.sleep(0.05)

    one("9", "first")
    sent()
    page.context.set_offline(True)
    page.reload()
    one("3", "second")
    assert page.evaluate(WAITING) == 1
    page.context.set_offline(False)
    sent()
    settle()
    found = Response.objects.order_by("pk")
    assert [
        (list(each.answers.values_list("value", flat=True)), each.verbatim.text, each.is_partial)
        for each in found
    ] == [([9], "first", False), ([3], "second", False)]
    page.evaluate(AXE)
    assert page.evaluate("axe.run()")["violations"] == []
    assert visitor.faults == []


def test_those_who_look_after_the_doors(visitor: Visitor, invited: Invited, client: Client) -> None:
    from promontory.program.outreach.models import OutboxMessage

    for score in range(3):
        client.post(invited.link, {"q-recommend": str(score), "page": "0"})
    settle()
    page = visitor.page
    visitor.sign_in("anna@example.org")
    visitor.go("/outreach/doors")
    page.get_by_text("Answers that wait for you: 1 look like a machine's.").wait_for()
    visitor.look()
    page.get_by_role("button", name="A person: let it count").click()
    page.get_by_text("Every answer that came in has been settled.").wait_for()
    assert invited.disposition.name == "ANSWERED"
    visitor.go("/outreach/sites")
    visitor.look()
    page.get_by_label("Name").fill("Portal")
    page.get_by_label("It asks from").fill("https://app.example.org")
    page.get_by_role("button", name="Make the site").click()
    page.get_by_text("Its secret, shown this once").wait_for()
    visitor.look()
    for path in ("/simulators/sms", "/simulators/phone"):
        visitor.go(path)
        visitor.look()
    version = invited.invitation.wave.version_id
    before = OutboxMessage.objects.count()
    visitor.go(f"/preview/{version}?lang=de")
    page.locator("input[value='6']").check()
    page.locator("button.main").click()
    page.locator("textarea").wait_for()
    settle()
    assert (the_response().pk, OutboxMessage.objects.count()) == (the_response().pk, before)
