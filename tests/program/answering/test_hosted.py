"""The page of an invitation, as a browser without a script goes through it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.program.answering.conftest import Invited, invite, make_survey


def hidden(page: Any) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    text = page.content.decode()
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text))


def the_response() -> Any:
    from promontory.program.responses.models import Response

    return Response.objects.get()


def answers_of(response: Any) -> dict[str, int]:
    return dict(response.answers.values_list("question__key", "value"))


def test_an_answer_goes_from_page_to_page_and_counts(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    first = client.get(invited.link)
    assert first.status_code == 200
    assert first.content.count(b'type="radio"') == 11
    assert b"checked" not in first.content
    second = client.post(invited.link, {**hidden(first), "q-recommend": "9"})
    assert second.status_code == 200
    assert b"<textarea" in second.content
    done = client.post(invited.link, {**hidden(second), "q-reason": "Quick & kind"})
    assert (done.status_code, done["Location"]) == (303, f"{invited.link}/thanks?lang=en")
    assert b"Thank you for your answer." in client.get(done["Location"]).content
    assert settled() == 3
    response = the_response()
    assert answers_of(response) == {"recommend": 9}
    assert response.verbatim.text == "Quick & kind"
    assert (response.is_partial, response.weight) == (False, 2_500_000)
    assert response.invitation_id == invited.invitation.pk
    assert response.contact_id == invited.contact.pk
    assert invited.disposition.name == "ANSWERED"
    changes = invited.invitation.changes.order_by("id").values_list("now", flat=True)
    assert list(changes) == [34, 51, 50]


def test_a_score_alone_is_kept_as_a_partial_answer(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    client.post(invited.link, {"q-recommend": "3", "page": "0"})
    settled()
    assert the_response().is_partial
    assert answers_of(the_response()) == {"recommend": 3}
    assert invited.disposition.name == "PARTIAL"


@pytest.mark.parametrize("said", ["11", "-1", "abc", "9.5", "", "1e1", " "])
def test_what_is_not_on_the_scale_is_refused_in_words_and_never_counted(
    client: Client, invited: Invited, settled: Callable[[], int], said: str
) -> None:
    page = client.post(invited.link, {"q-recommend": said, "page": "0"})
    assert page.status_code == 422
    assert b"Please choose a number from 0 to 10." in page.content
    assert b'aria-invalid="true"' in page.content
    assert b'href="#q-recommend-0"' in page.content
    settled()
    from promontory.program.responses.models import Response

    assert not Response.objects.exists()


def test_what_was_written_stays_when_something_else_is_wrong(
    client: Client, invited: Invited
) -> None:
    page = client.post(invited.link, {"q-recommend": "11", "q-reason": "<b>why</b>", "page": "1"})
    assert page.status_code == 422
    assert b"&lt;b&gt;why&lt;/b&gt;" in page.content
    assert b"<b>why" not in page.content


def test_a_clicked_score_is_no_answer_until_it_is_confirmed(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.responses.models import Response

    page = client.get(f"{invited.link}?score=9")
    assert b"You chose 9." in page.content
    assert b"<script" not in page.content
    settled()
    assert not Response.objects.exists()
    assert (invited.disposition.name, invited.invitation.score_clicked) == ("CLICKED", 9)
    client.post(invited.link, {**hidden(page), "q-recommend": "9"})
    settled()
    assert answers_of(the_response()) == {"recommend": 9}
    assert invited.disposition.name == "PARTIAL"


def test_another_score_is_one_tap_away(client: Client, invited: Invited) -> None:
    page = client.get(f"{invited.link}?score=9").content.decode()
    assert sorted(map(int, re.findall(r'<button[^>]* value="(\d+)"', page))) == list(range(11))


def test_looking_ahead_records_nothing(client: Client, invited: Invited) -> None:
    from promontory.program.answering.models import Intake

    client.head(f"{invited.link}?score=9")
    client.get(f"{invited.link}?score=9", headers={"Sec-Purpose": "prefetch"})
    assert not Intake.objects.exists()


def test_an_answer_may_be_changed_and_the_ledger_keeps_both(
    client: Client, invited: Invited, settled: Callable[[], int]
) -> None:
    from promontory.program.ledger.models import Entry
    from promontory.program.ledger.verify import verify

    client.post(invited.link, {"q-recommend": "9", "page": "1"})
    settled()
    page = client.get(invited.link)
    assert b"You may change your answer." in page.content
    form = client.get(f"{invited.link}?change=1")
    assert b"checked" not in form.content
    client.post(invited.link, {**hidden(form), "q-recommend": "4"})
    # Ten seconds later: sooner, from another page, it would look like a machine.
    from promontory.program.answering.models import Trace

    Trace.objects.all().delete()
    settled()
    assert answers_of(the_response()) == {"recommend": 4}
    kinds = Entry.objects.filter(subject=the_response().pk).order_by("id")
    assert list(kinds.values_list("kind", "by")) == [(1, "respondent"), (2, "respondent")]
    assert invited.disposition.name == "ANSWERED"
    assert verify().is_sound


def test_pages_say_what_is_wrong_with_a_link(client: Client, survey: Any) -> None:
    from datetime import UTC, datetime

    expired = invite(survey, email="b@example.org", closes_at=datetime(2026, 5, 5, tzinfo=UTC))
    closed = invite(survey, email="c@example.org", state="closed")
    assert client.get("/r/nonsense").status_code == 404
    assert b"does not lead to a survey" in client.get("/r/nonsense").content
    assert client.get(expired.link).status_code == 410
    assert b"This link has expired." in client.get(expired.link).content
    said = client.post(closed.link, {"q-recommend": "9", "page": "0"})
    assert said.status_code == 410
    assert b"This survey is closed." in said.content
    from promontory.program.answering.models import Intake

    assert not Intake.objects.exists()


def test_a_forged_token_opens_nothing(client: Client, invited: Invited) -> None:
    for token in (invited.token[:-1] + "A", invited.token + "A", "A" * 20, "..", "é", "0"):
        if token != invited.token:
            assert client.get(f"/r/{token}").status_code == 404


def test_a_form_of_another_site_is_refused(client: Client, invited: Invited) -> None:
    from promontory.program.answering.models import Intake

    said = client.post(
        invited.link,
        {"q-recommend": "9", "page": "0"},
        headers={"Origin": "https://evil.example"},
    )
    assert said.status_code == 403
    assert not Intake.objects.exists()


def test_an_anonymous_answer_leads_to_nobody(client: Client, settled: Callable[..., int]) -> None:
    from promontory.program.ledger.models import Entry

    invited = invite(make_survey(promise="anonymous"))
    page = client.get(invited.link)
    assert b"Nobody can see who answered" in page.content
    client.post(invited.link, {**hidden(page), "q-recommend": "2", "page": "1"})
    settled(minutes=11)
    response = the_response()
    assert (response.invitation_id, response.contact_id, response.vendor_id) == (None, None, "")
    assert (response.answered_at.hour, response.answered_at.minute) == (0, 0)
    entry = Entry.objects.get(kind=1)
    assert (entry.at.hour, entry.at.minute, entry.at.second) == (0, 0, 0)
    assert invited.disposition.name == "ANSWERED"


def test_a_second_anonymous_answer_by_one_link_does_not_count(
    client: Client, settled: Callable[..., int]
) -> None:
    from promontory.program.responses.models import Response

    invited = invite(make_survey(promise="anonymous"))
    for score in ("2", "2"):
        client.post(invited.link, {"q-recommend": score, "page": "1"})
    settled(minutes=11)
    assert sorted(Response.objects.values_list("mask", flat=True)) == [0, 4]


def test_a_test_wave_says_so_and_does_not_count(
    client: Client, survey: Any, settled: Callable[[], int]
) -> None:
    invited = invite(survey, is_test=True)
    page = client.get(invited.link)
    assert b"Test: this answer does not count." in page.content
    client.post(invited.link, {**hidden(page), "q-recommend": "9"})
    settled()
    assert the_response().mask == 1
