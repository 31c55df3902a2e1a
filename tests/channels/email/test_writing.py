"""The bytes of a mail, held to what Django's own classes write of the same message."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.channels.contract import Fault, NotSent
from promontory.channels.email.building import build, to_bytes
from promontory.channels.email.headers import survey_headers
from promontory.channels.email.writing import header
from tests.channels.email.conftest import message

TO = "amal@example.org"
HEADERS = dict(
    survey_headers(
        unsubscribe_url="https://ask.acme.example/u/" + "x" * 20,
        reference="ref-1",
        domain="acme.example",
        programme="After delivery",
        brand="Acme",
    )
)
SAMPLES = {
    "plain": {},
    "with HTML": {"html": "<p>Hello</p>"},
    "accents": {"subject": "Wie war’s? – Grüße", "text": "Grüße\n", "html": "<p>Grüße</p>"},
    "Arabic": {"subject": "ما مدى احتمال أن توصي بنا لصديق أو زميل؟", "html": "<p>شكرًا</p>"},
    "Japanese": {
        "subject": "当社を友人や同僚に薦める可能性はどのくらいありますか？" * 3,
        "text": "答え",
    },
    "emoji": {"subject": "👩‍👩‍👧‍👦" * 20, "text": "🔟"},
    "a sender with accents": {"sender": "Söhne & Partner <ask@acme.example>"},
    "a sender with a comma": {"sender": '"Acme, Inc." <ask@acme.example>'},
    "a long subject": {"subject": "word " * 60 + "end"},
    "a line without end": {"text": "x" * 3000, "html": "<p>" + "y" * 3000 + "</p>"},
    "line ends of all kinds": {"text": "a\rb\r\nc\nd"},
    "dots": {"text": ".\n..\n.a\n"},
    "nothing": {"text": ""},
    "all headers": {"headers": HEADERS, "html": "<p>Hello</p>"},
}


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def content(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    if part is None:
        return None
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    lines = body.decode().replace("\r\n", "\n").replace("\r", "\n")
    return lines.removesuffix("\n")  # a body may gain its last line end on the way


@pytest.mark.parametrize("eight_bit", [True, False], ids=["8bit", "7bit"])
@pytest.mark.parametrize("name", SAMPLES)
def test_it_says_what_django_would_have_said(name: str, eight_bit: bool) -> None:
    sent = message(**SAMPLES[name])

    raw = to_bytes(sent, to=TO, eight_bit=eight_bit)

    ours, theirs = parsed(raw), parsed(build(sent, to=TO).message().as_bytes())
    for each in set(theirs.keys()) - {"Content-Type", "Content-Transfer-Encoding"}:
        assert " ".join(str(ours[each]).split()) == " ".join(str(theirs[each]).split()), each
    assert content(ours, "plain") == content(theirs, "plain")
    assert content(ours, "html") == content(theirs, "html")
    assert raw.isascii() or eight_bit
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert ours.defects == []


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300))
def test_any_subject_comes_back(subject: str) -> None:
    line = header("Subject", subject.strip())
    assert all(len(each) <= 998 for each in line.split("\r\n"))
    back = str(parsed((line + "\r\n\r\n").encode())["Subject"])
    assert back.split() == subject.split()


def test_header_lines_are_folded_where_they_have_spaces() -> None:
    for name, value in HEADERS.items():
        lines = header(name, value).split("\r\n")
        assert all(len(line) <= 120 for line in lines)
        assert all(line.startswith(" ") for line in lines[1:])


def test_the_same_delivery_is_the_same_mail_to_the_byte() -> None:
    sent = message(html="<p>Hi</p>")
    assert to_bytes(sent, to=TO) == to_bytes(sent, to=TO)


def test_a_body_that_contains_the_boundary_gets_another() -> None:
    edge = to_bytes(message(html="x"), to=TO).split(b'boundary="')[1].split(b'"')[0].decode()
    mail = parsed(to_bytes(message(html="x", text=f"--{edge}--"), to=TO))
    assert content(mail, "plain") == f"--{edge}--"


@pytest.mark.parametrize("sender", ["", "Acme", "Acme <nobody>"])
def test_a_sender_that_is_no_address_is_our_own_fault(sender: str) -> None:
    with pytest.raises(NotSent) as caught:
        to_bytes(message(sender=sender), to=TO)
    assert caught.value.permanent
    assert caught.value.fault in {Fault.SERVICE, Fault.MESSAGE}


def test_a_sender_with_a_domain_of_accents_goes_in_ascii() -> None:
    mail = parsed(to_bytes(message(sender="Acme <ask@müller.example>"), to=TO))
    assert mail["From"] == "Acme <ask@xn--mller-kva.example>"


def test_the_headers_of_a_survey_mail() -> None:
    assert HEADERS == {
        "List-Unsubscribe": "<https://ask.acme.example/u/xxxxxxxxxxxxxxxxxxxx>, "
        "<mailto:unsubscribe+e9imcb9h@acme.example?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": '"Acme" <after-delivery.surveys.acme.example>',
        "Feedback-ID": "after-delivery:survey:promontory",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
