"""Calls by Twilio: placed as the official client places them, signed as its validator signs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from promontory.channels.contract import Callback, Fault, Forged, Means, Message, NotSent, State
from promontory.channels.ivr.flow import Answered, Event, Pressed, Recorded
from promontory.channels.ivr.twilio import TwilioVoice, TwilioVoiceSettings, event
from promontory.http import Caller
from tests.channels.sms.test_twilio import Here
from tests.channels.twilio_outside import ACCOUNT, NUMBER, TOKEN, Outside, twilio

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ANSWER = "https://ask.acme.example/in/ivr/k1/answer"
STATUS = "https://ask.acme.example/in/ivr/k1/status"


@pytest.fixture
def outside() -> Iterator[Outside]:
    with twilio() as server:
        yield server


def provider(outside: Outside | None = None) -> TwilioVoice:
    settings = TwilioVoiceSettings(
        ACCOUNT, TOKEN, NUMBER, api=outside.url if outside else "https://api.twilio.com"
    )
    return TwilioVoice(settings, Means(http=Caller(allow=frozenset({"127.0.0.1"}))))


def message(to: str = "+447700900123", answer: str = ANSWER) -> Message:
    return Message(to, "inv-7", NOON, status_url=STATUS, answer_url=answer)


def test_a_call_is_placed_as_the_official_client_places_it(outside: Outside) -> None:
    receipt = provider(outside).send(message())
    Client(ACCOUNT, TOKEN, http_client=Here(outside)).calls.create(
        to="+447700900123",
        from_=NUMBER,
        url=f"{ANSWER}?ref=inv-7",
        method="POST",
        timeout=25,
        status_callback=f"{STATUS}?ref=inv-7",
        status_callback_event=["completed"],
        machine_detection="Enable",
    )
    ours, theirs = outside.sent
    assert ours == theirs
    assert receipt.provider_id.startswith("CA")


def test_a_number_that_cannot_be_called_is_the_recipients_fault(outside: Outside) -> None:
    with pytest.raises(NotSent) as refusal:
        provider(outside).send(message("+15005550001"))
    assert (refusal.value.permanent, refusal.value.fault) == (True, Fault.RECIPIENT)


def test_a_call_that_would_have_nothing_to_say_is_not_placed(outside: Outside) -> None:
    with pytest.raises(NotSent) as refusal:
        provider(outside).send(message(answer=""))
    assert refusal.value.fault is Fault.SERVICE
    assert outside.sent == []


def signed(url: str, form: dict[str, str]) -> Callback:
    mark = RequestValidator(TOKEN).compute_signature(url, form)
    return Callback("POST", url, NOON, {"x-twilio-signature": mark}, form=form)


LIVE = {"CallSid": "CA1", "CallStatus": "in-progress", "From": NUMBER, "To": "+447700900123"}


@pytest.mark.parametrize(
    ("form", "happened"),
    [
        (LIVE, Answered()),
        (LIVE | {"AnsweredBy": "human"}, Answered()),
        (LIVE | {"AnsweredBy": "unknown"}, Answered()),
        (LIVE | {"AnsweredBy": "machine_start"}, Answered(machine=True)),
        (LIVE | {"AnsweredBy": "fax"}, Answered(machine=True)),
        (LIVE | {"Digits": "9"}, Pressed("9")),
        (LIVE | {"Digits": "", "AnsweredBy": "human"}, Pressed("")),
        (
            LIVE | {"RecordingUrl": "https://a/RE1", "RecordingDuration": "7", "Digits": "#"},
            Recorded("https://a/RE1", 7, "", "#"),
        ),
        (
            LIVE | {"RecordingUrl": "https://a/RE1", "RecordingDuration": "7", "Digits": "hangup"},
            Recorded("https://a/RE1", 7),
        ),
        (LIVE | {"CallStatus": "completed"}, None),
        ({}, None),
    ],
)
def test_a_callback_says_what_happened(form: dict[str, str], happened: Event | None) -> None:
    callback = signed(f"{ANSWER}?ref=inv-7", form)
    provider().verify(callback)
    assert event(callback) == happened


def test_a_recording_that_ended_with_the_call_is_not_lost() -> None:
    form = LIVE | {"CallStatus": "completed", "RecordingUrl": "https://a/RE1", "Digits": "hangup"}
    assert event(signed(ANSWER, form)) == Recorded("https://a/RE1")


def test_a_forged_callback_is_refused() -> None:
    genuine = signed(ANSWER, LIVE | {"Digits": "0"})
    with pytest.raises(Forged):
        provider().verify(
            Callback("POST", ANSWER, NOON, genuine.headers, form=LIVE | {"Digits": "9"})
        )


@pytest.mark.parametrize(
    ("status", "by", "state"),
    [
        ("completed", "human", State.DELIVERED),
        ("completed", "", State.DELIVERED),
        ("completed", "machine_start", State.UNREACHED),
        ("busy", "", State.UNREACHED),
        ("no-answer", "", State.UNREACHED),
        ("canceled", "", State.UNREACHED),
        ("failed", "", State.FAILED),
    ],
)
def test_a_call_that_ended_has_its_state(status: str, by: str, state: State) -> None:
    form = LIVE | {"CallStatus": status} | ({"AnsweredBy": by} if by else {})
    (update,) = provider().statuses(signed(f"{STATUS}?ref=inv-7", form))
    assert (update.state, update.reference, update.provider_id) == (state, "inv-7", "CA1")


def test_a_call_under_way_is_no_news_and_a_key_is_inbound() -> None:
    callback = signed(f"{ANSWER}?ref=inv-7", LIVE | {"Digits": "9"})
    assert provider().statuses(callback) == []
    (heard,) = provider().inbound(callback)
    assert (heard.from_, heard.text, heard.reference) == ("+447700900123", "9", "inv-7")
