"""The outbox: what would have been sent, and what customers wrote; every look is recorded."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from promontory.program.organization.doors import now, viewer
from promontory.program.outreach.actions import outbox as actions
from promontory.program.outreach.queries import outbox as queries
from promontory.program.surveys.codes import CHANNEL_LABELS

_A_PAGE = 50
_CHANNELS = ("email", "sms", "ivr")
# What a mail may do in our pages: look like itself. It runs nothing and fetches nothing.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


@login_required
def outbox(request: HttpRequest) -> HttpResponse:
    """List the messages kept here, newest first."""
    asking = viewer(request)
    channel = request.GET.get("channel", "")
    channel = channel if channel in _CHANNELS else ""
    direction = request.GET.get("direction", "")
    direction = direction if direction in {"in", "out"} else ""
    rows = queries.outbox(viewer=asking, channel=channel, direction=direction)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: _A_PAGE + 1])
    context = {
        "kept": queries.opened_page(found[:_A_PAGE], viewer=asking),
        "older": found[_A_PAGE - 1].pk if len(found) > _A_PAGE else None,
        "before": before,
        "channel": channel,
        "tab": "outbox",
        "direction": direction,
        "channels": [("", "Every channel"), *((key, CHANNEL_LABELS[key]) for key in _CHANNELS)],
        "directions": [("", "Both ways"), ("out", "From us"), ("in", "To us")],
    }
    return render(request, "outreach/outbox.html", context)


@login_required
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message: as it looks, as text, and its headers."""
    asking = viewer(request)
    kept = queries.message(pk, viewer=asking)
    actions.looked_at(kept.row, by=asking, at=now())
    context = {"kept": kept, "channel": CHANNEL_LABELS.get(kept.row.channel, kept.row.channel)}
    return render(request, "outreach/outbox_message.html", context)


@login_required
@xframe_options_sameorigin
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a mail's HTML for the frame in which it is looked at."""
    asking = viewer(request)
    kept = queries.message(pk, viewer=asking)
    if request.headers.get("Sec-Fetch-Dest") != "iframe":  # in its frame, the page has said so
        actions.looked_at(kept.row, by=asking, at=now())
    html = kept.said.get("html") or ""
    # Its links open beside the page they were looked at in.
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response["Content-Security-Policy"] = _MAIL_POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response
