"""The pages of response rates and of the choice of channels."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from promontory.errors import BadInput, Place
from promontory.program.customers import queries as customers
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.outreach.actions.channels import decide_channels
from promontory.program.outreach.queries import choosing
from promontory.program.scores import asking_pictures, asking_words
from promontory.program.scores.queries.asking import response_rates
from promontory.program.scores.queries.modes import modes
from promontory.program.scores.queries.proposals import (
    FEWEST,
    SENT_BY,
    SURE,
    channel_proposals,
    proposal_for,
)
from promontory.program.scores.rules.view import read_view
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.codes import CHANNEL_LABELS

MOST_DECISIONS = 20


@login_required
def rates(request: HttpRequest) -> HttpResponse:
    """Show how many of those asked have answered, by what, and what the channel does."""
    asking = viewer(request)
    if not surveys.surveys(viewer=asking).exists():
        return render(request, "scores/empty.html", {"title": "Response rates"})
    view = read_view(request.GET)
    found = response_rates(asking, view, at=now(), wave=_wave(request))
    modal = modes(found.source, view.by, view.period) if found.wave is None else None
    offered = [(one.key, one.name) for one in surveys.surveys(viewer=asking)]
    context = {
        "found": found,
        "sentence": asking_words.of_rates(found),
        "picture": asking_pictures.by_channel(found) if found.framed else None,
        "channel_words": asking_words.of_channels(found),
        "unframed": asking_words.of_unframed(found),
        "standard": asking_words.standard(found),
        "tables": asking_words.tables(found),
        "trouble": asking_words.trouble(found),
        "modes": modal,
        "mode_rows": asking_words.mode_rows(modal) if modal else [],
        "mode_picture": asking_pictures.by_mode(modal, found.source.metric)
        if modal and len(modal.figures) > 1
        else None,
        "surveys": offered,
        "periods": asking_words.periods(view, at=now()),
        "period": "all" if view.everything else view.period.text if view.period else "",
        "slices": [
            ("", "An attribute"),
            *((k, s.label) for k, s in found.source.slices.items() if k != "channel"),
        ],
        "choose": f"{reverse('scores:channels')}?{urlencode({'survey': found.view.survey})}",
    }
    return render(request, "scores/rates.html", context)


@login_required
def channels(request: HttpRequest) -> HttpResponse:
    """Show by which channel each segment answers most, and let one be decided on."""
    asking = viewer(request)
    if not surveys.surveys(viewer=asking).exists():
        return render(request, "scores/empty.html", {"title": "Choice of channels"})
    by = request.GET.get("by", "")
    survey, found = channel_proposals(asking, request.GET.get("survey", ""), by=by, at=now())
    made = choosing.decisions(viewer=asking).filter(survey=survey)[:MOST_DECISIONS]
    context = {
        "survey": survey,
        "by": by,
        "proposals": asking_words.cards(found),
        "fewest": FEWEST,
        "sure": round(100 * SURE),
        "sentence": asking_words.of_proposals(found),
        "attributes": [("", "Everybody"), *((d.key, d.label) for d in customers.dimensions())],
        "surveys": [(one.key, one.name) for one in surveys.surveys(viewer=asking)],
        "channels": [(key, CHANNEL_LABELS[key]) for key in SENT_BY],
        "decisions": asking_words.decisions(list(made)),
        "may_send": asking.may(Can.SEND),
    }
    return render(request, "scores/rates_channels.html", context)


@login_required
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Record the choice of channels for one segment, with the evidence there is now."""
    asking = viewer(request)
    key, by, value = (request.POST.get(name, "") for name in ("survey", "by", "value"))
    segment = {by: value} if by and value else {}
    survey, proposal = proposal_for(asking, key, segment, at=now())
    first = request.POST.get("first", "")
    if first not in SENT_BY:
        raise BadInput("Choose the channel to ask by first.", place=Place(field="first"))
    then = [name for name in request.POST.getlist("then") if name in SENT_BY and name != first]
    decide_channels(
        survey,
        segment=segment,
        channels=[first, *then],
        reason=request.POST.get("reason", ""),
        evidence=proposal.evidence,
        by=asking,
        at=now(),
    )
    messages.success(request, f"{proposal.label}: asked by {CHANNEL_LABELS[first]} first.")
    where = urlencode({"survey": survey.key, **({"by": by} if by else {})})
    return redirect(f"{reverse('scores:channels')}?{where}")


def _wave(request: HttpRequest) -> int | None:
    text = request.GET.get("wave", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise BadInput(f"“{text}” is not the number of a wave.", place=Place(field="wave"))
    return int(text)
