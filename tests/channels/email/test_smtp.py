"""Mail over SMTP against a real server: how far each mail came is known, or said to be unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from promontory.channels.contract import Fault, NotSent
from promontory.channels.email.smtp import Smtp
from tests.channels.email.conftest import Box, message


def failure(smtp: Smtp, **kwargs: str) -> NotSent:
    with pytest.raises(NotSent) as caught:
        smtp.send(message(**kwargs))
    return caught.value


def flags(failed: NotSent) -> tuple[bool, bool, Fault]:
    return failed.permanent, failed.ambiguous, failed.fault


def test_a_mail_arrives_as_it_was_meant(smtp: Smtp, box: Box) -> None:
    receipt = smtp.send(message(html="<p>Grüße</p>", headers={"List-Id": "<a.b>"}))

    sender, to, raw = box.taken[0]
    assert (sender, to) == ("bounce+x@acme.example", ["amal@example.org"])
    assert b"\r\n.\r\n" in raw  # a line with a single dot came through
    mail = box.mails[0]
    assert mail["From"] == "Acme <ask@acme.example>"
    assert mail["List-Id"] == "<a.b>"
    assert mail["Date"] == "Mon, 04 May 2026 09:30:00 +0000"
    assert mail["Message-ID"] == receipt.provider_id
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Grüße\n.\n"


def test_the_same_delivery_has_the_same_message_id(smtp: Smtp) -> None:
    assert smtp.send(message()).provider_id == smtp.send(message()).provider_id
    assert smtp.send(message(reference="ref-2")) != smtp.send(message())


def test_one_connection_carries_a_chunk(smtp: Smtp, box: Box) -> None:
    with smtp:
        for number in range(5):
            smtp.send(message(f"p{number}@example.org", f"ref-{number}"))
    assert (len(box.taken), len(box.sessions)) == (5, 1)


def test_an_unknown_address_is_the_recipients_and_the_next_one_goes_out(
    smtp: Smtp, box: Box
) -> None:
    box.bad.rcpt = {"gone@example.org": "550 5.1.1 No such user"}
    with smtp:
        failed = failure(smtp, to="gone@example.org")
        smtp.send(message())
    assert flags(failed) == (True, False, Fault.RECIPIENT)
    assert (failed.detail, failed.code) == ("550 5.1.1 No such user", "550")
    assert (len(box.taken), len(box.sessions)) == (1, 1)


def test_a_greylisted_address_is_passing(smtp: Smtp, box: Box) -> None:
    box.bad.rcpt = {"amal@example.org": "450 4.7.1 Try later"}
    assert flags(failure(smtp)) == (False, False, Fault.MESSAGE)


def test_a_refused_content_condemns_no_address(smtp: Smtp, box: Box) -> None:
    box.bad.data = "554 5.7.1 Looks like spam"
    assert flags(failure(smtp)) == (True, False, Fault.MESSAGE)


def test_a_server_that_closes_down_stops_the_chunk(smtp: Smtp, box: Box) -> None:
    box.bad.mail = "421 4.3.2 Shutting down"
    failed = failure(smtp)
    assert flags(failed) == (False, False, Fault.SERVICE)


def test_a_connection_hung_up_between_two_mails_is_opened_again(smtp: Smtp, box: Box) -> None:
    with smtp:
        smtp.send(message())
        box.bad.die_at = "mail"
        smtp.send(message(reference="ref-2"))
    assert (len(box.taken), len(box.sessions)) == (2, 2)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_server_that_dies_before_it_has_the_mail_is_passing(
    smtp: Smtp, box: Box, step: str
) -> None:
    box.bad.die_at = step
    assert flags(failure(smtp)) == (False, False, Fault.SERVICE)
    assert box.taken == []


def test_a_server_that_dies_before_it_confirms_is_ambiguous_and_not_tried_again(
    smtp: Smtp, box: Box
) -> None:
    with smtp:
        smtp.send(message(reference="ref-0"))
        box.bad.die_at = "content"
        failed = failure(smtp)
        after = smtp.send(message(reference="ref-2"))
    assert flags(failed) == (False, True, Fault.SERVICE)
    assert len(box.taken) == 3  # it had the mail; once
    assert after.provider_id


def test_silence_after_the_content_is_ambiguous(smtp: Smtp, box: Box) -> None:
    box.bad.silent_at = "content"
    assert flags(failure(smtp)) == (False, True, Fault.SERVICE)


def test_silence_before_the_content_is_passing(smtp: Smtp, box: Box) -> None:
    box.bad.silent_at = "rcpt"
    assert flags(failure(smtp)) == (False, False, Fault.SERVICE)


def test_nobody_listening_is_passing(smtp: Smtp) -> None:
    nobody = Smtp(replace(smtp.settings, port=1))
    assert flags(failure(nobody)) == (False, False, Fault.SERVICE)


def test_over_tls_with_a_password(starttls: Smtp, box: Box) -> None:
    starttls.send(message())
    assert len(box.taken) == 1


def test_a_wrong_password_stops_everything_and_condemns_nobody(starttls: Smtp) -> None:
    wrong = Smtp(replace(starttls.settings, password="wrong"))
    assert flags(failure(wrong)) == (True, False, Fault.SERVICE)


def test_a_certificate_that_nobody_vouches_for_is_refused(starttls: Smtp, box: Box) -> None:
    trusting = Smtp(replace(starttls.settings, authority_file=""))
    failed = failure(trusting)
    assert flags(failed) == (True, False, Fault.SERVICE)
    assert "not to be trusted" in failed.detail
    assert box.taken == []


def test_a_server_without_encryption_gets_nothing_if_encryption_was_asked(
    smtp: Smtp, box: Box
) -> None:
    failed = failure(Smtp(replace(smtp.settings, security="starttls")))
    assert (failed.permanent, box.taken) == (True, [])
    assert "offers no encryption" in failed.detail


def test_a_server_of_seven_bits_gets_seven_bits(seven_bit: Smtp, box: Box) -> None:
    seven_bit.send(message(html="<p>Grüße</p>"))
    _, _, raw = box.taken[0]
    assert str(raw).isascii()
    assert "R3LDvMOfZQ" in str(raw)  # Grüße in base 64


def test_letters_outside_ascii_need_a_server_that_knows_them(smtp: Smtp) -> None:
    failed = failure(smtp, to="grüße@example.org")
    assert flags(failed) == (True, False, Fault.RECIPIENT)


@pytest.mark.parametrize("to", ["", "nobody", "a b@example.org", "a@b", "a@example.org\nBcc: x@y"])
def test_a_malformed_address_is_refused_before_anything_is_sent(
    smtp: Smtp, box: Box, to: str
) -> None:
    assert flags(failure(smtp, to=to)) == (True, False, Fault.RECIPIENT)
    assert box.sessions == set()


@pytest.mark.parametrize(
    "injected",
    [
        {"subject": "Hi\r\nBcc: all@example.org"},
        {"sender": "Acme <ask@acme.example>\nBcc: all@example.org"},
        {"headers": {"List-Id": "x\nBcc: all@example.org"}},
    ],
)
def test_a_line_break_in_a_header_is_refused(smtp: Smtp, box: Box, injected: dict) -> None:
    with pytest.raises(NotSent) as caught:
        smtp.send(message(**injected))
    assert flags(caught.value) == (True, False, Fault.MESSAGE)
    assert box.taken == []
