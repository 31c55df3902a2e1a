"""The REST API of plans and waves: plan, try out, draw, and what became of everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, P, QueryEx, Router, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from promontory.program.organization.access import Can
from promontory.program.organization.doors import (
    Cursor,
    Id,
    Limit,
    Name,
    Strict,
    answers,
    now,
    page,
    viewer,
)
from promontory.program.outreach import actions
from promontory.program.outreach.codes import WEIGHT_ONE, Disposition
from promontory.program.outreach.models import SamplingPlan, Wave
from promontory.program.outreach.queries import waves as queries
from promontory.program.outreach.rules.dispositions import told_of_one
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.codes import CHANNELS

router = Router(tags=["waves"])
_CHANNEL = {code: name for name, code in CHANNELS.items()}
Word = Annotated[str, StringConstraints(max_length=300)]


class PlanIn(Strict):
    """A sampling plan to be: give a size, a wanted half-width with a rate, or ask everybody."""

    survey: Word
    name: Name
    channels: list[Word] = Field(
        ["email"],
        max_length=9,
        description="Tried in this order; “auto” first: as decided for each segment.",
    )
    frame: dict[str, list[Word]] = Field({}, examples=[{"region": ["North"]}])
    strata: list[Word] = Field([], max_length=4)
    allocation: Literal["proportional", "neyman", "equal", "equal_power"] = "proportional"
    is_census: bool = False
    size: int | None = None
    half_width: float | None = Field(None, description="Wanted points either way.")
    minimum_per_stratum: int = Field(0, ge=0, le=10**9)
    expected_rate: float | None = Field(None, description="Left out: that of earlier waves.")
    reminder_days: list[int] = Field([], max_length=3)
    open_days: int = 30


class PlanOut(Schema):
    """A sampling plan."""

    id: int
    survey: str
    name: str
    channels: list[str]
    frame: dict[str, list[str]]
    strata: list[str]
    allocation: str
    is_census: bool
    size: int | None
    half_width: float | None
    minimum_per_stratum: int
    expected_rate: float | None
    reminder_days: list[int]
    open_days: int
    created_at: datetime


class PlanList(Schema):
    """A page of plans, newest first."""

    items: list[PlanOut]
    next: str | None


class WaveIn(Strict):
    """A wave to be drawn under a plan."""

    plan: int = Field(ge=1, le=2**63 - 1)
    name: str = Field("", max_length=200)
    starts_at: AwareDatetime | None = None
    is_test: bool = False


class StratumOut(Schema):
    """A stratum, and the share of its eligible people that was drawn."""

    label: str
    codes: dict[str, int]
    size: int
    eligible: int
    wanted: int
    drawn: int
    probability: float | None


class RateOut(Schema):
    """A response rate with its interval; null where nobody was asked."""

    value: float | None
    low: float | None
    high: float | None
    answered: int
    asked: int


class WaveOut(Schema):
    """A wave with what became of everybody in its frame; `difference` is always zero."""

    id: int
    survey: str
    plan: int | None
    kind: str
    name: str
    state: str
    is_test: bool
    problem: str
    seed: str = Field(description="Drawn again with it, the same people are drawn.")
    digest: str | None = Field(description="The hash over the frame as it was kept.")
    frame: int
    eligible: int
    drawn: int
    dispositions: dict[str, int] = Field(examples=[{"not_drawn": 900, "answered": 23}])
    difference: int
    sentence: str
    rr1: RateOut = Field(description="AAPOR RR1: complete answers.")
    rr2: RateOut = Field(description="AAPOR RR2: partial ones too.")
    drawn_at: datetime | None
    created_at: datetime


class WaveDetail(WaveOut):
    """A wave with its strata, and the dry run that was made of it."""

    strata: list[StratumOut]
    dry_run: dict[str, Any]


class WaveList(Schema):
    """A page of waves, newest first."""

    items: list[WaveOut]
    next: str | None


class InvitationOut(Schema):
    """One request to one contact; `weight` is the inverse of the chance to be drawn.

    Under an anonymous promise it says that somebody was reached, and neither whether nor when they
    answered: by that a nameless answer could be told to be theirs.
    """

    id: int
    contact: int
    channel: str
    disposition: str
    stratum: int
    weight: float
    reminders: int
    due_at: datetime
    invited_at: datetime | None
    changed_at: datetime | None = Field(description="Null under an anonymous promise.")


class InvitationList(Schema):
    """A page of invitations, newest first."""

    items: list[InvitationOut]
    next: str | None


AsOf = QueryEx[AwareDatetime | None, P(description="As it stood at this instant.")]


@router.get("/sampling-plans", response=answers(PlanList), summary="Sampling plans")
def list_sampling_plans(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> PlanList:
    rows, more = page(queries.plans(viewer=viewer(request)), cursor, limit)
    return PlanList(items=[_plan(plan) for plan in rows], next=more)


@router.post("/sampling-plans", response=answers(PlanOut, 201), summary="Make a plan")
def make_sampling_plan(request: HttpRequest, payload: PlanIn) -> Status[PlanOut]:
    asking = viewer(request)
    asking.must(Can.SEND)
    given = payload.dict()
    survey = surveys.survey(given.pop("survey"), viewer=asking)
    plan = actions.make_plan(survey, actions.NewPlan(**given), by=asking, at=now())
    return Status(201, _plan(plan))


@router.get("/waves", response=answers(WaveList), summary="Waves")
def list_waves(request: HttpRequest, cursor: Cursor = "", limit: Limit = 20) -> WaveList:
    rows, more = page(queries.waves(viewer=viewer(request)), cursor, min(limit, 100))
    return WaveList(items=[WaveOut(**_wave(wave, None)) for wave in rows], next=more)


@router.post("/waves", response=answers(WaveDetail, 201), summary="Plan a wave")
def plan_wave(request: HttpRequest, payload: WaveIn) -> Status[WaveDetail]:
    """Plan a wave; nobody is drawn, and nobody asked, by that."""
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = actions.plan_wave(
        queries.plan(payload.plan, viewer=asking),
        name=payload.name,
        starts_at=payload.starts_at,
        is_test=payload.is_test,
        by=asking,
        at=now(),
    )
    return Status(201, _detail(wave, None))


@router.get("/waves/{id}", response=answers(WaveDetail), summary="One wave")
def get_wave(request: HttpRequest, id: Id, at: AsOf = None) -> WaveDetail:
    """Return a wave with what became of everybody in its frame, now or as it stood then."""
    return _detail(queries.wave(id, viewer=viewer(request)), at)


@router.post("/waves/{id}/dry-run", response=answers(WaveDetail, 202), summary="Try a wave out")
def try_wave(request: HttpRequest, id: Id) -> Status[WaveDetail]:
    """Work out whom drawing it now would ask; read `dry_run` of the wave a little later."""
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = actions.start_dry_run(queries.wave(id, viewer=asking), by=asking, at=now())
    return Status(202, _detail(wave, None))


@router.post("/waves/{id}/draw", response=answers(WaveDetail, 202), summary="Draw a wave")
def draw_wave(request: HttpRequest, id: Id) -> Status[WaveDetail]:
    """Have the sample drawn; the wave is “drawn” once it is, and can then be started."""
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = actions.start_draw(queries.wave(id, viewer=asking), by=asking, at=now())
    return Status(202, _detail(wave, None))


@router.post("/waves/{id}/give-up", response=answers(WaveDetail), summary="Give up a drawing")
def give_up_wave(request: HttpRequest, id: Id) -> WaveDetail:
    """Cancel a wave that is a draft or being drawn."""
    asking = viewer(request)
    asking.must(Can.SEND)
    wave = actions.cancel_draw(queries.wave(id, viewer=asking), by=asking, at=now())
    return _detail(wave, None)


@router.get(
    "/waves/{id}/invitations", response=answers(InvitationList), summary="Invitations of a wave"
)
def list_invitations(
    request: HttpRequest, id: Id, cursor: Cursor = "", limit: Limit = 100
) -> InvitationList:
    asking = viewer(request)
    asking.must_see_customers()
    wave = queries.wave(id, viewer=asking)
    rows, more = page(queries.invitations(wave, viewer=asking), cursor, limit)
    promise = wave.survey.promise
    items = [
        InvitationOut(
            id=row.pk,
            contact=row.contact_id,
            channel=_CHANNEL.get(row.channel, "unknown"),
            disposition=_told(row.disposition, promise),
            stratum=row.stratum,
            weight=row.weight / WEIGHT_ONE,
            reminders=row.reminders,
            due_at=row.due_at,
            invited_at=row.invited_at,
            changed_at=None if promise == "anonymous" else row.changed_at,
        )
        for row in rows
    ]
    return InvitationList(items=items, next=more)


def _told(disposition: int, promise: str) -> str:
    return told_of_one(Disposition(disposition), promise=promise).name.lower()


def _plan(plan: SamplingPlan) -> PlanOut:
    names = set(PlanOut.model_fields) - {"survey", "id"}
    given = {name: getattr(plan, name) for name in names}
    return PlanOut(id=plan.pk, survey=plan.survey.key, **given)


def _wave(wave: Wave, at: datetime | None) -> dict[str, Any]:
    found = queries.standing(wave, at=at)
    named = {
        Disposition(code).name.lower() if code else "pending": n
        for code, n in sorted(found.reconciled.counts.items())
        if n
    }
    return {
        "id": wave.pk,
        "survey": wave.survey.key,
        "plan": wave.plan_id,
        "kind": wave.kind,
        "name": wave.name,
        "state": wave.state,
        "is_test": wave.is_test,
        "problem": wave.problem,
        "seed": str(wave.seed),
        "digest": bytes(wave.digest).hex() if wave.digest else None,
        "frame": found.reconciled.frame,
        "eligible": wave.eligible,
        "drawn": wave.drawn,
        "dispositions": named,
        "difference": found.reconciled.difference,
        "sentence": found.sentence,
        "rr1": _rate(found.complete),
        "rr2": _rate(found.with_partial),
        "drawn_at": wave.drawn_at,
        "created_at": wave.created_at,
    }


def _detail(wave: Wave, at: datetime | None) -> WaveDetail:
    strata = [
        StratumOut(
            label=one.label,
            codes=one.codes,
            size=one.size,
            eligible=one.eligible,
            wanted=one.wanted,
            drawn=one.drawn,
            probability=one.drawn / one.eligible if one.eligible else None,
        )
        for one in queries.strata(wave)
    ]
    return WaveDetail(**_wave(wave, at), strata=strata, dry_run=wave.dry_run)


def _rate(rate: Any) -> RateOut:
    return RateOut(
        value=rate.value, low=rate.low, high=rate.high, answered=rate.answered, asked=rate.asked
    )
