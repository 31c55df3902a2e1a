"""The choice of channels: decided by a person, kept with the wave, used at the draw."""

from __future__ import annotations

from typing import Any

import pytest

from promontory.errors import BadInput, NotAllowed
from tests.program.outreach.conftest import NOW, make_contacts


def region() -> Any:
    from promontory.program.customers.models import Dimension, DimensionValue

    made = Dimension.objects.create(key="region", label="Region", is_declared=True, created_at=NOW)
    for code, label in ((1, "North"), (2, "South")):
        DimensionValue.objects.create(dimension=made, code=code, label=label)
    return made


def decide(survey: Any, segment: dict[str, str], *channels: str, **how: Any) -> Any:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions.channels import decide_channels

    told = {"reason": "They answer more.", "evidence": {}, "by": SYSTEM, "at": NOW} | how
    return decide_channels(survey, segment=segment, channels=channels, **told)


def test_the_newest_decision_that_fits_counts(survey: Any) -> None:
    from promontory.program.outreach.queries.choosing import choices

    key = str(region().pk)
    decide(survey, {"region": "North"}, "letter")
    decide(survey, {"region": "North"}, "sms", "email")

    made = choices(survey)

    assert list(made.channels({key: 1})) == ["sms", "email"]
    assert list(made.channels({key: 2})) == ["email", "sms"]


@pytest.mark.parametrize(
    ("segment", "channels", "reason", "said"),
    [
        ({}, ["email"], "", "reason"),
        ({}, ["email", "email"], "Because.", "twice"),
        ({}, ["pigeon"], "Because.", "no channel"),
        ({}, [], "Because.", "needs a channel"),
        ({"region": "Atlantis"}, ["email"], "Because.", "No customer"),
    ],
)
def test_what_makes_no_sense_is_refused(
    survey: Any, segment: dict[str, str], channels: list[str], reason: str, said: str
) -> None:
    region()
    with pytest.raises(BadInput, match=said):
        decide(survey, segment, *channels, reason=reason)


def test_who_may_not_send_decides_nothing(survey: Any) -> None:
    from promontory.program.organization.access import Viewer

    with pytest.raises(NotAllowed):
        decide(survey, {}, "email", by=Viewer(user_id=1, name="x", can=frozenset()))


def test_a_frame_is_asked_by_what_was_decided_for_each(survey: Any) -> None:
    from promontory.program.outreach.codes import Disposition
    from promontory.program.outreach.queries.choosing import decided
    from promontory.program.outreach.queries.frame import judged
    from promontory.program.outreach.rules.policy import Policy
    from promontory.program.surveys.codes import CHANNELS

    key = str(region().pk)
    texted = make_contacts(1, attributes={key: 1}, phone_index=b"1" * 16)
    unreached = make_contacts(1, attributes={key: 1})
    mailed = make_contacts(1, attributes={key: 2}, phone_index=b"2" * 16)
    decide(survey, {"region": "North"}, "sms")

    frame = judged(
        survey,
        frame={},
        strata=[],
        channels=["auto", "email"],
        policy=Policy(),
        at=NOW,
        decided=decided(survey),
    )

    assert frame.ids.tolist() == [*texted, *unreached, *mailed]
    assert frame.channel.tolist() == [CHANNELS["sms"], 0, CHANNELS["email"]]
    assert frame.disposition.tolist() == [0, int(Disposition.UNREACHABLE), 0]


def test_a_plan_that_leaves_the_channel_to_the_decisions_keeps_them(survey: Any) -> None:
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach.actions import NewPlan, make_plan
    from promontory.program.outreach.actions.plans import kept_plan
    from promontory.program.outreach.rules.choosing import Choices

    dimension = region()
    decide(survey, {"region": "North"}, "sms")
    plan = make_plan(
        survey, NewPlan(name="Auto", channels=["auto"], is_census=True), by=SYSTEM, at=NOW
    )

    kept = kept_plan(plan)
    decide(survey, {"region": "North"}, "letter")

    assert kept["choices"] == [[{str(dimension.pk): 1}, ["sms"]]]
    assert Choices.of(kept).every == ("email", "sms")
