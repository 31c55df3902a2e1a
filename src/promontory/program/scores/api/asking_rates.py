"""The REST API of response rates and of the choice of channels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, P, QueryEx, Router, Schema, Status
from pydantic import StringConstraints

from promontory.measurement.sampling import ResponseRate
from promontory.program.organization.doors import Cursor, Limit, Strict, answers, now, page, viewer
from promontory.program.outreach.actions.channels import decide_channels
from promontory.program.outreach.models import ChannelDecision
from promontory.program.outreach.queries import choosing
from promontory.program.scores import asking_words
from promontory.program.scores.api import shapes
from promontory.program.scores.queries.asking import Line, response_rates
from promontory.program.scores.queries.modes import Modes, modes
from promontory.program.scores.queries.proposals import (
    Proposal,
    channel_proposals,
    proposal_for,
)
from promontory.program.scores.rules.view import Given, read_view

router = Router(tags=["response rates"])
Word = Annotated[str, StringConstraints(max_length=300)]


class RateOut(Schema):
    """A share of those asked, with Wilson's interval; null where nobody was asked."""

    value: float | None = Field(examples=[0.31])
    low: float | None
    high: float | None
    answered: int
    asked: int


class RateLine(Schema):
    """Some of those asked by how they ended, and their RR2."""

    label: str
    rate: RateOut
    complete: int
    partial: int
    refused: int
    not_reached: int
    other: int
    unknown: int
    dispersion: float = Field(description="How far its waves differ; 1 is chance alone.")


class EndedOut(Schema):
    """How many ended otherwise, and their share of those asked."""

    label: str
    count: int
    share: float


class EffectOut(Schema):
    """One channel against another: raw, among like customers, and from the mix; in points."""

    channel: str
    reference: str
    raw: shapes.DifferenceOut
    effect: shapes.EffectOut | None
    mix: shapes.EffectOut | None
    shared: float
    sentence: str


class ModesOut(Schema):
    """The score by channel, and whether the channel itself makes the difference."""

    figures: list[shapes.FigureOut]
    within: list[str]
    effects: list[EffectOut]
    sentence: str


class ResponseRatesOut(Schema):
    """Who of those asked answered; every rate is null where nobody was invited.

    `unframed` are answers nobody was invited to give (null where that is not kept): they are of
    an unknown population and have no rate.
    """

    survey: str
    span: str
    wave: int | None
    sentence: str
    total: RateLine
    rr1: RateOut
    rr5: RateOut
    rr6: RateOut
    cooperation2: RateOut
    contact1: RateOut
    refusal1: RateOut
    channels: list[RateLine]
    strata: list[RateLine]
    languages: list[RateLine]
    waves: list[RateLine]
    chance_best: dict[str, float] = Field(examples=[{"SMS": 0.98, "Email": 0.02}])
    ended: list[EndedOut]
    still_open: int
    unframed: int | None
    unframed_more: bool
    modes: ModesOut | None


class ProposalOut(Schema):
    """What the observed rates of a segment speak for; `clear` ones are sure enough to propose."""

    segment: dict[str, str]
    label: str
    standing: str = Field(description="clear, close, thin or one.")
    channels: list[str]
    chance: float
    decided: list[str] | None
    sentence: str
    evidence: dict[str, Any]


class ProposalList(Schema):
    """Everybody first, then the segments, the largest first."""

    items: list[ProposalOut]


class DecisionIn(Strict):
    """By which channels, in this order, a segment is asked from now on; {} is everybody."""

    survey: Word
    segment: dict[str, Word] = Field({}, max_length=1, examples=[{"region": "North"}])
    channels: list[Word] = Field(min_length=1, max_length=9, examples=[["sms", "email"]])
    reason: str = Field(max_length=300)


class DecisionOut(Schema):
    """A recorded decision with the evidence there was."""

    id: int
    survey: str
    segment: str
    channels: list[str]
    reason: str
    evidence: dict[str, Any]
    decided_at: datetime
    decided_by: str


class DecisionList(Schema):
    """A page of decisions, newest first."""

    items: list[DecisionOut]
    next: str | None


Survey = QueryEx[str, P(max_length=300, description="A survey's key; the first survey without it.")]
Time = QueryEx[
    str, P(max_length=300, description="As for a score; the last twelve months without it.")
]
By = QueryEx[str, P(max_length=300, description="An attribute of customers (GET /slices).")]


@router.get("/response-rates", response=answers(ResponseRatesOut), summary="Response rates")
def get_response_rates(
    request: HttpRequest,
    survey: Survey = "",
    period: Time = "",
    by: By = "",
    wave: QueryEx[int | None, P(ge=1, le=2**63 - 1, description="One wave alone.")] = None,
) -> ResponseRatesOut:
    """Return the response rates, and what the channel does to the score within `by`."""
    asking = viewer(request)
    view = read_view(Given({"survey": survey, "period": period, "by": by}))
    found = response_rates(asking, view, at=now(), wave=wave)
    made = modes(found.source, view.by, view.period) if wave is None else None
    alone, named = found.unframed, found.rates
    return ResponseRatesOut(
        survey=found.source.survey.key,
        span=found.span,
        wave=wave,
        sentence=asking_words.of_rates(found),
        total=_line(found.total),
        rr1=_rate(named.rr1),
        rr5=_rate(named.rr5),
        rr6=_rate(named.rr6),
        cooperation2=_rate(named.cooperation2),
        contact1=_rate(named.contact1),
        refusal1=_rate(named.refusal1),
        channels=[_line(one) for one in found.channels],
        strata=[_line(one) for one in found.strata],
        languages=[_line(one) for one in found.languages],
        waves=[_line(one) for one in found.waves],
        chance_best=dict(found.chances.best),
        ended=[EndedOut(label=label, count=n, share=part) for label, n, part in found.trouble],
        still_open=found.still_open,
        unframed=alone.count if alone else None,
        unframed_more=bool(alone and alone.more),
        modes=_modes(made) if made else None,
    )


@router.get("/channel-proposals", response=answers(ProposalList), summary="Proposed channels")
def list_channel_proposals(request: HttpRequest, survey: Survey = "", by: By = "") -> ProposalList:
    """Return by which channel everybody, and each segment, answers most, with the evidence."""
    _, found = channel_proposals(viewer(request), survey, by=by, at=now())
    return ProposalList(items=[_proposal(one) for one in found])


@router.get("/channel-decisions", response=answers(DecisionList), summary="Decided channels")
def list_channel_decisions(
    request: HttpRequest, cursor: Cursor = "", limit: Limit = 100
) -> DecisionList:
    rows, more = page(choosing.decisions(viewer=viewer(request)), cursor, limit)
    return DecisionList(items=[_decision(*one) for one in _named(rows)], next=more)


@router.post("/channel-decisions", response=answers(DecisionOut, 201), summary="Decide channels")
def decide_on_channels(request: HttpRequest, payload: DecisionIn) -> Status[DecisionOut]:
    """Record the choice of channels for a segment, with the evidence there is now."""
    asking, at = viewer(request), now()
    survey, proposal = proposal_for(asking, payload.survey, payload.segment, at=at)
    made = decide_channels(
        survey,
        segment=payload.segment,
        channels=payload.channels,
        reason=payload.reason,
        evidence=proposal.evidence,
        by=asking,
        at=at,
    )
    return Status(201, _decision(*_named([made])[0]))


def _modes(made: Modes) -> ModesOut:
    return ModesOut(
        figures=[shapes.figure(one) for one in made.figures],
        within=list(made.within),
        effects=[
            EffectOut(
                channel=one.mode,
                reference=one.reference,
                raw=shapes.difference(one.raw),
                effect=shapes.effect(one.effect) if one.effect else None,
                mix=shapes.effect(one.mix) if one.mix else None,
                shared=one.shared,
                sentence=one.sentence,
            )
            for one in made.effects
        ],
        sentence=made.sentence,
    )


def _named(rows: list[ChannelDecision]) -> list[tuple[ChannelDecision, str]]:
    return [(one.made, one.segment) for one in asking_words.decisions(rows)]


def _decision(one: ChannelDecision, segment: str) -> DecisionOut:
    return DecisionOut(
        id=one.pk,
        survey=one.survey.key,
        segment=segment,
        channels=one.channels,
        reason=one.reason,
        evidence=one.evidence,
        decided_at=one.decided_at,
        decided_by=one.decided_by,
    )


def _proposal(one: Proposal) -> ProposalOut:
    return ProposalOut(
        segment=dict(one.segment),
        label=one.label,
        standing=one.standing,
        channels=list(one.order),
        chance=one.chance,
        decided=None if one.decided is None else list(one.decided),
        sentence=one.sentence,
        evidence=one.evidence,
    )


def _rate(rate: ResponseRate) -> RateOut:
    return RateOut(
        value=rate.value, low=rate.low, high=rate.high, answered=rate.answered, asked=rate.asked
    )


def _line(line: Line) -> RateLine:
    done = line.outcomes
    return RateLine(
        label=line.label,
        rate=_rate(line.rate),
        complete=done.complete,
        partial=done.partial,
        refused=done.refused,
        not_reached=done.not_reached,
        other=done.other,
        unknown=done.unknown,
        dispersion=line.spread,
    )
