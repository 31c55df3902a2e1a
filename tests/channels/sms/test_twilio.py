"""Texts by Twilio: our adapter and the official client before the same server, same signatures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from promontory.channels.contract import Callback, Fault, Forged, Means, Message, NotSent, State
from promontory.channels.sms.twilio import Twilio, TwilioSettings
from promontory.http import Caller, Limits
from tests.channels.twilio_outside import ACCOUNT, NUMBER, TOKEN, Outside, twilio

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
INBOUND = "https://ask.acme.example/in/sms/k1/inbound"
STATUS = "https://ask.acme.example/in/sms/k1/status"


@pytest.fixture
def outside() -> Iterator[Outside]:
    with twilio() as server:
        yield server


def provider(outside: Outside | None = None, *, read: float = 5.0, token: str = TOKEN) -> Twilio:
    url = outside.url if outside else "https://api.twilio.com"
    caller = Caller(allow=frozenset({"127.0.0.1"}), limits=Limits(read=read, total=read))
    return Twilio(TwilioSettings(ACCOUNT, token, NUMBER, url), Means(http=caller))


def message(to: str = "+447700900123", text: str = "0 to 10?") -> Message:
    return Message(to=to, reference="inv 7/é", at=NOON, text=text, status_url=STATUS)


class Here(TwilioHttpClient):
    """The official client's transport, led to the server on this machine."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self.outside = outside

    def request(self, method, url, *args, **kwargs):  # type: ignore[no-untyped-def]
        here = url.replace("https://api.twilio.com", self.outside.url)
        return super().request(method, here, *args, **kwargs)


def test_a_text_is_sent_as_the_official_client_sends_it(outside: Outside) -> None:
    receipt = provider(outside).send(message(text="Grüße & 0–10?"))
    official = Client(ACCOUNT, TOKEN, http_client=Here(outside)).messages.create(
        to="+447700900123",
        from_=NUMBER,
        body="Grüße & 0–10?",
        status_callback=f"{STATUS}?ref=inv+7%2F%C3%A9",
    )
    ours, theirs = outside.sent
    assert ours == theirs
    assert (receipt.provider_id[:2], official.sid[:2]) == ("SM", "SM")


def test_a_messaging_service_sends_in_place_of_a_number(outside: Outside) -> None:
    service = "MG" + "c" * 32
    settings = TwilioSettings(ACCOUNT, TOKEN, service, outside.url)
    Twilio(settings, provider(outside).means).send(message())
    assert outside.sent[0][1]["MessagingServiceSid"] == service
    assert "From" not in outside.sent[0][1]


@pytest.mark.parametrize(
    ("to", "permanent", "ambiguous", "fault", "code"),
    [
        ("+15005550001", True, False, Fault.RECIPIENT, "21211"),
        ("+15005550009", True, False, Fault.RECIPIENT, "21614"),
        ("+15005550004", True, False, Fault.RECIPIENT, "21610"),
        ("+15005550003", True, False, Fault.SERVICE, "21408"),
        ("+15005550429", False, False, Fault.SERVICE, "20429"),
        ("+15005550500", False, True, Fault.SERVICE, "20500"),
        ("+15005550503", False, False, Fault.SERVICE, "20503"),
    ],
)
def test_a_refusal_says_whether_to_try_again(
    outside: Outside, to: str, permanent: bool, ambiguous: bool, fault: Fault, code: str
) -> None:
    with pytest.raises(NotSent) as refusal:
        provider(outside).send(message(to))
    said = refusal.value
    assert (said.permanent, said.ambiguous, said.fault, said.code) == (
        permanent,
        ambiguous,
        fault,
        code,
    )
    assert said.retry_after == (2 if code == "20429" else None)


def test_a_time_out_is_ambiguous_and_never_repeated(outside: Outside) -> None:
    outside.silent_s = 0.6
    with pytest.raises(NotSent) as refusal:
        provider(outside, read=0.2).send(message())
    assert refusal.value.ambiguous
    assert len(outside.sent) == 1


def test_a_wrong_token_condemns_nobodys_number(outside: Outside) -> None:
    with pytest.raises(NotSent) as refusal:
        provider(outside, token="wrong").send(message())
    assert (refusal.value.permanent, refusal.value.fault) == (True, Fault.SERVICE)


def signed(url: str, form: dict[str, str], token: str = TOKEN) -> Callback:
    mark = RequestValidator(token).compute_signature(url, form)
    return Callback("POST", url, NOON, {"x-twilio-signature": mark}, form=form)


ANSWER = {
    "MessageSid": "SM1",
    "SmsMessageSid": "SM1",
    "AccountSid": ACCOUNT,
    "From": "+447700900123",
    "To": NUMBER,
    "Body": "9 great & kind 👍",
    "NumMedia": "0",
    "FromCountry": "GB",
}


@pytest.mark.parametrize(
    "url",
    [
        INBOUND,
        INBOUND + "?x=1&y=%20z",
        INBOUND.replace(".example", ".example:8443"),
        INBOUND.replace(".example", ".example:443"),
    ],
)
def test_what_the_official_validator_signs_is_believed(url: str) -> None:
    provider().verify(signed(url, ANSWER))


def test_signatures_with_the_standard_port_added_are_believed() -> None:
    mark = RequestValidator(TOKEN).compute_signature(
        INBOUND.replace(".example", ".example:443"), ANSWER
    )
    callback = Callback("POST", INBOUND, NOON, {"x-twilio-signature": mark}, form=ANSWER)
    assert RequestValidator(TOKEN).validate(INBOUND, ANSWER, mark)
    provider().verify(callback)


@pytest.mark.parametrize(
    "forged",
    [
        Callback("POST", INBOUND, NOON, form=ANSWER),
        Callback("POST", INBOUND, NOON, {"x-twilio-signature": "é"}, form=ANSWER),
        signed(INBOUND, ANSWER, token="c" * 32),
        Callback("POST", INBOUND + "?a", NOON, signed(INBOUND, ANSWER).headers, form=ANSWER),
        Callback(
            "POST", INBOUND, NOON, signed(INBOUND, ANSWER).headers, form=ANSWER | {"Body": "0"}
        ),
    ],
)
def test_a_forged_callback_is_refused(forged: Callback) -> None:
    with pytest.raises(Forged):
        provider().verify(forged)


def test_a_json_body_is_covered_by_its_hash() -> None:
    body = json.dumps({"MessageSid": "SM1"}).encode()
    url = f"{INBOUND}?bodySHA256={sha256(body).hexdigest()}"
    mark = RequestValidator(TOKEN).compute_signature(url, {})
    assert RequestValidator(TOKEN).validate(url, body.decode(), mark)
    provider().verify(Callback("POST", url, NOON, {"x-twilio-signature": mark}, body))
    with pytest.raises(Forged):
        provider().verify(Callback("POST", url, NOON, {"x-twilio-signature": mark}, body + b" "))


def test_an_answer_is_read() -> None:
    (heard,) = provider().inbound(signed(INBOUND, ANSWER))
    assert (heard.from_, heard.to, heard.text, heard.provider_id, heard.opt_out) == (
        "+447700900123",
        NUMBER,
        "9 great & kind 👍",
        "SM1",
        False,
    )
    assert provider().statuses(signed(INBOUND, ANSWER)) == []
    (left,) = provider().inbound(signed(INBOUND, ANSWER | {"Body": "STOP", "OptOutType": "STOP"}))
    assert left.opt_out


@pytest.mark.parametrize(
    ("status", "code", "state", "permanent"),
    [
        ("delivered", "", State.DELIVERED, False),
        ("undelivered", "30003", State.BOUNCED, False),
        ("undelivered", "30005", State.BOUNCED, True),
        ("undelivered", "30006", State.BOUNCED, True),
        ("undelivered", "30007", State.FAILED, False),
        ("failed", "21610", State.OPTED_OUT, True),
        ("failed", "30008", State.FAILED, False),
    ],
)
def test_a_status_is_read(status: str, code: str, state: State, permanent: bool) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": status, "To": "+447700900123"}
    form |= {"ErrorCode": code} if code else {}
    (update,) = provider().statuses(signed(f"{STATUS}?ref=inv+7%2F%C3%A9", form))
    assert (update.state, update.permanent) == (state, permanent)
    assert (update.reference, update.provider_id) == ("inv 7/é", "SM1")
    assert provider().inbound(signed(STATUS, form)) == []


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "accepted", "scheduled", ""])
def test_steps_on_the_way_are_no_news(status: str) -> None:
    assert provider().statuses(signed(STATUS, {"MessageSid": "SM1", "MessageStatus": status})) == []
