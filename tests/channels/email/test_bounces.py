"""Mail that comes back, in the shapes mailers really write."""

from __future__ import annotations

import pytest

from promontory.channels.contract import State
from promontory.channels.email.bounces import is_hard, read_bounce, read_mail
from promontory.channels.email.references import bounce_address, message_id, unsubscribe_address
from tests.channels.email.conftest import AT

TO = bounce_address("ref-1", "acme.example")


def crlf(text: str) -> bytes:
    return text.strip("\n").replace("\n", "\r\n").encode()


def report(action: str, status: str, diagnosis: str, to: str = TO) -> bytes:
    """A delivery report as Postfix writes it (RFC 3464)."""
    return crlf(f"""
Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; amal@example.org
Original-Recipient: rfc822;amal@example.org
Action: {action}
Status: {status}
Diagnostic-Code: {diagnosis}

--B
Content-Type: message/rfc822

From: Acme <ask@acme.example>
To: amal@example.org
Message-ID: {message_id("ref-1", "acme.example")}
Subject: How did we do?

Hello
--B--
""")


@pytest.mark.parametrize(
    ("action", "status", "diagnosis", "state", "permanent"),
    [
        ("failed", "5.1.1", "smtp; 550 5.1.1 User unknown", State.BOUNCED, True),
        ("failed", "5.1.2", "smtp; 550 Host unknown", State.BOUNCED, True),
        ("failed", "5.2.1", "smtp; 550 Mailbox disabled", State.BOUNCED, True),
        ("failed", "5.0.0", "smtp; 550 no such user here", State.BOUNCED, True),
        ("failed", "5.0.0", "smtp; 554 delivery error", State.BOUNCED, False),
        ("failed", "5.0.0", "smtp; 550 5.7.1 blocked", State.BOUNCED, False),
        ("failed", "5.2.2", "smtp; 552 Mailbox full", State.BOUNCED, False),
        ("failed", "5.7.1", "smtp; 550 Refused by policy", State.BOUNCED, False),
        ("failed", "4.4.7", "smtp; delivery expired", State.BOUNCED, False),
        ("delayed", "4.4.1", "smtp; no answer from host", State.DEFERRED, False),
        ("delivered", "2.0.0", "smtp; 250 OK", State.DELIVERED, False),
    ],
)
def test_a_delivery_report(
    action: str, status: str, diagnosis: str, state: State, permanent: bool
) -> None:
    (update,) = read_bounce(report(action, status, diagnosis), at=AT)
    assert (update.state, update.permanent) == (state, permanent)
    assert (update.reference, update.address, update.at) == ("ref-1", "amal@example.org", AT)


def test_the_reference_is_found_in_the_mail_reported_on_if_the_address_was_lost() -> None:
    (update,) = read_bounce(report("failed", "5.1.1", "x", to="postmaster@acme.example"), at=AT)
    assert update.reference == "ref-1"


def test_the_envelopes_recipient_comes_first() -> None:
    raw = report("failed", "5.1.1", "x", to="postmaster@acme.example")
    (update,) = read_bounce(raw, at=AT, recipient=bounce_address("ref-9", "acme.example"))
    assert update.reference == "ref-9"


QMAIL = crlf(f"""
Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: {TO}
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<amal@example.org>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <amal@example.org>: Recipient address rejected

--- Below this line is a copy of the message.

Return-Path: <{TO}>
""")

EXIM = crlf(f"""
Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: {TO}
X-Failed-Recipients: amal@example.org
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  amal@example.org
    Unrouteable address
""")


@pytest.mark.parametrize("raw", [QMAIL, EXIM], ids=["qmail", "exim"])
def test_a_bounce_of_a_mailer_that_follows_no_standard(raw: bytes) -> None:
    (update,) = read_bounce(raw, at=AT)
    assert (update.state, update.permanent) == (State.BOUNCED, True)
    assert (update.reference, update.address) == ("ref-1", "amal@example.org")


def complaint(kind: str) -> bytes:
    return crlf(f"""
From: <abusedesk@provider.example>
To: <fbl@acme.example>
Subject: FW: How did we do?
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.
--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <amal@example.org>

--B
Content-Type: message/rfc822

From: <ask@acme.example>
To: <Undisclosed Recipients>
Subject: How did we do?
Message-ID: {message_id("ref-1", "acme.example")}

Hello
--B--
""")


def test_a_complaint_is_found_and_is_for_good() -> None:
    (update,) = read_bounce(complaint("abuse"), at=AT)
    assert (update.state, update.permanent) == (State.COMPLAINED, True)
    assert (update.reference, update.address) == ("ref-1", "amal@example.org")


def test_who_takes_a_complaint_back_complains_of_nothing() -> None:
    assert read_bounce(complaint("not-spam"), at=AT) == []


def test_an_empty_mail_to_the_unsubscribe_address_opts_out() -> None:
    to = unsubscribe_address("ref-1", "acme.example").upper()
    raw = crlf(f"From: amal@example.org\nTo: {to}\nSubject: unsubscribe\n\n")
    (update,) = read_bounce(raw, at=AT)
    assert (update.state, update.reference, update.permanent) == (State.OPTED_OUT, "ref-1", True)


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied (vacation)",
        "Auto-Submitted: auto-generated; owner=x",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
    ],
)
@pytest.mark.parametrize("to", ["ask@acme.example", TO])
def test_an_out_of_office_note_is_neither_a_bounce_nor_an_answer(headers: str, to: str) -> None:
    raw = crlf(f"From: amal@example.org\nTo: {to}\n{headers}\n\nI am away. For 10 days.")
    read = read_mail(raw, at=AT)
    assert read.statuses == ()
    assert read.inbound[0].automatic


def test_what_is_unclear_at_a_bounce_address_is_no_answer() -> None:
    raw = crlf(f"From: amal@example.org\nTo: {TO}\nSubject: Away until 3 May\n\n10")
    read = read_mail(raw, at=AT)
    assert read.statuses == ()
    assert (read.inbound[0].automatic, read.inbound[0].reference) == (True, "ref-1")


def test_a_person_who_quotes_a_bounce_has_not_bounced() -> None:
    raw = crlf(
        "From: Amal <amal@example.org>\nTo: ask@acme.example\nMessage-ID: <1@x>\n"
        f"In-Reply-To: {message_id('ref-1', 'acme.example')}\n\n"
        "I got this from you:\n> This is a permanent error. The following address(es) failed:\n"
        "> b@example.org"
    )
    read = read_mail(raw, at=AT)
    assert read.statuses == ()
    (answer,) = read.inbound
    assert (answer.from_, answer.reference, answer.automatic) == (
        "amal@example.org",
        "ref-1",
        False,
    )
    assert answer.text.startswith("I got this")


def test_an_answer_in_another_alphabet_is_read() -> None:
    raw = "From: a@example.org\nTo: ask@acme.example\nContent-Type: text/plain; charset=koi8-r\n\n"
    read = read_mail(raw.encode() + "десять".encode("koi8-r"), at=AT)
    assert read.inbound[0].text == "десять"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno parts",
        b"Content-Type: multipart/report; report-type=feedback-report\n\nno parts",
        b"Content-Type: text/plain; charset=nonsense\n\nhello",
        b"Content-Type: message/delivery-status\n\nAction\n\n\n",
    ],
)
def test_rubbish_reports_nothing(raw: bytes) -> None:
    read = read_mail(raw, at=AT)
    assert [update for update in read.statuses if update.permanent and update.reference] == []


@pytest.mark.parametrize("status", ["", "5", "250", "x", "4.1.1", "2.1.5", "5.1.8", "5.3.4"])
def test_no_address_is_condemned_without_a_word_about_it(status: str) -> None:
    assert not is_hard(status)
