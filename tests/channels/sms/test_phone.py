"""Phone numbers: one form, the kind of line, and the reason where there is none."""

from __future__ import annotations

import pytest

from promontory.channels.contract import Means, Message, NotSent, ReceiptState
from promontory.channels.ivr.simulator import VoiceSimulator
from promontory.channels.sms.phone import Line, NoPhone, Phone, read_phone
from promontory.channels.sms.simulator import Simulator
from tests.channels.sms.test_twilio import NOON


@pytest.mark.parametrize(
    ("text", "region", "number", "line"),
    [
        ("07400 123456", "GB", "+447400123456", Line.MOBILE),
        ("+44 7400 123456", "", "+447400123456", Line.MOBILE),
        ("0171 1234567", "de", "+491711234567", Line.MOBILE),
        ("030 901820", "DE", "+4930901820", Line.FIXED),
        ("(201) 555-0123", "US", "+12015550123", Line.EITHER),
        ("٠٥٠ ١٢٣ ٤٥٦٧", "AE", "+971501234567", Line.MOBILE),
        ("+33 6 12 34 56 78", "DE", "+33612345678", Line.MOBILE),
        ("0900 1234567", "NL", "+319001234567", Line.OTHER),
    ],
)
def test_a_number_is_brought_into_one_form(text: str, region: str, number: str, line: Line) -> None:
    phone = read_phone(text, region=region)
    assert isinstance(phone, Phone)
    assert (phone.number, phone.line) == (number, line)
    assert phone.takes_texts == (line in {Line.MOBILE, Line.EITHER})
    assert phone.takes_calls == (line is not Line.OTHER)


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("hello", "GB", "it is not a number"),
        ("", "GB", "it is not a number"),
        ("07400 123456", "", "no default country"),
        ("+999 123456", "", "no country's code"),
        ("0740", "GB", "area code is missing"),
        ("+44 1", "", "too short"),
        ("+44 7400 123456 789", "", "too long"),
        ("+44 0000 000000", "", "nobody was ever given"),
    ],
)
def test_what_is_no_number_is_told_why(text: str, region: str, reason: str) -> None:
    said = read_phone(text, region=region)
    assert isinstance(said, NoPhone)
    assert reason in said.reason


@pytest.mark.parametrize("kind", [Simulator, VoiceSimulator])
def test_a_simulator_keeps_what_it_is_given_and_refuses_what_no_provider_takes(
    kind: type[Simulator | VoiceSimulator],
) -> None:
    kept: list[tuple[str, str]] = []
    provider = kind(None, Means(keep=lambda message, at: kept.append((message.text, at))))
    first = provider.send(Message("+447400123456", "inv-1", NOON, text="0 to 10?"))
    again = provider.send(Message("+447400123456", "inv-1", NOON, text="0 to 10?"))
    assert first == again
    assert first.state is ReceiptState.KEPT
    assert kept == [("0 to 10?", first.provider_id)] * 2
    with pytest.raises(NotSent):
        provider.send(Message("+44", "inv-2", NOON))
