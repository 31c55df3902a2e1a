"""What the widget and native apps say to us, and what we answer."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.program.answering.conftest import NOW, invite, make_survey
from tests.program.answering.test_hosted import answers_of, the_response

ORIGIN = "https://app.example"


@pytest.fixture
def site(survey: Any) -> Any:
    from promontory.program.answering.actions.sites import make_site
    from promontory.program.organization.access import SYSTEM

    made, secret = make_site(
        name="App", origins=[ORIGIN + "/"], needs_signature=True, by=SYSTEM, at=NOW
    )
    made.plain_secret = secret
    return made


def signed(site: Any, customer: str) -> dict[str, str]:
    mark = hmac.new(site.plain_secret.encode(), customer.encode(), "sha256").hexdigest()
    return {"site": site.key, "customer": customer, "signature": mark}


def call(client: Client, what: str, words: dict[str, Any], **headers: str) -> Any:
    given = {"Origin": ORIGIN, **headers}
    return client.post(f"/w/v1/{what}", json.dumps(words), content_type="text/plain", headers=given)


def asked(client: Client, site: Any, customer: str = "c-1", **more: Any) -> dict[str, Any]:
    said = call(client, "ask", {**signed(site, customer), **more})
    assert said.status_code == 200, said.content
    return dict(said.json())


def test_a_customer_is_asked_answers_and_rests(
    client: Client, site: Any, settled: Callable[[], int]
) -> None:
    reply = asked(client, site, language="de-AT")
    ask = reply["ask"]
    assert next((q["key"], q["kind"], q["low"], q["high"]) for q in ask["questions"]) == (
        "recommend", "scale", 0, 10,
    )  # fmt: skip
    assert ask["dir"] == "ltr"
    word = {"site": site.key, "token": ask["token"]}
    assert call(client, "shown", word).json() == {}
    first = {**word, "answers": {"recommend": 4}, "complete": False, "id": "a" * 32}
    assert call(client, "answer", first).json() == {"kept": True}
    both = {**word, "answers": {"recommend": 4, "reason": "slow"}, "complete": True, "id": "b" * 32}
    for _ in range(2):
        assert call(client, "answer", both).json() == {"kept": True}
    settled()
    response = the_response()
    assert (answers_of(response), response.verbatim.text) == ({"recommend": 4}, "slow")
    assert (response.is_partial, response.channel) == (False, 4)
    from promontory.program.outreach.codes import Disposition

    assert response.invitation.disposition == Disposition.ANSWERED


def test_a_forged_customer_is_refused(client: Client, site: Any) -> None:
    words = {**signed(site, "c-1"), "customer": "c-2"}
    said = call(client, "ask", words)
    assert (said.status_code, said.json()["error"]["code"]) == (403, "not-allowed")
    unsigned = call(client, "ask", {"site": site.key, "customer": "c-1"})
    assert unsigned.status_code == 403
    from promontory.program.customers.models import Contact

    assert not Contact.objects.exists()


def test_only_the_sites_own_origins_may_ask(client: Client, site: Any) -> None:
    said = call(client, "ask", signed(site, "c-1"), Origin="https://evil.example")
    assert said.status_code == 403
    assert "Access-Control-Allow-Origin" not in said
    assert asked(client, site)["ask"]
    good = client.options("/w/v1/ask", headers={"Origin": ORIGIN})
    assert (good.status_code, good["Access-Control-Allow-Origin"]) == (204, ORIGIN)
    bad = client.options("/w/v1/ask", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in bad


@pytest.mark.parametrize(
    "answers",
    [{"recommend": 11}, {"recommend": -1}, {"recommend": "abc"}, {"recommend": True},
     {"recommend": 9.5}, {"nothing": 1}, [], "9", None, {"recommend": [9]}],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_not_kept(client: Client, site: Any, answers: Any) -> None:
    from promontory.program.answering.models import Intake

    token = asked(client, site)["ask"]["token"]
    words = {"site": site.key, "token": token, "answers": answers, "id": "a" * 32}
    said = call(client, "answer", words)
    assert said.status_code == 422
    assert said.json()["error"]["message"]
    assert not Intake.objects.exists()


def test_forged_tokens_and_broken_bodies_are_refused(client: Client, site: Any) -> None:
    said = call(client, "answer", {"site": site.key, "token": "AAAA", "answers": {}, "id": "a" * 9})
    assert said.status_code == 404
    for body in ("", "[]", "{", "null", '"x"', "[" * 100_000):
        reply = client.post("/w/v1/ask", body, content_type="application/json")
        assert reply.status_code == 422
    assert client.get("/w/v1/ask").status_code == 403
    assert call(client, "ask", {"site": "nowhere"}).status_code == 404


def test_dismissing_is_a_refusal_and_rests_by_its_own_clock(
    client: Client, site: Any, settled: Callable[[], int]
) -> None:
    from promontory.program.outreach.codes import Disposition
    from promontory.program.outreach.models import Clock, Invitation

    token = asked(client, site)["ask"]["token"]
    call(client, "dismiss", {"site": site.key, "token": token})
    settled()
    assert Invitation.objects.get().disposition == Disposition.REFUSED
    assert Clock.objects.get().dismissed_at is not None


def test_an_anonymous_answer_in_two_parts_is_one_and_leads_to_nobody(
    client: Client, site: Any, survey: Any, settled: Callable[..., int]
) -> None:
    survey.closed_at = NOW
    survey.save()
    make_survey(name="Quiet", promise="anonymous")
    token = asked(client, site)["ask"]["token"]
    word = {"site": site.key, "token": token}
    call(client, "answer", {**word, "answers": {"recommend": 4}, "complete": False, "id": "a" * 32})
    both = {"recommend": 4, "reason": "slow"}
    call(client, "answer", {**word, "answers": both, "complete": True, "id": "b" * 32})
    settled(minutes=11)
    response = the_response()
    assert (response.contact_id, response.invitation_id, response.mask) == (None, None, 0)


def test_the_script_is_served_to_other_sites(client: Client) -> None:
    script = client.get("/w/promontory.js")
    assert script["Access-Control-Allow-Origin"] == "*"
    assert script["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = client.get("/w/promontory.js", headers={"If-None-Match": script["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_without_a_signature_nobody_learns_who_is_a_customer(client: Client, site: Any) -> None:
    from promontory.program.customers.actions import resolve_contact
    from promontory.program.customers.codes import Way
    from promontory.program.customers.models import Contact
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions import clocks_touched
    from promontory.program.outreach.models import TouchpointEvent
    from promontory.program.surveys.actions import add_touchpoint, create_journey

    site.needs_signature = False
    site.save()
    closed = resolve_contact(email="closed@example.org", at=NOW)
    Contact.objects.filter(pk=closed.pk).update(closed=sum(Way))
    rested = resolve_contact(email="rested@example.org", at=NOW)
    word = {"site": site.key}
    clocks_touched([rested.pk], invited=timezone.now())
    for email in ("closed@example.org", "nobody@example.org", "rested@example.org", ""):
        said = call(client, "ask", {**word, "email": email}).json()
        assert said == {"ask": None, "why": "not_now"}, email
    unknown = {**word, "touchpoint": "none", "id": "e-1"}
    for email in ("nobody@example.org", "rested@example.org"):
        assert call(client, "event", {**unknown, "email": email}).status_code == 404
    journey = create_journey(name="Buying", by=SYSTEM, at=NOW)
    point = add_touchpoint(journey, name="Support", by=SYSTEM, at=NOW)
    told = {**word, "email": "nobody@example.org", "touchpoint": point.key, "id": "e-1"}
    assert call(client, "event", told).json() == {"kept": True}
    assert not TouchpointEvent.objects.exists()


@pytest.mark.parametrize("what", ["shown", "answer", "dismiss"])
def test_a_token_is_good_until_it_expires(
    client: Client, site: Any, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from promontory.program.answering.models import Intake
    from promontory.program.answering.views import widget

    ask = asked(client, site)["ask"]
    word = {"site": site.key, "token": ask["token"], "answers": {"recommend": 9}, "id": "a" * 8}
    expires = datetime.fromisoformat(ask["expires"])
    monkeypatch.setattr(widget, "now", lambda: expires)
    late = call(client, what, word)
    assert (late.status_code, late.json()["error"]["code"]) == (410, "expired")
    assert not Intake.objects.exists()
    monkeypatch.setattr(widget, "now", lambda: expires - timedelta(seconds=1))
    assert call(client, what, word).status_code == 200


def test_the_token_of_an_app_opens_no_page_and_that_of_a_page_no_app(
    client: Client, site: Any, survey: Any
) -> None:
    token = asked(client, site)["ask"]["token"].partition("~")[0]
    for page in ("r", "p", "u"):
        assert client.get(f"/{page}/{token}").status_code == 404, page
    mailed = invite(survey, email="m@example.org").token
    answer = {"site": site.key, "token": mailed, "answers": {"recommend": 9}, "id": "a" * 8}
    assert call(client, "answer", answer).status_code == 404
