"""A provider over HTTP that is too busy, or keeps silent: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import pytest

from promontory.channels.contract import Means
from promontory.http import Caller, Limits
from promontory.program.organization.access import SYSTEM
from tests.channels.twilio_outside import ACCOUNT, NUMBER, TOKEN
from tests.http.conftest import Handler, Outside, outside
from tests.program.outreach.sending.waves import (
    NOW,
    a_wave,
    dispositions,
    later,
    start,
    tick,
    work,
)

__all__ = ["outside"]
pytestmark = pytest.mark.django_db
SMS = 2


def took(handler: Handler) -> None:
    number = len(handler.outside.seen)
    handler.reply(201, json.dumps({"sid": f"SM{number:032x}"}).encode())


def busy(handler: Handler) -> None:
    said = {"code": 20429, "message": "Too Many Requests"}
    handler.reply(429, json.dumps(said).encode(), Retry_After="7")


def silent(handler: Handler) -> None:
    handler.outside.over.wait(20)  # type: ignore[attr-defined]
    handler.close_connection = True


def phones(outside: Outside) -> list[str]:
    """Return whom we tried to write to, in this order."""
    return [parse_qs(body.decode())["To"][0] for _, _, body in outside.seen]


def texts(count: int) -> Any:
    wave = a_wave([{"phone": f"+1500555{n:04}"} for n in range(count)], channel=SMS)
    start(wave)
    return wave


@pytest.fixture
def provider(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Any:
    import threading

    from promontory.program.organization.actions import found_organization
    from promontory.program.outreach.actions import sending_clock, sending_run
    from promontory.program.outreach.actions.senders import add_sender

    # On this machine there is no outside: it may be called, and its silence is short.
    limits = Limits(read=0.3, total=0.6)
    caller = Caller(allow=frozenset({"127.0.0.1"}), limits=limits)
    monkeypatch.setattr(sending_run, "Means", partial(Means, http=caller))
    # Failures in a row are those of one lane.
    monkeypatch.setattr(sending_clock, "LANES", {"sqlite": 1, "postgresql": 1})
    found_organization(name="Acme", zone="UTC", by=SYSTEM, at=NOW)
    over = threading.Event()
    outside.over = over  # type: ignore[attr-defined]
    values = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": NUMBER}
    yield add_sender(
        name="Texts",
        provider="twilio",
        per_second=1_000,
        values={**values, "api": outside.url("")},
        by=SYSTEM,
        at=NOW,
    )
    over.set()
    caller.close()


def test_a_busy_provider_is_given_the_time_it_asks_for(
    provider: Any, outside: Outside, no_naps: list[float]
) -> None:
    outside.says(took, busy, busy, took)
    wave = texts(6)
    work()
    assert dispositions(wave) == {"SENT": 4, "PLANNED": 2}
    # Waited a second at a time, so that a pause is heeded.
    assert sum(nap for nap in no_naps if nap >= 0.5) == 14
    tick(later(minutes=2))
    assert dispositions(wave) == {"SENT": 6}
    tried = phones(outside)
    assert len(tried) == 8
    assert sorted(tried[:1] + tried[3:]) == sorted(set(tried))


def test_a_provider_that_stays_busy_pauses_the_wave_and_loses_nobody(
    provider: Any, outside: Outside
) -> None:
    from promontory.program.outreach.actions.sending import resume_wave

    outside.says(busy)
    wave = texts(8)
    work()
    tick(later(minutes=5))
    wave.refresh_from_db()
    assert wave.state == "paused"
    assert wave.problem.startswith("“Texts” has failed 5 times in a row.")
    assert len(outside.seen) == 5
    assert dispositions(wave) == {"PLANNED": 8}
    outside.says(took)
    outside.seen.clear()
    resume_wave(wave, by=SYSTEM, at=later(hours=1))
    work(later(hours=1))
    assert dispositions(wave) == {"SENT": 8}
    assert len(set(phones(outside))) == len(outside.seen) == 8


def test_a_provider_that_keeps_silent_leaves_the_delivery_unknown(
    provider: Any, outside: Outside
) -> None:
    outside.says(took, silent, took)
    wave = texts(4)
    work()
    tick(later(hours=1))
    assert dispositions(wave) == {"SENT": 3, "DELIVERY_UNKNOWN": 1}
    assert len(set(phones(outside))) == len(outside.seen) == 4


def test_a_provider_that_is_silent_for_good_takes_no_more_than_a_few_with_it(
    provider: Any, outside: Outside
) -> None:
    from promontory.program.outreach.actions.sending import resume_wave

    outside.says(silent)
    wave = texts(9)
    work()
    wave.refresh_from_db()
    assert (wave.state, len(outside.seen)) == ("paused", 5)
    assert "did not answer" in wave.problem
    assert dispositions(wave) == {"DELIVERY_UNKNOWN": 5, "PLANNED": 4}
    outside.says(took)
    resume_wave(wave, by=SYSTEM, at=later(hours=1))
    work(later(hours=1))
    assert dispositions(wave) == {"DELIVERY_UNKNOWN": 5, "SENT": 4}
    assert len(set(phones(outside))) == len(outside.seen) == 9


def test_a_provider_inside_our_own_network_pauses_the_wave_and_condemns_nobody(
    provider: Any, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    from promontory.program.outreach.actions import sending_run

    monkeypatch.setattr(sending_run, "Means", partial(Means, http=Caller()))
    wave = texts(3)
    work()
    wave.refresh_from_db()
    assert wave.state == "paused"
    assert "inside our own network" in wave.problem
    assert outside.seen == []
    assert dispositions(wave) == {"PLANNED": 3}
