"""Response rates, the choice of channels, mode effects, and what stands beside the score."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from promontory.errors import NotAllowed
from promontory.program.outreach.codes import Disposition as D
from promontory.program.outreach.models import ChannelDecision
from promontory.program.scores.queries.asking import response_rates
from promontory.program.scores.queries.held_back import held_back
from promontory.program.scores.queries.modes import modes
from promontory.program.scores.queries.overview import overview
from promontory.program.scores.queries.proposals import channel_proposals
from promontory.program.scores.queries.source import open_source
from promontory.program.scores.rules.periods import read_period
from promontory.program.scores.rules.view import View
from tests.program.scores.company import AT, Company, viewer
from tests.program.scores.test_pages import fill, signed_in
from tests.program.scores.waves import make_wave

ANALYST = "analyst"
ASKED = {
    "sms": {D.ANSWERED: 48, D.NO_ANSWER: 148, D.UNDELIVERABLE: 4},
    "email": {D.ANSWERED: 22, D.PARTIAL: 2, D.CLICKED: 3, D.OPTED_OUT: 3, D.SENT: 170},
}


def rates(company: Company, **how: object):
    view = View(survey=company.survey.key)
    return response_rates(viewer(ANALYST), view, at=AT, **how)


def test_of_those_asked_so_many_answered_by_each_channel(identified: Company) -> None:
    wave = make_wave(identified.survey, AT - timedelta(days=9), ASKED, language="es")

    found = rates(identified)

    assert (found.total.outcomes.answered, found.total.outcomes.asked) == (72, 400)
    told = {line.key: (line.outcomes.answered, line.outcomes.asked) for line in found.channels}
    assert told == {"1": (24, 200), "2": (48, 200)}
    assert found.chances.leader == "SMS" and found.chances.best["SMS"] > 0.99
    assert [line.label for line in found.languages] == ["es"]
    assert found.still_open == 173
    assert ("Opted out", 3, 3 / 400) in found.trouble
    assert rates(identified, wave=wave.pk).total == found.total


def test_without_a_frame_there_is_no_rate_and_it_is_said(identified: Company) -> None:
    found = rates(identified)

    assert not found.framed and found.total.rate.value is None
    page = signed_in("analyst").get("/rates").content.decode()
    assert "there is no response rate" in page and "0.0" not in page


def test_waves_that_differ_widen_the_interval(identified: Company) -> None:
    for days, good in ((9, 40), (40, 120)):
        ends = {"email": {D.ANSWERED: good, D.NO_ANSWER: 400 - good}}
        make_wave(identified.survey, AT - timedelta(days=days), ends)

    found = rates(identified).total

    assert found.spread == pytest.approx(50)
    assert found.rate.high - found.rate.low > 0.3


def test_a_gated_viewer_sees_no_group_too_small(company: Company) -> None:
    for stratum, n in (("North", 40), ("South", 30), ("East", 2)):
        ends = {"email": {D.ANSWERED: 1, D.NO_ANSWER: n - 1}}
        make_wave(company.survey, AT - timedelta(days=9), ends, stratum=stratum)

    found = response_rates(viewer("executive"), View(survey="relationship"), at=AT)

    assert [(x.label, x.outcomes.asked) for x in found.strata] == [
        ("North", 40),
        ("2 smaller ones together", 32),
    ]


def test_rates_take_as_many_statements_for_one_wave_as_for_ten(identified: Company) -> None:
    make_wave(identified.survey, AT, ASKED)
    with CaptureQueriesContext(connection) as once:
        rates(identified)
    for _ in range(9):
        make_wave(identified.survey, AT, ASKED, stratum="North")
    with CaptureQueriesContext(connection) as often:
        rates(identified)

    assert len(often) == len(once)


# --- choice of channels


def test_a_clear_difference_in_a_segment_is_proposed_with_its_evidence(
    identified: Company,
) -> None:
    for region, asked in ((1, ASKED), (2, {"sms": ASKED["email"], "email": ASKED["email"]})):
        attributes = {str(identified.region.pk): region}
        make_wave(identified.survey, AT - timedelta(days=9), asked, attributes=attributes)

    _, found = channel_proposals(viewer(ANALYST), "relationship", by="region", at=AT)
    north, south = (next(p for p in found if p.label == name) for name in ("North", "South"))

    assert north.standing == "clear" and north.order == ("sms", "email")
    assert north.sentence == (
        "SMS 24\u00a0% (19–30\u00a0%) against Email 12\u00a0% (8–17\u00a0%): "
        "ask by SMS first in North."
    )
    assert north.evidence["channels"]["sms"]["asked"] == 200
    assert south.standing == "close"


def test_channels_are_compared_within_the_waves_that_used_both(identified: Company) -> None:
    make_wave(identified.survey, AT - timedelta(days=9), ASKED)
    poor = {"email": {D.ANSWERED: 1, D.NO_ANSWER: 999}}
    make_wave(identified.survey, AT - timedelta(days=40), poor)

    _, [everybody] = channel_proposals(viewer(ANALYST), "relationship", at=AT)

    assert {line.key: line.outcomes.asked for line in everybody.lines} == {"sms": 200, "email": 200}


def test_a_gated_viewer_sees_no_small_segment_and_no_undeclared_attribute(
    company: Company,
) -> None:
    for region, n in ((1, 90), (2, 3)):
        ends = {"email": {D.ANSWERED: 2, D.NO_ANSWER: n - 2}}
        attributes = {str(company.region.pk): region}
        make_wave(company.survey, AT - timedelta(days=9), ends, attributes=attributes)

    _, found = channel_proposals(viewer("executive"), "relationship", by="region", at=AT)
    assert [one.label for one in found] == ["Everybody", "North"]
    with pytest.raises(NotAllowed):
        channel_proposals(viewer("executive"), "relationship", by="hobby", at=AT)


def test_too_few_are_no_evidence(identified: Company) -> None:
    few = {"sms": {D.ANSWERED: 9, D.SENT: 1}, "email": {D.ANSWERED: 5, D.SENT: 195}}
    make_wave(identified.survey, AT - timedelta(days=9), few)

    _, [everybody] = channel_proposals(viewer(ANALYST), "relationship", at=AT)

    assert everybody.standing == "thin" and "too few" in everybody.sentence


def test_a_decision_is_kept_with_its_evidence_and_reason(identified: Company) -> None:
    attributes = {str(identified.region.pk): 1}
    client = signed_in("owner")
    make_wave(identified.survey, timezone.now() - timedelta(days=9), ASKED, attributes=attributes)
    told = {
        "survey": "relationship", "by": "region", "value": "North",
        "first": "sms", "then": ["email"], "reason": "They answer texts.",
    }  # fmt: skip

    answer = client.post("/rates/channels/decide", told)

    made = ChannelDecision.objects.get()
    assert answer.status_code == 302
    assert made.segment == {str(identified.region.pk): 1}
    assert made.channels == ["sms", "email"]
    assert made.evidence["channels"]["sms"]["answered"] == 48
    page = client.get("/rates/channels?by=region").content.decode()
    assert "They answer texts." in page and "Region North" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": " "}, "needs its reason"),
        ({"first": "pigeon"}, "ask by first"),
        ({"value": "Atlantis"}, "No customer has"),
        ({"by": "shoe-size"}, "no attribute"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    identified: Company, changed: dict[str, str], said: str
) -> None:
    told = {
        "survey": "relationship", "by": "region", "value": "North", "first": "sms",
        "reason": "Because.", **changed,
    }  # fmt: skip
    answer = signed_in("owner").post("/rates/channels/decide", told)

    assert answer.status_code in (400, 422) and said in answer.content.decode()
    assert not ChannelDecision.objects.exists()


def test_who_may_not_send_decides_nothing(identified: Company) -> None:
    told = {"survey": "relationship", "first": "sms", "reason": "Because."}
    assert signed_in("analyst").post("/rates/channels/decide", told).status_code == 403


# --- mode effects


def mixed(company: Company) -> None:
    """By SMS the young answer, by e-mail the old; the channel itself does nothing."""
    for channel, young, old in ((2, 9, 1), (1, 1, 9)):
        for plan, times, good in ((1, young, 5), (2, old, 8)):
            company.answer("2025-08-10", 10, times * good, plan=plan, channel=channel)
            company.answer("2025-08-10", 0, times * (10 - good), plan=plan, channel=channel)
    company.seal("2025-08-31")


def test_a_difference_that_is_all_mix_is_no_mode_effect(identified: Company) -> None:
    mixed(identified)
    source = open_source(viewer(ANALYST), View(survey="relationship"), at=AT)

    found = modes(source, ("plan",), None)

    [effect] = found.effects
    assert abs(effect.raw.value) == pytest.approx(48)
    assert effect.effect.value == pytest.approx(0, abs=1e-9)
    assert found.within == ("Plan",)
    assert found.sentence.startswith("No detectable difference")


def test_where_a_cell_is_withheld_nothing_is_compared_within(company: Company) -> None:
    mixed(company)
    company.answer("2025-08-10", 10, 2, plan=1, channel=3)
    company.seal("2025-08-31")
    source = open_source(viewer("executive"), View(survey="relationship"), at=AT)

    found = modes(source, ("plan",), None)

    assert all(figure.standing != "withheld" or figure.estimate is None for figure in found.figures)
    assert found.within == () or all(effect.shared == 1 for effect in found.effects)


# --- beside the score


def test_those_held_back_and_their_bound_stand_beside_the_score(identified: Company) -> None:
    fill(identified)
    make_wave(
        identified.survey,
        AT.replace(year=2025, month=8, day=5),
        {"email": {D.ANSWERED: 85, D.NO_ANSWER: 3}},
        held={D.HELD_HOLD: 3, D.HELD_REST: 9},
    )

    found = overview(viewer(ANALYST), View(survey="relationship", grain="month"), at=AT).held

    # The score is 20; 3 of 100 are held back for a bad moment.
    assert found.suppression.share_held == 0.12 and found.suppression.share == 0.03
    assert found.bounds.worst == pytest.approx(0.97 * 20 - 3)
    assert found.bounds.best == pytest.approx(0.97 * 20 + 3)
    assert found.sentence.startswith(
        "12\u00a0% of those eligible were held back, 3.0\u00a0% for bad moments; had they "
        "answered, the score would lie between +16.4 and +22.4"
    )


def test_without_a_frame_it_is_said_that_nothing_is_known(identified: Company) -> None:
    fill(identified)

    found = overview(viewer(ANALYST), View(survey="relationship"), at=AT).held

    assert not found.framed and "unknown population" in found.sentence


def test_it_costs_the_overview_two_statements_at_most(identified: Company) -> None:
    for _ in range(12):
        make_wave(identified.survey, AT, ASKED, held={D.HELD_HOLD: 3})
    source = open_source(viewer(ANALYST), View(survey="relationship"), at=AT)
    with CaptureQueriesContext(connection) as done:
        found = held_back(source, read_period("2026-09"), None)

    assert found.suppression.waves == 12
    assert len(done) <= 2 + 1  # and one for the organisation's zone


def test_who_sees_one_unit_is_told_nothing_of_the_whole(identified: Company) -> None:
    fill(identified)
    found = overview(viewer(ANALYST, units=[1]), View(survey="relationship"), at=AT)
    assert found.held is None


def test_unequal_chances_show_a_weighted_score_beside_the_raw_one(identified: Company) -> None:
    identified.answer("2025-08-10", 10, 40, d=1_000_000)
    identified.answer("2025-08-10", 0, 60, d=3_000_000)
    identified.seal("2025-08-31")

    found = overview(viewer(ANALYST), View(survey="relationship", grain="month"), at=AT)

    assert found.headline.estimate.value == pytest.approx(-20)
    assert found.weighted.value == pytest.approx((40 - 180) / 220 * 100)


def test_equal_chances_show_none(identified: Company) -> None:
    identified.answer("2025-08-10", 10, 40, d=2_000_000)
    identified.answer("2025-08-10", 0, 60, d=2_000_000)
    identified.seal("2025-08-31")

    assert overview(viewer(ANALYST), View(survey="relationship"), at=AT).weighted is None


# --- the API


def test_the_api_says_the_same(identified: Company) -> None:
    fill(identified)
    make_wave(identified.survey, timezone.now() - timedelta(days=9), ASKED)
    client = signed_in("owner")

    rates = client.get("/api/v1/response-rates?survey=relationship&by=plan").json()
    assert (rates["rr1"]["answered"], rates["total"]["rate"]["answered"]) == (70, 72)
    assert rates["chance_best"]["SMS"] > 0.99 and rates["unframed"] == 0
    assert rates["modes"]["effects"] == []

    proposed = client.get("/api/v1/channel-proposals?survey=relationship").json()["items"]
    assert proposed[0]["standing"] == "clear" and proposed[0]["channels"] == ["sms", "email"]

    told = {"survey": "relationship", "channels": ["sms", "email"], "reason": "Clear."}
    made = client.post("/api/v1/channel-decisions", told, content_type="application/json")
    assert made.status_code == 201 and made.json()["segment"] == "Everybody"
    assert made.json()["evidence"]["channels"]["sms"]["asked"] == 200
    assert len(client.get("/api/v1/channel-decisions").json()["items"]) == 1

    score = client.get("/api/v1/scores?survey=relationship&period=2025-08")
    assert score.json()["held_back"]["share"] is None and score.json()["weighted"] is None


def test_a_score_is_told_anew_once_somebody_more_was_held_back(identified: Company) -> None:
    fill(identified)
    client = signed_in("owner")
    address = "/api/v1/scores?survey=relationship&period=2025-08"
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304

    then = AT.replace(year=2025, month=8, day=5)
    make_wave(identified.survey, then, ASKED, held={D.HELD_HOLD: 3})

    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "query", ["wave=999999", "wave=0", "survey=none", "by=shoe-size", "period=yesterday"]
)
def test_what_there_is_not_is_refused(identified: Company, query: str) -> None:
    identified.answer("2025-08-10", 10, 9, channel=1)
    identified.seal("2025-08-31")
    assert signed_in("analyst").get(f"/api/v1/response-rates?{query}").status_code in (404, 422)
