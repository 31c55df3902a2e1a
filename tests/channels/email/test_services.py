"""Every mail service by one adapter: what it is sent, what it reports, and who may report it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from promontory.channels.contract import Callback, Fault, Forged, NotSent, State
from promontory.channels.email.services import SERVICES
from promontory.channels.providers import build
from promontory.errors import BadInput
from tests.channels.email.conftest import message
from tests.channels.email.service_samples import (
    SAMPLES,
    TO,
    Sample,
    basic,
    secret_of,
)
from tests.http.conftest import Outside, hang_up

NAMES = list(SAMPLES)


def service(name: str, api_url: str = "http://127.0.0.1:1/", **more: str) -> Any:
    values = {"api_key": "key", "webhook_secret": secret_of(name), "api_url": api_url}
    return build(name, {**values, **SAMPLES[name].more, **more})


def test_every_service_is_held_to_its_samples() -> None:
    assert set(SERVICES) - set(SAMPLES) == {"scaleway"}  # which calls nobody back


def answer(sample: Sample) -> Any:
    body = sample.accepted if isinstance(sample.accepted, bytes) else json.dumps(sample.accepted)
    raw = body if isinstance(body, bytes) else body.encode()
    named = {name.replace("-", "_"): value for name, value in sample.headers.items()}
    return lambda h: h.reply(sample.status, raw, **named)


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_goes_out_with_our_reference_and_the_way_to_unsubscribe(
    name: str, outside: Outside
) -> None:
    outside.says(answer(SAMPLES[name]))
    unsubscribe = "<https://ask.acme.example/u/tok>"
    with service(name, outside.url("/")) as provider:
        receipt = provider.send(
            message(html="<p>Hi</p>", headers={"List-Unsubscribe": unsubscribe})
        )

    assert receipt.provider_id
    (_, _, sent), *_ = outside.seen
    wire = sent.decode()
    assert "amal@example.org" in wire.replace("%40", "@")
    assert "How did we do?" in wire or "How+did+we+do%3F" in wire
    assert "ask.acme.example/u/tok" in wire.replace("%3A", ":").replace("%2F", "/")
    assert ("ref-1" in wire) == provider.carries_reference


def failed(name: str, outside: Outside) -> NotSent:
    with service(name, outside.url("/")) as provider, pytest.raises(NotSent) as caught:
        provider.send(message())
    assert len(outside.seen) == 1
    return caught.value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("status", "permanent", "ambiguous", "fault"),
    [
        (401, True, False, Fault.SERVICE),
        (429, False, False, Fault.SERVICE),
        (500, False, True, Fault.SERVICE),
        (503, False, False, Fault.SERVICE),
    ],
)
def test_what_the_api_refuses(
    name: str, status: int, permanent: bool, ambiguous: bool, fault: Fault, outside: Outside
) -> None:
    outside.says(lambda h: h.reply(status, b'{"message": "no"}', Retry_After="7"))
    said = failed(name, outside)
    assert (said.permanent, said.ambiguous, said.fault) == (permanent, ambiguous, fault)
    assert said.retry_after == (None if permanent else 7.0)


@pytest.mark.parametrize("name", NAMES)
def test_a_refused_mail_condemns_no_other(name: str, outside: Outside) -> None:
    outside.says(lambda h: h.reply(400, b'{"message": "bad subject"}'))
    said = failed(name, outside)
    assert said.permanent
    assert said.fault != Fault.SERVICE


def test_a_connection_broken_off_is_ambiguous(outside: Outside) -> None:
    outside.says(hang_up)
    assert failed("postmark", outside).ambiguous


@pytest.mark.parametrize("name", [name for name in NAMES if SAMPLES[name].accepted])
def test_an_answer_of_another_shape_is_never_taken_for_sent(name: str, outside: Outside) -> None:
    outside.says(lambda h: h.reply(200, b'"what?"', Content_Type="application/json"))
    with service(name, outside.url("/")) as provider:
        try:
            assert provider.send(message()).provider_id == ""
        except NotSent as said:
            assert said.ambiguous


def test_nobody_there_is_passing() -> None:
    with service("postmark") as provider, pytest.raises(NotSent) as caught:
        provider.send(message())
    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)


def test_a_redirect_is_not_followed(outside: Outside) -> None:
    outside.says(lambda h: h.reply(307, Location=outside.url("/elsewhere")))
    with service("postmark", outside.url("/")) as provider, pytest.raises(NotSent) as caught:
        provider.send(message())
    assert caught.value.permanent
    assert len(outside.seen) == 1


def test_an_address_the_service_rejects_is_the_recipients(outside: Outside) -> None:
    body = json.dumps([{"email": TO, "status": "rejected", "_id": "x", "reject_reason": "spam"}])
    outside.says(lambda h: h.reply(200, body.encode()))
    said = failed("mandrill", outside)
    assert (said.permanent, said.fault) == (True, Fault.RECIPIENT)


@pytest.mark.parametrize("name", NAMES)
def test_a_bounce_for_good(name: str) -> None:
    provider, callback = service(name), SAMPLES[name].signed(SAMPLES[name].bounce)
    provider.verify(callback)
    (update,) = provider.statuses(callback)
    assert (update.state, update.permanent, update.address) == (State.BOUNCED, True, TO)
    assert update.reference == ("ref-1" if provider.carries_reference else "")
    assert update.provider_id
    assert update.at.isoformat() == "2026-05-04T09:30:00+00:00" or update.at.timestamp() % 1 == 0.5
    assert provider.inbound(callback) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_bounce_that_may_pass_condemns_nobody(name: str) -> None:
    provider, callback = service(name), SAMPLES[name].signed(SAMPLES[name].soft)
    provider.verify(callback)
    (update,) = provider.statuses(callback)
    assert update.state in {State.BOUNCED, State.DEFERRED}
    assert not update.permanent


def tampered(callback: Callback) -> Callback:
    return replace(callback, body=callback.body.replace(b"amal", b"evil"))


def unsigned(callback: Callback) -> Callback:
    return replace(callback, headers={"content-type": callback.header("content-type")})


SIGNED = [name for name in NAMES if SAMPLES[name].signed is not basic and name != "sparkpost"]


@pytest.mark.parametrize("name", [name for name in SIGNED if name != "mailgun"])
def test_a_changed_report_is_refused(name: str) -> None:
    """Mailgun signs a token and a time, not the report itself."""
    with pytest.raises(Forged):
        service(name).verify(tampered(SAMPLES[name].signed(SAMPLES[name].bounce)))


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in {"mailgun", "unisender_go"}]
)
def test_an_unsigned_report_is_refused(name: str) -> None:
    """The signatures of Mailgun and Unisender Go are in the body."""
    with pytest.raises(Forged):
        service(name).verify(unsigned(SAMPLES[name].signed(SAMPLES[name].bounce)))


def test_a_wrong_mailgun_signature_is_refused() -> None:
    callback = SAMPLES["mailgun"].signed(SAMPLES["mailgun"].bounce)
    with pytest.raises(Forged):
        service("mailgun").verify(replace(callback, body=callback.body.replace(b"tok", b"kot")))


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_password_is_refused(name: str) -> None:
    with pytest.raises(Forged):
        service(name).verify(basic(SAMPLES[name].bounce, password="hook:guessed"))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "unisender_go"])
def test_without_a_secret_no_report_is_believed(name: str) -> None:
    with pytest.raises(Forged, match=r"no webhook secret|not come from"):
        service(name, webhook_secret="").verify(SAMPLES[name].signed(SAMPLES[name].bounce))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"event": 3}', b"\xff"])
def test_rubbish_is_refused_or_says_nothing(name: str, body: bytes) -> None:
    callback = basic({})
    for read in (service(name).statuses, service(name).inbound):
        try:
            assert [u for u in read(replace(callback, body=body)) if u.address] == []
        except BadInput as refusal:
            assert "cannot be read" in str(refusal)


def postmark_mail(raw: str) -> Callback:
    body = {
        "FromFull": {"Email": TO},
        "To": "ask@acme.example",
        "OriginalRecipient": "ask@acme.example",
        "RawEmail": raw,
        "Headers": [],
    }
    return replace(basic(body), url="https://ask.acme.example/in/email/key/inbound")


@pytest.mark.parametrize("name", NAMES)
def test_mail_from_nobody_known_is_refused(name: str) -> None:
    callback = replace(basic({}, "hook:guessed"), url="https://ask.example/in/email/key/inbound")
    with pytest.raises(Forged):
        service(name).verify(callback)


def test_what_a_person_writes_through_a_service_is_read() -> None:
    provider = service("postmark")
    callback = postmark_mail(f"From: {TO}\r\nTo: ask@acme.example\r\n\r\nAll was well.")
    provider.verify(callback)
    (answer,) = provider.inbound(callback)
    assert (answer.from_, answer.text, answer.automatic) == (TO, "All was well.", False)
    assert provider.statuses(callback) == []


def test_an_unsubscription_by_mail_through_a_service_is_read() -> None:
    from promontory.channels.email.references import unsubscribe_address

    to = unsubscribe_address("ref-1", "acme.example")
    callback = postmark_mail(f"From: {TO}\r\nTo: {to}\r\n\r\n")
    (update,) = service("postmark").statuses(callback)
    assert (update.state, update.reference) == (State.OPTED_OUT, "ref-1")


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ({"RecordType": "Delivery", "DeliveredAt": "2026-05-04T09:30:00Z"}, State.DELIVERED),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, State.COMPLAINED),
        (
            {"RecordType": "SubscriptionChange", "SuppressionReason": "ManualSuppression"},
            State.OPTED_OUT,
        ),
        ({"RecordType": "Bounce", "Type": "AutoResponder"}, None),
        ({"RecordType": "Open"}, None),
        ({"RecordType": "Click"}, None),
    ],
)
def test_what_else_is_reported(event: dict[str, str], state: State | None) -> None:
    updates = service("postmark").statuses(basic({**event, "Recipient": TO, "Email": TO}))
    assert [update.state for update in updates] == ([state] if state else [])
