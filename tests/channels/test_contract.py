"""One suite for every provider there is: what the contract promises, each of them keeps.

A provider is filled in from its own settings page, so a new one is held to this by being
registered. Its API lies at a port where nobody listens.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from promontory.channels.configuration import NoSettings, form_fields, settings_from
from promontory.channels.contract import (
    Callback,
    Fault,
    Forged,
    Means,
    Message,
    NotSent,
    Provider,
    ReceiptState,
)
from promontory.channels.providers import build, providers
from promontory.errors import BadInput, Refusal
from promontory.http import Caller

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
NOBODY = "http://127.0.0.1:1"
SECRET = "s3cret"
KNOWN = {
    "host": "127.0.0.1",
    "port": "1",
    "security": "none",
    "sender": "+447700900123",
    "public_key": base64.b64encode(bytes(32)).decode(),
    "api": NOBODY,
    "api_url": NOBODY,
    "sender_domain": "acme.example",
}
ADDRESSES = {"email": "amal@example.org", "phone": "+447400123456", "": ""}
ALL = list(providers)


def is_local(key: str) -> bool:
    return providers.get(key).capabilities.local


def goes_out(key: str) -> bool:
    can = providers.get(key).capabilities
    return can.pushes and not can.local


@dataclass
class Kept:
    messages: list[tuple[Message, str]] = field(default_factory=list)

    def keep(self, message: Message, provider_id: str) -> None:
        self.messages.append((message, provider_id))


def filled_in(key: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for each in form_fields(providers.get(key).settings_class):
        if each.secret:
            values[each.name] = SECRET
        elif each.name in KNOWN:
            values[each.name] = KNOWN[each.name]
        elif each.required:
            values[each.name] = "x"
    return values


def provider(key: str, kept: Kept | None = None) -> Provider:
    caller = Caller(allow=frozenset({"127.0.0.1"}), sleep=lambda _: None)
    return build(key, filled_in(key), Means(keep=(kept or Kept()).keep, http=caller))


def message(key: str, **more: Any) -> Message:
    can = providers.get(key).capabilities
    given: dict[str, Any] = {
        "to": ADDRESSES[can.address],
        "sender": "Acme <ask@acme.example>" if can.address == "email" else "",
        "text": "How did we do?",
        "subject": "How did we do?",
        "answer_url": "https://ask.acme.example/in/ivr/key/answer",
        "status_url": "https://ask.acme.example/in/sms/key/status",
        **more,
    }
    return Message(reference="ref-1", at=AT, **given)


@pytest.mark.parametrize("key", ALL)
def test_it_says_what_it_is(key: str) -> None:
    kind = providers.get(key)
    can = kind.capabilities
    assert kind.title
    assert can.channel in {"email", "sms", "ivr", "web", "in_app"}
    assert (can.address != "") == can.pushes


@pytest.mark.parametrize("key", ALL)
def test_a_settings_page_can_be_drawn_and_what_is_missing_is_named(key: str) -> None:
    kind = providers.get(key).settings_class
    for each in form_fields(kind):
        assert each.label
        assert each.kind in {"text", "number", "yes_no", "choice"}
        if each.required:
            values = {name: v for name, v in filled_in(key).items() if name != each.name}
            with pytest.raises(BadInput) as caught:
                settings_from(kind, values)
            assert caught.value.message == f"{each.label} is missing."
            assert caught.value.place.field == each.name


@pytest.mark.parametrize("key", ALL)
def test_what_is_a_secret_is_declared_one_and_never_printed(key: str) -> None:
    kind = providers.get(key).settings_class
    for each in form_fields(kind):
        named_so = any(word in each.name for word in ("password", "token", "secret", "api_key"))
        assert each.secret == named_so, each.name
    if kind is not NoSettings:
        assert SECRET not in repr(provider(key).settings)


@pytest.mark.parametrize("key", [key for key in ALL if goes_out(key)])
def test_where_nobody_listens_the_message_may_be_tried_again(key: str) -> None:
    with pytest.raises(NotSent) as caught, provider(key) as there:
        there.send(message(key))
    said = caught.value
    assert (said.permanent, said.ambiguous, said.fault) == (False, False, Fault.SERVICE)
    assert said.detail


@pytest.mark.parametrize("key", [key for key in ALL if not goes_out(key)])
def test_where_nothing_goes_out_the_receipt_says_so(key: str) -> None:
    kept = Kept()
    with provider(key, kept) as there:
        receipts = [there.send(message(key)), there.send(message(key))]
    assert {receipt.state for receipt in receipts} == {ReceiptState.KEPT}
    assert len({receipt.provider_id for receipt in receipts}) == 1  # the same delivery
    assert [provider_id for _, provider_id in kept.messages] == (
        [receipts[0].provider_id] * 2 if is_local(key) else []
    )


@pytest.mark.parametrize(
    "key",
    [k for k in ALL if providers.get(k).capabilities.address == "email" or is_local(k)],
)
@pytest.mark.parametrize("to", ["", "nobody", "a@b@c", "+1", "amal@example.org\nBcc: b@c.de"])
def test_an_address_that_is_none_is_refused_before_anything_goes_out(key: str, to: str) -> None:
    kept = Kept()
    there = provider(key, kept)
    with pytest.raises(NotSent) as caught:
        there.send(message(key, to=to))
    assert (caught.value.permanent, caught.value.fault) == (True, Fault.RECIPIENT)
    assert kept.messages == []


def callback(body: bytes = b"", **headers: str) -> Callback:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    form = {"From": "+447400123456", "Body": "10", "MessageStatus": "delivered"}
    url = "https://ask.acme.example/in/x/key/events"
    return Callback("POST", url, AT, named, body, form)


FORGERIES = {
    "nothing": callback(),
    "no proof": callback(b'{"event": "bounce"}', content_type="application/json"),
    "an empty proof": callback(x_twilio_signature="", signature="", authorization=""),
    "a guessed proof": callback(
        b"{}", x_twilio_signature="AAAA", signature="0" * 64, authorization="Basic eDp4"
    ),
    "no words": callback(b"\xff\x00", content_type="application/json", signature="ÿ"),
}


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_callback_without_proof_is_refused(key: str, forgery: str) -> None:
    with pytest.raises(Forged) as caught:
        provider(key).verify(FORGERIES[forgery])
    assert caught.value.status == 403


@pytest.mark.parametrize("key", ALL)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"1", b"\xff\xfe", b"a=b&a=c"])
def test_a_callback_that_makes_no_sense_breaks_nothing(key: str, body: bytes) -> None:
    there = provider(key)
    rubbish = Callback("POST", "https://ask.acme.example/in/x/key/events", AT, {}, body)
    for read in (there.statuses, there.inbound):
        try:
            assert read(rubbish) == []
        except Refusal as refusal:
            assert str(refusal)


@pytest.mark.parametrize("key", ALL)
def test_it_can_be_closed_at_any_time(key: str) -> None:
    there = provider(key)
    there.close()
    there.close()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"host": "mail.example", "port": "many"}, "has to be a whole number"),
        ({"host": "mail.example", "security": "some"}, "cannot be “some”"),
        ({"host": "a\nb"}, "more than one line"),
        ({"host": "mail.example", "colour": "red"}, "no setting “colour”"),
        ({"host": "  "}, "Server is missing"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, str], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        build("smtp", values)


def test_an_unknown_provider_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="Known: outbox, smtp"):
        build("pigeon", {})
