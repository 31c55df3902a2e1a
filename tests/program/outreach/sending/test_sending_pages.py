"""Pages and API of sending: secrets stay secret, looks are recorded, buttons do what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.program.outreach.sending.waves import NOW, a_wave, dispositions, people, start, work

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"


@pytest.fixture
def wave() -> Any:
    return a_wave(people(2), languages=["en", "ar"])


def signed_in(client: Any, role: str = "owner") -> Any:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import add_person

    person, _ = add_person(
        email=f"{role}@example.org", name=role, role=role, password=PASSWORD, by=SYSTEM, at=NOW
    )
    client.force_login(person)
    return client


def test_the_outbox_shows_a_mail_in_a_frame_that_can_do_nothing(client: Any, wave: Any) -> None:
    from promontory.program.organization.models import AuditEntry
    from promontory.program.outreach.models import OutboxMessage

    start(wave)
    work()
    signed_in(client)
    pk = OutboxMessage.objects.order_by("pk")[0].pk
    assert "customer0@example.org" in client.get("/outreach/outbox").content.decode()
    page = client.get(f"/outreach/outbox/{pk}").content.decode()
    assert f'src="/outreach/outbox/{pk}/mail" sandbox=' in page
    mail = client.get(f"/outreach/outbox/{pk}/mail", headers={"Sec-Fetch-Dest": "iframe"})
    assert "sandbox" in mail["Content-Security-Policy"]
    assert "default-src 'none'" in mail["Content-Security-Policy"]
    assert mail["X-Frame-Options"] == "SAMEORIGIN"
    assert "?score=9" in mail.content.decode()
    look = AuditEntry.objects.filter(verb="look", object_type="outreach.outboxmessage")
    assert [entry.object_id for entry in look] == [str(pk)]


@pytest.mark.parametrize("path", ["/outreach/outbox", "/outreach/senders"])
def test_who_may_not_see_people_or_send_is_refused(client: Any, wave: Any, path: str) -> None:
    assert signed_in(client, "executive").get(path).status_code == 403


def test_a_secret_is_never_shown_and_stays_when_left_empty(client: Any, wave: Any) -> None:
    from promontory.program.outreach.models import Sender
    from promontory.program.outreach.queries.senders import opened_settings

    signed_in(client)
    typed = {
        "name": "Ours",
        "address": "Acme <ask@acme.example>",
        "per_second": "10",
        "setting_host": "smtp.acme.example",
        "setting_port": "587",
        "setting_security": "starttls",
        "setting_timeout": "30",
        "setting_password": "the-secret-word",
    }
    assert client.post("/outreach/senders/new/smtp", typed).status_code == 302
    sender = Sender.objects.get()
    assert sender.is_default
    assert b"the-secret-word" not in bytes(sender.settings)
    page = client.get(f"/outreach/senders/{sender.key}").content.decode()
    assert "smtp.acme.example" in page
    assert "the-secret-word" not in page
    told = client.get("/api/v1/senders").content.decode()
    assert "the-secret-word" not in told
    assert json.loads(told)["items"][0]["secrets_set"] == ["password"]
    again = typed | {"setting_password": "", "setting_host": "mx.acme.example"}
    assert client.post(f"/outreach/senders/{sender.key}", again).status_code == 302
    kept = opened_settings(Sender.objects.get())
    assert (kept["host"], kept["password"]) == ("mx.acme.example", "the-secret-word")


def test_a_header_cannot_be_smuggled_into_a_senders_address(client: Any, wave: Any) -> None:
    signed_in(client)
    typed = {
        "name": "Ours",
        "provider": "smtp",
        "address": "ask@acme.example\r\nBcc: all@example.org",
        "settings": {"host": "smtp.acme.example"},
    }
    said = client.post("/api/v1/senders", json.dumps(typed), content_type="application/json")
    assert said.status_code in {403, 422}


def test_a_wave_is_read_started_paused_and_gone_on_with(client: Any, wave: Any) -> None:
    signed_in(client)
    page = client.get(f"/outreach/waves/{wave.pk}/sending").content.decode()
    assert "How likely is it that you would recommend Acme" in page
    assert "It takes 1 segment (GSM-7" in page
    assert 'dir="rtl"' in page
    wrong = client.post(f"/outreach/waves/{wave.pk}/sending/start", {"ends_at": "2020-01-01T00:00"})
    assert wrong.status_code == 422
    assert client.post(f"/outreach/waves/{wave.pk}/sending/start").status_code == 302
    for do, state in (("pause", "paused"), ("resume", "sending"), ("cancel", "cancelled")):
        assert (
            client.post(f"/outreach/waves/{wave.pk}/sending/decide", {"do": do}).status_code == 302
        )
        wave.refresh_from_db()
        assert wave.state == state
    part = client.get(f"/outreach/waves/{wave.pk}/sending", headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div id="sending-part"')


def test_the_api_starts_a_wave_and_says_how_far_it_is(client: Any, wave: Any) -> None:
    from promontory.program.organization.access import Can
    from promontory.program.organization.actions import make_key
    from promontory.program.organization.queries import viewer_of

    signed_in(client, "administrator")
    from promontory.program.organization.models import User

    owner = viewer_of(User.objects.get())
    _, key = make_key(name="k", scopes=[Can.SEND, Can.SEE_SCORES], by=owner, at=NOW)
    client.logout()
    bearer = {"Authorization": f"Bearer {key}"}
    at = f"/api/v1/waves/{wave.pk}"
    begun = client.post(f"{at}/start", "{}", content_type="application/json", headers=bearer)
    assert begun.json()["state"] == "sending"
    again = client.post(f"{at}/start", "{}", content_type="application/json", headers=bearer)
    assert again.status_code == 409
    from promontory.program.outreach.actions import sending_run

    wave.invitations.update(due_at=NOW)
    sending_run.send_lane(wave.pk, clock=lambda: NOW, nap=lambda seconds: None)
    told = client.get(f"{at}/sending", headers=bearer).json()
    assert told["dispositions"] == {"sent": 2}
    assert dispositions(wave) == {"SENT": 2}
    rows = client.get(f"{at}/deliveries", headers=bearer).json()["items"]
    assert [row["address"] for row in rows] == [None, None]
    assert client.get("/api/v1/outbox", headers=bearer).status_code == 403
