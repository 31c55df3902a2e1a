"""A wave is drawn as its dry run said, keeps its whole frame, and adds up at every instant."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promontory.errors import Conflict
from promontory.program.customers.models import Account, Hold
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.actions import dispose, drawing
from promontory.program.outreach.actions.plans import (
    NewPlan,
    cancel_draw,
    make_plan,
    plan_wave,
    start_draw,
)
from promontory.program.outreach.actions.policies import set_policy
from promontory.program.outreach.codes import Disposition as D
from promontory.program.outreach.models import Clock, FrameSlice, Invitation, Wave
from promontory.program.outreach.queries.columns import second
from promontory.program.outreach.queries.facts import known_of
from promontory.program.outreach.queries.frame import judged, ways_wanted
from promontory.program.outreach.queries.policies import policy_for
from promontory.program.outreach.queries.reconciling import reconcile
from promontory.program.outreach.rules.frames import People, pack, unpack
from promontory.program.outreach.rules.policy import may_ask

from .conftest import NOW, make_contacts

pytestmark = pytest.mark.django_db


def wave_of(survey: Any, **plan: Any) -> Wave:
    made = make_plan(survey, NewPlan("Plan", **plan), by=SYSTEM, at=NOW)
    return plan_wave(made, by=SYSTEM, at=NOW)


def drawn(wave: Wave) -> Wave:
    start_draw(wave, by=SYSTEM, at=NOW)
    drawing.draw_wave(wave.pk, at=NOW)
    wave.refresh_from_db()
    assert wave.state == "drawn", wave.problem
    return wave


def test_the_drawing_does_what_the_dry_run_said(survey: Any) -> None:
    make_contacts(40)
    make_contacts(5, closed=1)
    make_contacts(3, failing=1)
    wave = wave_of(survey, size=10, expected_rate=0.5)
    drawing.try_out(wave.pk, at=NOW)
    wave.refresh_from_db()
    said = dict(wave.dry_run)
    assert (said["frame"], said["eligible"], said["drawn"]) == (48, 40, 10)
    assert said["held"] == {str(int(D.HELD_OPTED_OUT)): 5}
    assert said["not_reachable"] == 3
    assert said["answers"] == 5
    assert said["words"][0].startswith("Of 48 people in the frame 40 may be asked now")
    assert not Invitation.objects.exists()
    drawn(wave)
    assert wave.dry_run["drawn"] == Invitation.objects.count() == 10
    assert set(Invitation.objects.values_list("weight", flat=True)) == {4_000_000}
    assert reconcile(wave).counts == {
        int(D.NOT_DRAWN): 30, int(D.PLANNED): 10, int(D.HELD_OPTED_OUT): 5, int(D.UNREACHABLE): 3
    }  # fmt: skip
    assert reconcile(wave).difference == 0


def test_strata_are_drawn_apart_and_keep_their_probability(survey: Any) -> None:
    from promontory.program.customers.actions import NewDimension, ensure_codes, ensure_dimensions

    tier = ensure_dimensions({"tier": NewDimension("Tier", True)}, at=NOW)["tier"]
    codes = ensure_codes(tier.pk, ["gold", "basic"])
    make_contacts(10, attributes={str(tier.pk): codes["gold"]})
    make_contacts(90, attributes={str(tier.pk): codes["basic"]})
    make_contacts(2)
    wave = drawn(wave_of(survey, size=21, strata=["tier"], allocation="equal"))
    strata = {s.label: (s.size, s.eligible, s.drawn) for s in wave.strata.all()}
    assert strata == {"unknown": (2, 2, 2), "gold": (10, 10, 10), "basic": (90, 90, 9)}
    weights = Counter(Invitation.objects.values_list("stratum", "weight"))
    assert weights == {(0, 1_000_000): 2, (1, 1_000_000): 10, (2, 10_000_000): 9}
    only = wave_of(survey, is_census=True, frame={"tier": ["gold"]})
    drawing.try_out(only.pk, at=NOW)
    only.refresh_from_db()
    # All of them were invited just now, so the rest period holds them back.
    assert only.dry_run["held"] == {str(int(D.HELD_REST)): 10}


def test_at_most_so_many_of_an_account_and_of_a_household(survey: Any) -> None:
    set_policy({"cap_account": 3, "cap_household": 1}, by=SYSTEM, at=NOW)
    account = Account.objects.create(key="a", name="A", cluster=1, created_at=NOW)
    ours = make_contacts(20, account=account.pk)
    at_home = make_contacts(4, household=-7)
    wave = drawn(wave_of(survey, is_census=True))
    invited = set(Invitation.objects.values_list("contact_id", flat=True))
    assert len(invited & set(ours)) == 3
    assert len(invited & set(at_home)) == 1
    weights = dict(Invitation.objects.values_list("contact_id", "weight"))
    assert sum(weights[pk] for pk in invited & set(ours)) == pytest.approx(20e6, abs=3)
    assert wave.dry_run["over_account_cap"] == 17
    # A second wave finds the account full.
    again = drawn(wave_of(survey, is_census=True))
    assert reconcile(again).counts == {int(D.HELD_REST): 4, int(D.HELD_ACCOUNT): 17,
                                       int(D.HELD_HOUSEHOLD): 3}  # fmt: skip


def test_a_killed_drawing_goes_on_with_the_same_people(
    survey: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_contacts(300)
    wave = wave_of(survey, size=100)
    whole = drawn_elsewhere(survey, wave)
    monkeypatch.setattr(drawing, "_MOST_ROWS", 30)
    monkeypatch.setattr(drawing, "_SECONDS", 1e9)
    real, calls = drawing._write, iter(range(100))

    def dies(*given: Any) -> None:
        if next(calls) in (1, 3):
            raise KeyboardInterrupt
        real(*given)

    monkeypatch.setattr(drawing, "_write", dies)
    start_draw(wave, by=SYSTEM, at=NOW)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            drawing.draw_wave(wave.pk, at=NOW)
        wave.refresh_from_db()
        assert reconcile(wave).difference == 0
    drawing.draw_wave(wave.pk, at=NOW)
    wave.refresh_from_db()
    invited = list(Invitation.objects.filter(wave=wave).values_list("contact_id", flat=True))
    assert wave.state == "drawn"
    assert sorted(invited) == whole
    assert Clock.objects.count() == 100


def drawn_elsewhere(survey: Any, wave: Wave) -> list[int]:
    """Whom the seed draws, worked out without writing anything."""
    kept = drawing.kept_plan(wave.plan)
    frame, sample = drawing._drawn(
        wave, drawing._plan(wave, kept, NOW), kept, policy_for(survey, NOW), NOW
    )
    return sorted(frame.ids[sample.disposition == int(D.PLANNED)].tolist())


def test_whoever_was_asked_by_another_meanwhile_is_held_back(
    survey: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_policy({"cap_account": 5, "rest_invited": 30}, by=SYSTEM, at=NOW)
    account = Account.objects.create(key="a", name="A", cluster=1, created_at=NOW)
    make_contacts(3, account=account.pk)
    alone = make_contacts(2)
    first, second_ = wave_of(survey, is_census=True), wave_of(survey, is_census=True)
    start_draw(second_, by=SYSTEM, at=NOW)
    real = drawing._keep_frame

    def and_then_another_is_drawn(wave: Wave) -> None:
        real(wave)
        if wave.pk == second_.pk:
            drawn(first)

    monkeypatch.setattr(drawing, "_keep_frame", and_then_another_is_drawn)
    drawing.draw_wave(second_.pk, at=NOW)
    second_.refresh_from_db()
    assert reconcile(first).counts == {int(D.PLANNED): 5}
    assert reconcile(second_).counts == {int(D.HELD_REST): 5}
    assert reconcile(second_).difference == 0
    assert Clock.objects.filter(contact__in=alone, invited_at=NOW).count() == 2


def test_it_adds_up_as_of_any_instant(survey: Any) -> None:
    make_contacts(9, closed=0)
    wave = drawn(wave_of(survey, is_census=True))
    ids = list(Invitation.objects.order_by("pk").values_list("pk", flat=True))
    hours = [NOW + timedelta(hours=h) for h in range(5)]
    dispose(ids, D.SENT, by="system", at=hours[1])
    dispose(ids[:4], D.ANSWERED, by="system", at=hours[2])
    dispose(ids[4:6], D.UNDELIVERABLE, by="system", at=hours[3])
    expected = [
        {D.PLANNED: 9},
        {D.SENT: 9},
        {D.SENT: 5, D.ANSWERED: 4},
        {D.SENT: 3, D.ANSWERED: 4, D.UNDELIVERABLE: 2},
    ]
    for hour, counts in zip(hours, expected, strict=False):
        as_of = reconcile(wave, at=hour)
        assert {code: n for code, n in as_of.counts.items() if n} == counts
        assert as_of.difference == 0
    assert reconcile(wave, at=NOW - timedelta(hours=1)).counts == {}
    assert reconcile(wave).counts == expected[3]


def test_a_drawing_given_up_asks_nobody(survey: Any) -> None:
    make_contacts(5)
    wave = wave_of(survey, is_census=True)
    start_draw(wave, by=SYSTEM, at=NOW)
    cancel_draw(wave, by=SYSTEM, at=NOW)
    drawing.draw_wave(wave.pk, at=NOW)
    wave.refresh_from_db()
    assert (wave.state, Invitation.objects.count(), FrameSlice.objects.count()) == (
        "cancelled",
        0,
        0,
    )
    with pytest.raises(Conflict):
        start_draw(wave, by=SYSTEM, at=NOW)


def test_a_plan_that_cannot_be_met_is_a_draft_again_with_the_reason(survey: Any) -> None:
    make_contacts(5)
    wave = wave_of(survey, half_width=5.0)
    start_draw(wave, by=SYSTEM, at=NOW)
    drawing.draw_wave(wave.pk, at=NOW)
    wave.refresh_from_db()
    assert wave.state == "draft"
    assert "Give the response rate you expect." in wave.problem


def test_what_is_read_for_millions_is_what_is_read_for_one(survey: Any) -> None:
    """Many people with unlike histories: the columns and the facts lead to the same verdicts."""
    set_policy(
        {"cap_account": 2, "cap_household": 2, "cap_person": 2, "rest_invited": 20},
        by=SYSTEM,
        at=NOW,
    )
    rng = np.random.default_rng(5)
    accounts = [
        Account.objects.create(key=f"a{i}", name="A", cluster=i + 1, created_at=NOW).pk
        for i in range(4)
    ]
    people = []
    for number in range(60):
        people += make_contacts(
            1,
            account=accounts[number % 5] if number % 5 < 4 else None,
            household=number % 7 if number % 3 else None,
            closed=int(rng.integers(0, 2)),
            failing=int(rng.integers(0, 8) == 0),
        )
    other = type(survey).objects.create(
        key="first", name="First", kind="relationship", promise="identified", priority=1,
        created_at=NOW,
    )  # fmt: skip
    waves = [
        Wave.objects.create(survey=s, kind="drawn", name="W", created_at=NOW, created_by="t")
        for s in (survey, other)
    ]
    for number, pk in enumerate(people):
        for wave in waves:
            if rng.integers(0, 3) == 0:
                due = NOW + timedelta(days=int(rng.integers(-60, 20)))
                waits = due > NOW or number % 5 == 0
                state = D.PLANNED if waits else D.SENT
                Invitation.objects.create(
                    wave=wave, contact_id=pk, channel=1, due_at=due, changed_at=NOW,
                    reminders=int(rng.integers(0, 2)), disposition=state,
                    invited_at=due if state == D.SENT else None,
                )  # fmt: skip
        if number % 4 == 0:
            at = NOW - timedelta(days=int(rng.integers(0, 120)))
            Clock.objects.create(
                contact_id=pk, **{["shown_at", "answered_at"][number % 8 // 4]: at}
            )
    Hold.objects.create(contact_id=people[0], reason="other", source="staff", starts_at=NOW,
                        placed_at=NOW, placed_by="t", ends_at=NOW + timedelta(days=1))  # fmt: skip
    Hold.objects.create(account_id=accounts[1], reason="other", source="staff", starts_at=NOW,
                        placed_at=NOW, placed_by="t")  # fmt: skip
    policy = policy_for(survey, NOW)
    frame = judged(survey, frame={}, strata=[], channels=["email"], policy=policy, at=NOW)
    known = known_of(people, survey, policy, NOW)
    one_by_one = [
        int(
            may_ask(
                known.facts(known.contacts[pk], ways_wanted(["email"])), policy, None, second(NOW)
            ).disposition
            or 0
        )
        for pk in frame.ids.tolist()
    ]
    assert frame.disposition.tolist() == one_by_one
    assert {int(D.HELD_HOLD), int(D.HELD_PRIORITY), int(D.HELD_ACCOUNT), 0} <= set(one_by_one)


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(1, 2**40), min_size=1, max_size=50), st.randoms())
def test_a_slice_is_unpacked_as_it_was(ids: set[int], random: Any) -> None:
    size = len(ids)
    disposition = np.array([random.choice([1, 10, 30]) for _ in range(size)], dtype=np.uint8)
    drawn_ = int((disposition == 30).sum())
    people = People(
        np.array(sorted(ids), dtype=np.int64),
        disposition,
        np.array([random.randrange(2_000) for _ in range(size)], dtype=np.uint16),
        np.array([random.randrange(9) for _ in range(drawn_)], dtype=np.uint8),
        np.array([random.randrange(2**50) for _ in range(drawn_)], dtype=np.int64),
    )
    kept = pack(people)
    back = unpack(kept.first, kept.count, kept.data)
    for name in People.__slots__:
        assert getattr(back, name).tolist() == getattr(people, name).tolist()
