"""A person with a file: sign in, bring it in, see the verdicts, read what was answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from promontory.jobs.draining import drain
from promontory.program.organization.access import SYSTEM
from promontory.program.surveys.actions import create_survey
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERS = """id,answered,email,score,comment,region
a1,2026-03-01T10:00:00+01:00,ida@example.org,10,Lovely people,North
a2,2026-03-02T10:00:00+01:00,jon@example.org,9,,South
a3,2026-03-03T10:00:00+01:00,kim@example.org,3,Too slow for us,North
a4,2026-03-04T10:00:00+01:00,lea@example.org,10/10,,North
a5,2026-03-05T10:00:00+01:00,mia@example.org,9.5,,East
a6,2026-03-06T10:00:00+01:00,noa@example.org,0,Never again,East
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS)
    return path


@pytest.fixture
def survey(organization: Any) -> Any:
    return create_survey(name="Relationship", promise="identified", by=SYSTEM, at=timezone.now())


def test_a_file_becomes_responses_that_can_be_read(
    visitor: Visitor, survey: Any, file: Path
) -> None:
    page = visitor.page
    visitor.sign_in("anna@example.org")
    visitor.go("/imports")
    visitor.look()
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Upload and look at it").click()
    page.wait_for_url("**/columns")
    visitor.look()
    page.get_by_label("What is “score”?").select_option("answer:nps")
    page.get_by_role("button", name="Judge every row").click()
    page.wait_for_selector("#progress")
    visitor.look()
    drain(at=timezone.now())
    page.wait_for_selector("#decide")  # the page has fetched itself again
    assert "4 of 6 rows would become responses; 2 are set apart" in page.inner_text(".sentence")
    assert page.locator("code", has_text="10/10").is_visible()
    visitor.look()
    page.get_by_role("button", name="Import 4 responses").click()
    page.wait_for_selector("#progress")
    drain(at=timezone.now())
    page.wait_for_selector("text=4 responses are in; 2 rows were set apart.")
    visitor.look()
    with page.expect_download() as download:
        page.get_by_text("Download the rows set apart").click()
    assert "9.5" in download.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("link", name="Its responses").click()
    page.wait_for_url("**/responses?import=*")
    assert page.locator(".answers > li").count() == 4
    visitor.look()
    page.locator(".answers li", has_text="Too slow").get_by_role("link").click()
    page.wait_for_selector("text=A detractor: 3 of 10.")
    assert page.get_by_text("kim@example.org").is_visible()
    visitor.look()


def test_the_whole_way_goes_by_the_keyboard(visitor: Visitor, survey: Any, file: Path) -> None:
    page, keys = visitor.page, visitor.page.keyboard
    visitor.sign_in("anna@example.org")
    keys.press("g")
    keys.press("i")
    page.wait_for_url("**/imports")
    page.set_input_files("#id_file", file)  # the system's own dialogue cannot be typed into
    visitor.tab_to("form[enctype] button")
    keys.press("Enter")
    page.wait_for_url("**/columns")
    visitor.tab_to(".declare button.primary")
    keys.press("Enter")
    page.wait_for_selector("#progress")
    drain(at=timezone.now())
    page.wait_for_selector("#decide")
    visitor.tab_to("form[action$=commit] button")
    keys.press("Enter")
    page.wait_for_selector("#progress")
    drain(at=timezone.now())
    page.wait_for_selector("text=See the score")
    keys.press("g")
    keys.press("r")
    page.wait_for_url("**/responses")
    keys.press("/")
    keys.type("slow")
    keys.press("Enter")
    page.wait_for_url("**/responses?q=slow*")
    visitor.tab_to(".answers a")
    keys.press("Enter")
    page.wait_for_selector("text=Too slow for us")
    assert page.url.split("/")[-2] == "responses"


def test_a_file_goes_in_without_our_script(
    visitor_without_script: Visitor, survey: Any, file: Path
) -> None:
    page = visitor_without_script.page
    visitor_without_script.sign_in("anna@example.org")
    visitor_without_script.go("/imports")
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Upload and look at it").click()
    page.get_by_role("button", name="Judge every row").click()
    page.wait_for_selector("#progress")
    drain(at=timezone.now())
    page.wait_for_selector("#decide")  # the page names its own refresh where scripts are off
    page.get_by_role("button", name="Import 4 responses").click()
    drain(at=timezone.now())
    page.wait_for_selector("text=4 responses are in")


def test_what_is_missing_is_said_where_it_is_missing(visitor: Visitor, survey: Any) -> None:
    page = visitor.page
    visitor.sign_in("anna@example.org")
    visitor.go("/imports")
    rows = "".join(f"{1 + n % 10}\n" for n in range(600))
    file = {"name": "ten.csv", "mimeType": "text/csv", "buffer": f"score\n{rows}".encode()}
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Upload and look at it").click()
    page.wait_for_url("**/columns")
    page.get_by_role("button", name="Judge every row").click()
    page.wait_for_selector("text=Say which scale was asked.")
    assert page.get_by_text("Say the day, or which column holds the date").is_visible()
    visitor.look()


@pytest.mark.parametrize(
    "path",
    [
        "/imports", "/responses", "/surveys", "/surveys/new", "/settings/", "/settings/people",
        "/settings/keys", "/settings/password", "/settings/audit", "/first-steps",
    ],
)  # fmt: skip
def test_pages_are_sound_before_anything_is_there(visitor: Visitor, path: str) -> None:
    visitor.sign_in("anna@example.org")
    visitor.go(path)
    visitor.look()
