"""Quiet hours, outcomes, languages: decisions without a database."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promontory.channels.contract import Fault, NotSent
from promontory.program.outreach.rules import messages
from promontory.program.outreach.rules.sending_hours import next_allowed, zone_of
from promontory.program.outreach.rules.sending_outcomes import (
    MOST_TRIES,
    Again,
    GivenUp,
    Stop,
    Unknown,
    after_failure,
)

NIGHT = (time(21), time(8))
BERLIN = ZoneInfo("Europe/Berlin")


def berlin(*moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=BERLIN, fold=fold).astimezone(UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "then"),
    [
        (berlin(2026, 5, 4, 20, 59), berlin(2026, 5, 4, 20, 59)),
        (berlin(2026, 5, 4, 21, 0), berlin(2026, 5, 5, 8, 0)),
        (berlin(2026, 5, 5, 7, 59), berlin(2026, 5, 5, 8, 0)),
        (berlin(2026, 5, 5, 8, 0), berlin(2026, 5, 5, 8, 0)),
        # The night in which the clocks go forward, and back.
        (berlin(2026, 3, 28, 23, 0), berlin(2026, 3, 29, 8, 0)),
        (berlin(2026, 10, 24, 23, 0), berlin(2026, 10, 25, 8, 0)),
    ],
)
def test_who_is_written_to_at_night_is_written_to_in_the_morning(
    at: datetime, then: datetime
) -> None:
    assert next_allowed(at, BERLIN, *NIGHT) == then


def test_quiet_hours_that_end_in_a_skipped_hour_end_when_the_clocks_go_on() -> None:
    at = berlin(2026, 3, 29, 1, 30)
    assert next_allowed(at, BERLIN, time(21), time(2, 30)) == berlin(2026, 3, 29, 3, 30)


def test_quiet_hours_that_end_in_a_repeated_hour_end_once_for_each_time_it_is_quiet() -> None:
    first = berlin(2026, 10, 25, 2, 10)
    again = berlin(2026, 10, 25, 2, 10, fold=1)
    quiet = (time(21), time(2, 30))
    assert next_allowed(first, BERLIN, *quiet) == berlin(2026, 10, 25, 2, 30)
    assert next_allowed(again, BERLIN, *quiet) == berlin(2026, 10, 25, 2, 30, fold=1)


@given(
    st.integers(1_577_836_800, 1_893_456_000).map(lambda at: datetime.fromtimestamp(at, UTC)),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"]),
    st.times(),
    st.times(),
)
def test_the_end_is_never_before_and_at_most_a_day_and_an_hour_later(
    at: datetime, zone: str, begin: time, end: time
) -> None:
    then = next_allowed(at, ZoneInfo(zone), begin, end)
    assert at <= then <= at + timedelta(hours=25)


def test_an_unknown_zone_falls_back() -> None:
    assert zone_of("Mars/Olympus", "Asia/Tokyo").key == "Asia/Tokyo"
    assert zone_of("", "").key == "UTC"


def failure(**given: object) -> NotSent:
    return NotSent("No.", **{"permanent": False, **given})  # type: ignore[arg-type]


def test_what_may_have_gone_out_is_unknown_whatever_else_is_said() -> None:
    both = failure(ambiguous=True, permanent=True, fault=Fault.SERVICE)
    assert after_failure(both, tries=1) == Unknown("No.")


def test_an_address_is_given_up_for_good_and_a_service_stops_the_wave() -> None:
    assert after_failure(failure(permanent=True), tries=1) == GivenUp("No.", is_address=True)
    refused = failure(permanent=True, fault=Fault.MESSAGE)
    assert after_failure(refused, tries=1) == GivenUp("No.", is_address=False)
    stop = after_failure(failure(permanent=True, fault=Fault.SERVICE), tries=1)
    assert stop == Stop("No.")


def test_a_reason_names_no_address() -> None:
    said = "550 5.1.1 <ada.lovelace@example.org>: unknown; 21211 'To' +4930123456 of 447700900123"
    given_up = after_failure(NotSent(said, permanent=True), tries=1)
    assert given_up == GivenUp(
        "550 5.1.1 <(address)>: unknown; 21211 'To' (address) of (address)", is_address=True
    )


def test_the_provider_says_how_long_to_wait() -> None:
    busy = failure(retry_after=900.0, fault=Fault.SERVICE)
    assert after_failure(busy, tries=1) == Again(timedelta(minutes=15), "No.", is_service=True)


def test_an_address_is_tried_less_and_less_often_and_then_no_more() -> None:
    waits = [after_failure(failure(), tries=n) for n in range(1, MOST_TRIES)]
    spans = [wait.after for wait in waits if isinstance(wait, Again)]
    assert spans == sorted(spans)
    assert len(spans) == MOST_TRIES - 1
    assert after_failure(failure(), tries=MOST_TRIES) == GivenUp(
        f"Tried {MOST_TRIES} times. No.", is_address=False
    )


@pytest.mark.parametrize(
    ("wished", "offered", "language"),
    [
        ("de", ["en", "de"], "de"),
        ("de-AT", ["en", "de"], "de"),
        ("pt-BR", ["en", "pt-PT"], "pt-PT"),
        ("sw", ["fr", "en"], "fr"),
        ("", ["fr", "en"], "fr"),
        ("sw", [], "en"),
    ],
)
def test_the_nearest_language_is_spoken(wished: str, offered: list[str], language: str) -> None:
    assert messages.language_for(wished, offered) == language


@given(st.integers(1, 2**50), st.integers(0, messages.MOST_DELIVERIES - 1))
def test_a_reference_comes_back_as_it_went(invitation: int, number: int) -> None:
    key = b"k" * 32
    written = messages.reference(invitation, number, key=key)
    assert messages.read_reference(written, key=key) == (invitation, number)
    assert messages.read_reference(written, key=b"x" * 32) is None
    assert len(written) <= 24


def test_without_a_domain_of_our_own_mail_goes_nowhere() -> None:
    assert messages.from_address("", "Acme", "localhost") == "Acme <survey@outbox.invalid>"
    assert messages.from_address("", "Acme", "192.0.2.1") == "Acme <survey@outbox.invalid>"
    assert messages.from_address("", "Acme", "ask.acme.example") == "Acme <survey@ask.acme.example>"
