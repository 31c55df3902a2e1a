"""Texts by Telnyx: another shape of provider, JSON and Ed25519, behind the same contract."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from promontory.channels.contract import Callback, Fault, Forged, Means, Message, NotSent, State
from promontory.channels.sms.telnyx import Telnyx, TelnyxSettings
from promontory.http import Caller
from tests.http.conftest import Handler, Outside
from tests.http.conftest import outside as outside

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
URL = "https://ask.acme.example/in/sms/k2/events?ref=inv-7"


def provider(outside: Outside | None = None) -> Telnyx:
    api = outside.url("") if outside else "https://api.telnyx.com"
    settings = TelnyxSettings("KEY0", PUBLIC, "+445550001", "", api)
    return Telnyx(settings, Means(http=Caller(allow=frozenset({"127.0.0.1"}))))


def event(kind: str, payload: dict[str, Any], *, at: datetime = NOON) -> Callback:
    data = {"event_type": kind, "id": "ev1", "occurred_at": NOON.isoformat(), "payload": payload}
    body = json.dumps({"data": data}).encode()
    stamp = str(int(at.timestamp()))
    mark = base64.b64encode(KEY.sign(f"{stamp}|".encode() + body)).decode()
    headers = {"telnyx-signature-ed25519": mark, "telnyx-timestamp": stamp}
    return Callback("POST", URL, NOON, headers, body)


MESSAGE = Message("+447700900123", "inv-7", NOON, text="0 to 10?", status_url=URL.split("?")[0])


def test_a_text_is_sent_as_json(outside: Outside) -> None:
    outside.says(lambda h: h.reply(200, b'{"data": {"id": "403-1"}}'))
    assert provider(outside).send(MESSAGE).provider_id == "403-1"
    ((_, path, body),) = outside.seen
    assert (path, json.loads(body)) == (
        "/v2/messages",
        {"from": "+445550001", "to": "+447700900123", "text": "0 to 10?", "webhook_url": URL},
    )


def test_a_refusal_says_whose_fault_it_is(outside: Outside) -> None:
    def says(handler: Handler) -> None:
        handler.reply(400, b'{"errors": [{"code": "40300", "title": "Blocked due to STOP"}]}')

    outside.says(says)
    with pytest.raises(NotSent) as refusal:
        provider(outside).send(MESSAGE)
    assert (refusal.value.fault, refusal.value.permanent) == (Fault.RECIPIENT, True)


def test_a_receipt_that_cannot_be_read_is_no_licence_to_repeat(outside: Outside) -> None:
    outside.says(lambda h: h.reply(200, b"<html>"))
    with pytest.raises(NotSent) as refusal:
        provider(outside).send(MESSAGE)
    assert refusal.value.ambiguous


def test_a_signed_callback_is_believed_and_any_other_refused() -> None:
    genuine = event("message.received", {})
    provider().verify(genuine)
    other = Callback("POST", URL, NOON, genuine.headers, genuine.body + b" ")
    old = event("message.received", {}, at=NOON - timedelta(minutes=6))
    for forged in (other, old, Callback("POST", URL, NOON, {}, genuine.body)):
        with pytest.raises(Forged):
            provider().verify(forged)


def test_an_answer_is_read() -> None:
    payload = {
        "id": "m1",
        "from": {"phone_number": "+447700900123"},
        "to": [{"phone_number": "+445550001", "status": "delivered"}],
        "text": "9",
    }
    (heard,) = provider().inbound(event("message.received", payload))
    assert (heard.from_, heard.to, heard.text, heard.provider_id) == (
        "+447700900123",
        "+445550001",
        "9",
        "m1",
    )


@pytest.mark.parametrize(
    ("status", "codes", "state"),
    [
        ("delivered", [], State.DELIVERED),
        ("delivery_failed", ["40008"], State.BOUNCED),
        ("sending_failed", [], State.FAILED),
        ("sending_failed", ["40300"], State.OPTED_OUT),
    ],
)
def test_a_status_is_read(status: str, codes: list[str], state: State) -> None:
    payload = {
        "id": "m1",
        "to": [{"phone_number": "+447700900123", "status": status}],
        "errors": [{"code": code} for code in codes],
    }
    (update,) = provider().statuses(event("message.finalized", payload))
    assert (update.state, update.reference, update.permanent) == (state, "inv-7", bool(codes))
    assert provider().statuses(event("message.sent", payload)) == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": 3}', b"{", b'{"data": {}}'])
def test_a_body_of_another_shape_says_nothing(body: bytes) -> None:
    callback = Callback("POST", URL, NOON, {}, body)
    assert provider().statuses(callback) == []
    assert provider().inbound(callback) == []
