"""The first month, from an empty installation to the first call: a real server, a real browser.

Nothing is set up but what the pages ask for: SQLite, one process, no mail server.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.installation import ROOT
from tests.journeys.conftest import PASSWORD, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PEOPLE = 260
REASON = "Nobody called back."


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A new installation, started as anybody would; the address is the one that it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PROMONTORY_")}
    environment |= {"PROMONTORY_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT / "src")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    said = tmp_path / "said.txt"
    command = [sys.executable, "-m", "promontory.cli", "start", "--port", "8460"]
    with said.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        _wait(lambda: "Ctrl-C" in said.read_text() or server.poll() is not None)
        found = re.search(r"http://\S+/welcome\S+", said.read_text())
        assert found, said.read_text()
        yield found.group()
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture
def anna(browser: Any, address: str) -> Iterator[Visitor]:
    """Who opens the address that was printed."""
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(60_000)
    visitor = Visitor("/".join(address.split("/")[:3]), context.new_page())
    visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
    _wait(lambda: _opened(visitor.page, address))
    yield visitor
    context.close()


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """A file of people, all of whom live where it is about noon: nobody sleeps in this test."""
    east = (12 - datetime.now(UTC).hour + 11) % 24 - 11
    zone = f"Etc/GMT{-east:+d}" if east else "Etc/GMT"
    path = tmp_path / "customers.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["email", "name", "phone", "company", "time zone"])
        for n in range(PEOPLE):
            writer.writerow(
                [f"person{n}@firm{n % 70}.example", f"Person {n}", f"+4915112{n:06d}",
                 f"Firm {n % 70}", zone]
            )  # fmt: skip
    return path


def test_from_an_empty_installation_to_the_first_call(anna: Visitor, customers: Path) -> None:
    page = anna.page
    _found_the_organisation(anna)
    _publish_the_programme(anna)
    _bring_in_the_customers(anna, customers)
    _following(anna, "decide how seldom anybody is asked")
    page.get_by_role("button", name="Keep these rules").click()
    page.wait_for_selector("text=Kept: these rules apply")
    _ask_two_hundred(anna)
    asked = _answer_three_in_a_mail(anna)
    _hear_of_it_and_call(anna, asked)
    anna.go("/first-steps")
    page.wait_for_selector("text=8 of 8 steps")
    assert "All of them are done" in page.inner_text(".sentence")

    def is_counted() -> bool:
        anna.go("/")
        return "1 respondent" in page.inner_text("main")

    _wait(is_counted, seconds=120)  # the clock gathers answers into figures once a minute


def _found_the_organisation(anna: Visitor) -> None:
    page = anna.page
    told = {"organization": "Northwind", "name": "Anna", "email": "anna@example.org"}
    for name, value in (told | {"password": PASSWORD}).items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/first-steps")
    page.wait_for_selector("text=0 of 8 steps")
    anna.look()


def _publish_the_programme(anna: Visitor) -> None:
    page = anna.page
    page.locator("button[value=relationship]").click()
    page.wait_for_url("**/surveys/relationship/edit")
    _following(anna, "publish “Relationship”")
    page.get_by_role("link", name="Look at the draft").click()
    page.wait_for_url("**/edit")
    page.get_by_role("button", name=re.compile("Publish")).first.click()
    page.wait_for_selector("text=Version 1 is published")


def _bring_in_the_customers(anna: Visitor, file: Path) -> None:
    page = anna.page
    _following(anna, "bring in your customers")
    page.get_by_role("link", name="Import customers").click()
    page.wait_for_url("**/customers/import*")
    page.set_input_files("input[type=file]", file)
    page.locator("form[enctype] button").first.click()
    page.wait_for_url("**/columns")
    page.get_by_role("button", name=re.compile("Judge")).click()
    page.locator("form[action$=commit] button").click()
    page.wait_for_selector("text=Find a customer")


def _ask_two_hundred(anna: Visitor) -> None:
    page = anna.page
    _following(anna, "ask the first 200 people")
    page.get_by_role("link", name="Prepare the first wave").click()
    page.wait_for_selector("text=Which survey asks")
    anna.look()
    page.get_by_role("button", name="See what it would give").click()
    page.wait_for_selector("text=200 of them would be invited")
    anna.look()
    anna.go("/first-steps")  # left in the midst of it, the step leads back to where it stood
    page.get_by_role("link", name="See the dry run").click()
    page.get_by_role("button", name="Draw these 200").click()
    page.get_by_role("link", name="Read what it says, and send it").click()
    page.wait_for_url("**/sending")
    page.locator("form[action$=start] button").click()
    page.get_by_text("200 of 200", exact=True).wait_for(timeout=90_000)


def _answer_three_in_a_mail(anna: Visitor) -> str:
    """Open a mail in the outbox, choose 3 in it, confirm, say why; return whom it was for."""
    page = anna.page
    anna.go("/first-steps")
    page.get_by_role("link", name="Open the outbox").click()
    page.wait_for_url("**/outbox")
    page.locator("tbody a").first.click()
    mail = page.frame_locator("iframe.mail")
    name = mail.get_by_text(re.compile(r"Person \d+")).first.inner_text()
    with page.expect_popup() as opened:
        mail.get_by_role("link", name=re.compile("^3")).first.click()
    customer = opened.value
    customer.get_by_role("heading", name="You chose 3.").wait_for()
    customer.get_by_role("button", name="Confirm").click()
    customer.get_by_role("textbox").first.fill(REASON)
    customer.get_by_role("button", name="Send").click()
    customer.get_by_role("heading", name="Thank you for your answer.").wait_for()
    customer.close()
    found = re.search(r"Person \d+", name)
    assert found
    return found.group()


def _hear_of_it_and_call(anna: Visitor, customer: str) -> None:
    """Find the owner's mail within a minute, and say by its link that they were called."""
    page, begun = anna.page, time.monotonic()

    def has_come() -> bool:
        anna.go("/outreach/outbox")
        return bool(page.get_by_role("link", name=f"{customer} gave 3 of 10").count())

    _wait(has_come, seconds=75)
    assert time.monotonic() - begun < 60, "the owner has the mail within a minute"
    _following(anna, "call the first detractor")
    anna.go("/outreach/outbox")
    page.get_by_role("link", name=f"{customer} gave 3 of 10").click()
    mail = page.frame_locator("iframe.mail")
    mail.get_by_text(REASON).first.wait_for()
    with page.expect_popup() as opened:
        mail.get_by_role("link", name="I called").click()
    case = opened.value
    case.get_by_role("button", name="I called").click()
    case.wait_for_selector("text=Thank you for calling")
    case.close()


def _following(anna: Visitor, words: str) -> None:
    """Look at the first steps, which name this one as the next."""
    anna.go("/first-steps")
    assert anna.page.inner_text(".sentence") == f"Next: {words}."


def _opened(page: Any, address: str) -> bool:
    from playwright.sync_api import Error

    try:
        page.goto(address)
    except Error:
        return False
    return True


def _wait(condition: Callable[[], object], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.3)
