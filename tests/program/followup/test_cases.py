"""From a low score to “I called”: the case, the mail, the link, the notes, erasure."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from promontory.jobs.draining import drain
from promontory.jobs.models import Job
from promontory.program.customers.actions import resolve_contact
from promontory.program.events import emit
from promontory.program.followup import actions, queries, rules, views
from promontory.program.followup.models import Case, Note
from promontory.program.followup.rules import owes_call, waited
from promontory.program.ledger import actions as ledger
from promontory.program.organization.access import SYSTEM, Can
from promontory.program.organization.models import AuditEntry
from promontory.program.outreach.models import OutboxMessage
from promontory.program.outreach.queries.outbox import opened
from promontory.program.responses.actions import NewResponse, record
from promontory.program.responses.events import ResponseRecorded
from promontory.program.responses.models import Response
from promontory.program.surveys.actions import create_survey
from promontory.program.surveys.models import Survey

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
WORDS = "long enough to sign in"


@pytest.fixture
def owner(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    from promontory.program.organization.actions import begin

    monkeypatch.setattr(views, "now", lambda: AT + timedelta(hours=1))
    return begin(
        organization="Test",
        zone="UTC",
        name="Olga",
        email="olga@example.org",
        password=WORDS,
        by=SYSTEM,
        at=AT,
    )


def survey_of(owner: Any, promise: str = "identified") -> Survey:
    return create_survey(name="After support", promise=promise, owner=owner, by=SYSTEM, at=AT)


def answered(survey: Survey, score: int, *, comment: str = "", person: str = "ann") -> Response:
    contact = resolve_contact(
        email=f"{person}@example.com", name="Ann <b>Other</b>", phone="+4930123456", at=AT
    )
    new = NewResponse(
        survey=survey,
        answers={"nps": score},
        answered_at=AT,
        given_id=f"{person}-{score}",
        contact=contact,
        comment=comment,
    )
    return record(new, by=SYSTEM, at=AT)


def told(response: Response, score: int, **more: Any) -> ResponseRecorded:
    return ResponseRecorded(
        **{
            "response": response.pk,
            "survey": response.survey_id,
            "metric": "nps",
            "score": score,
            "is_test": False,
            "is_partial": False,
            **more,
        }
    )


@pytest.mark.parametrize("score", range(11))
def test_detractors_and_nobody_else_are_owed_a_call(score: int) -> None:
    assert owes_call("nps", score, is_test=False) == (score <= 6)
    assert not owes_call("nps", score, is_test=True)
    assert not owes_call("csat", score, is_test=False)


def test_an_unanswered_question_owes_no_call() -> None:
    assert not owes_call("nps", None, is_test=False)


def test_waiting_is_said_in_words() -> None:
    said = [waited(s) for s in (3, 61, 7_200, 86_400, 200_000)]
    assert said == ["a moment", "1 minute", "2 hours", "1 day", "2 days"]


def test_a_low_score_mails_its_owner_what_was_said_and_who_to_call(owner: Any) -> None:
    response = answered(survey_of(owner), 3, comment="Nobody answers <script>")
    emit(told(response, 3), at=AT)
    drain(at=AT)
    case = Case.objects.get(response=response)
    assert (case.owner, case.score, case.mailed_at is not None) == (owner, 3, True)
    [row] = OutboxMessage.objects.filter(staff=owner)
    mail = opened(row.pk).said
    text, html = mail["text"], mail["html"]
    assert "gave 3 of 10" in mail["subject"]
    assert "Nobody answers <script>" in text
    assert "<script>" not in html
    assert "+4930123456" in text
    assert f"{settings.PUBLIC_URL}/c/{queries.token_of(case)}" in text


def test_told_twice_there_is_one_case_and_one_mail(owner: Any) -> None:
    response = answered(survey_of(owner), 0)
    for _ in range(3):
        emit(told(response, 0), at=AT)
    drain(at=AT)
    assert Case.objects.count() == 1
    assert OutboxMessage.objects.filter(staff=owner).count() == 1


def test_what_was_rolled_back_is_not_followed_up(owner: Any) -> None:
    from django.db import transaction

    response = answered(survey_of(owner), 0)
    before = Job.objects.count()
    with transaction.atomic():
        emit(told(response, 0), at=AT)
        transaction.set_rollback(True)
    assert Job.objects.count() == before


@pytest.mark.parametrize("promise", ["confidential", "anonymous"])
def test_a_promise_of_confidence_opens_no_case(owner: Any, promise: str) -> None:
    response = answered(survey_of(owner, promise), 0)
    emit(told(response, 0), at=AT)
    drain(at=AT)
    assert not Case.objects.exists()


def test_a_score_that_is_still_being_explained_waits_a_little_for_the_words(owner: Any) -> None:
    response = answered(survey_of(owner), 2)
    Job.objects.all().delete()  # recorded as a whole; here it comes in two parts
    emit(told(response, 2, is_partial=True), at=AT)
    drain(at=AT)
    assert Case.objects.get().mailed_at is None
    drain(at=AT + timedelta(seconds=31))
    assert Case.objects.get().mailed_at is not None


def case_of(owner: Any, score: int = 3) -> Case:
    response = answered(survey_of(owner), score)
    case = actions.open_case(response.pk, score=score, at=AT)
    assert case is not None
    return case


def test_the_mailed_link_calls_on_a_post_alone(owner: Any) -> None:
    case, client = case_of(owner), Client()
    address = f"/c/{queries.token_of(case)}"
    assert client.get(address).status_code == 200
    client.head(address)
    case.refresh_from_db()
    assert case.called_at is None
    page = client.post(address, {"note": "She stays."})
    assert "Thank you for calling" in page.content.decode()
    case.refresh_from_db()
    assert case.called_by == f"user:{owner.pk}"
    assert [note.text for note in queries.notes(case)] == ["She stays."]


def test_the_mailed_link_expires(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    case, client = case_of(owner), Client()
    address = f"/c/{queries.token_of(case)}"
    expires = AT + timedelta(days=rules.LINK_DAYS)
    monkeypatch.setattr(views, "now", lambda: expires)
    for page in (client.get(address), client.post(address, {"note": "Too late."})):
        assert page.status_code == 410
        said = page.content.decode()
        assert "This link has expired." in said
        assert case.response.survey.name not in said
    case.refresh_from_db()
    assert case.called_at is None
    assert not queries.notes(case)
    monkeypatch.setattr(views, "now", lambda: expires - timedelta(seconds=1))
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("token", ["x", "AAAAAAAAAAAAAAAA", "ÄÖ", "a" * 300])
def test_a_forged_link_leads_nowhere(db: None, token: str) -> None:
    assert Client().get(f"/c/{token}").status_code == 404
    assert Client().post(f"/c/{token}").status_code == 404


def test_an_invitations_token_calls_nobody(owner: Any) -> None:
    from promontory.program.outreach import tokens

    case = case_of(owner)
    forged = tokens.make(case.pk, settings.TOKEN_KEY)
    assert Client().post(f"/c/{forged}").status_code == 404


def test_said_twice_the_first_call_stands(owner: Any) -> None:
    case = case_of(owner)
    first = actions.record_call(case, by=SYSTEM, at=AT + timedelta(hours=2))
    again = actions.record_call(case, by=SYSTEM, at=AT + timedelta(hours=5))
    assert again.called_at == first.called_at
    assert AuditEntry.objects.filter(verb="call").count() == 1


def test_a_note_is_encrypted_and_goes_with_its_person(owner: Any) -> None:
    case = case_of(owner)
    actions.add_note(case, text="Lives at 12 Elm Street", by=SYSTEM, at=AT)
    assert b"Elm" not in bytes(Note.objects.get().sealed)
    contact = case.response.contact
    assert contact is not None
    ledger.erase(contact.person_id, by="user:1", at=AT)
    assert not Note.objects.exists()


def test_the_pages_show_my_cases_and_take_a_call(owner: Any) -> None:
    case, client = case_of(owner), Client()
    client.force_login(owner)
    page = client.get("/cases").content.decode()
    assert "1 customer waits for your call." in " ".join(page.split())
    page = client.get(f"/cases/{case.pk}").content.decode()
    assert "Ann &lt;b&gt;Other" in page
    client.post(f"/cases/{case.pk}", {"do": "called", "note": "Fine now."})
    assert "Fine now." in client.get(f"/cases/{case.pk}").content.decode()
    assert "Nobody waits for a call." in client.get("/cases").content.decode()


def test_an_empty_list_says_what_to_do_next(owner: Any) -> None:
    client = Client()
    client.force_login(owner)
    assert "No low score yet" in client.get("/cases").content.decode()


def test_a_role_without_follow_up_is_refused(owner: Any) -> None:
    from promontory.program.organization.actions import add_person

    case = case_of(owner)
    reader, _ = add_person(
        name="R", email="r@example.org", role="analyst", password=WORDS, by=SYSTEM, at=AT
    )
    client = Client()
    client.force_login(reader)
    assert client.get("/cases").status_code == 403
    assert client.get(f"/cases/{case.pk}").status_code == 403
    assert client.post(f"/cases/{case.pk}", {"do": "called"}).status_code == 403


def test_a_case_is_handed_to_somebody_who_is_told(owner: Any) -> None:
    from promontory.program.organization.actions import add_person

    case = case_of(owner)
    frank, _ = add_person(
        name="Frank", email="f@example.org", role="frontline", password=WORDS, by=SYSTEM, at=AT
    )
    actions.give_case(case, to=frank.pk, by=SYSTEM, at=AT)
    drain(at=AT)
    case.refresh_from_db()
    assert case.owner == frank
    assert OutboxMessage.objects.filter(staff=frank).exists()


def test_programs_list_call_and_note(owner: Any) -> None:
    from promontory.program.organization.actions import make_key
    from promontory.program.organization.queries import viewer_of

    case = case_of(owner)
    scopes = [Can.SEE_ANSWERS, Can.FOLLOW_UP]
    _, key = make_key(name="k", scopes=scopes, by=viewer_of(owner), at=AT)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    listed = client.get("/api/v1/cases").json()
    assert [item["id"] for item in listed["items"]] == [case.pk]
    said = client.post(
        f"/api/v1/cases/{case.pk}/call",
        json.dumps({"note": "ok"}),
        content_type="application/json",
    )
    assert said.status_code == 200
    assert said.json()["notes"][0]["text"] == "ok"
    assert client.get("/api/v1/cases").json()["items"] == []


def test_the_mail_about_a_customer_goes_with_them(owner: Any) -> None:
    case = case_of(owner)
    drain(at=AT)
    [row] = OutboxMessage.objects.filter(staff=owner)
    assert "+4930123456" in opened(row.pk).said["text"]
    contact = case.response.contact
    assert contact is not None
    ledger.erase(contact.person_id, by="user:1", at=AT)
    assert not OutboxMessage.objects.filter(staff=owner).exists()


def test_the_link_of_who_had_the_case_before_calls_in_nobodys_name(owner: Any) -> None:
    from promontory.program.organization.actions import add_person

    case = case_of(owner)
    mailed = queries.token_of(case)
    frank, _ = add_person(
        name="Frank", email="f@example.org", role="frontline", password=WORDS, by=SYSTEM, at=AT
    )
    actions.give_case(case, to=frank.pk, by=SYSTEM, at=AT)
    assert Client().post(f"/c/{mailed}").status_code == 404
    case.refresh_from_db()
    assert case.called_at is None
    assert Client().post(f"/c/{queries.token_of(case)}", {"note": ""}).status_code == 200
    case.refresh_from_db()
    assert case.called_by == f"user:{frank.pk}"
