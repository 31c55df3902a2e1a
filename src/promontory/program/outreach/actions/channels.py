"""Deciding by which channels a segment is asked: recorded, with the evidence and the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from promontory.errors import BadInput, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.models import ChannelDecision
from promontory.program.outreach.queries import frame as frames
from promontory.program.surveys.models import Survey


@transaction.atomic
def decide_channels(
    survey: Survey,
    *,
    segment: Mapping[str, str],
    channels: Sequence[str],
    reason: str,
    evidence: Mapping[str, Any],
    by: Viewer,
    at: datetime,
) -> ChannelDecision:
    """Record by which channels, in this order, the customers of a segment are asked from now on.

    `segment` is {attribute: value}; empty, it is everybody. Events ask by it at once, waves whose
    plan leaves the channel to the decisions when they are drawn. The newest decision that fits
    counts, and none is ever changed.
    """
    by.must(Can.SEND)
    if not reason.strip():
        raise BadInput(
            "A decision needs its reason.",
            remedy="Say in a few words why these channels.",
            place=Place(field="reason"),
        )
    if len(set(channels)) < len(channels):
        raise BadInput("A channel is named twice.", place=Place(field="channels"))
    frames.ways_wanted(channels)
    codes = frames.filter_codes({key: [label] for key, label in segment.items()})
    decision = ChannelDecision.objects.create(
        survey=survey,
        segment={str(pk): found[0] for pk, found in codes.items()},
        channels=list(channels),
        evidence=dict(evidence),
        reason=reason.strip()[:300],
        decided_at=at,
        decided_by=by.by[:64],
    )
    detail = {
        "survey": survey.key,
        "segment": dict(segment),
        "channels": list(channels),
        "reason": decision.reason,
        "evidence": dict(evidence),
    }
    audit("decide channels", decision, by=by, at=at, detail=detail)
    return decision
