"""The page of a wave's sending: what it will say, when it goes, how far it is; and its buttons."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promontory.channels.sms.segments import segments
from promontory.errors import BadInput, Refusal
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.outreach.actions import sending as actions
from promontory.program.outreach.codes import LABELS, WaveState
from promontory.program.outreach.forms.sending import StartForm
from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries import sending as queries
from promontory.program.outreach.queries.messages import previews
from promontory.program.outreach.queries.waiting import goes_on_at


@login_required
def sending(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the sending of a wave has come; asked by htmx, only the part that changes."""
    asking = viewer(request)
    wave = queries.wave(pk, viewer=asking)
    context = _context(wave, request)
    htmx = request.htmx  # type: ignore[attr-defined]
    # The wave's page has a picture of the same: only here the part brings the table along.
    context["is_alone"] = not htmx or htmx.current_url_abs_path == request.path
    if htmx:
        return render(request, "outreach/sending_part.html", context)
    context["previews"] = [
        {"said": said, "segments": segments(said.sms) if said.sms else None}
        for said in previews(wave)
    ]
    context["form"] = StartForm(zone=_zone())
    return render(request, "outreach/sending.html", context)


@login_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start a drawn wave in the window that was typed."""
    asking = viewer(request)
    wave = queries.wave(pk, viewer=asking)
    form = StartForm(request.POST, zone=_zone())
    if form.is_valid():
        try:
            actions.start_wave(
                wave,
                starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"],
                by=asking,
                at=now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{wave.name}” is on its way.")
            return redirect("outreach:sending", pk=pk)
    context = _context(wave, request) | {"form": form, "previews": [], "is_alone": True}
    return render(request, "outreach/sending.html", context, status=422)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, go on, cancel, or send the unknown once more."""
    asking = viewer(request)
    wave = queries.wave(pk, viewer=asking)
    match request.POST.get("do"):
        case "pause":
            actions.pause_wave(wave, by=asking, at=now())
            messages.success(request, "Paused. Nothing more goes out.")
        case "resume":
            actions.resume_wave(wave, by=asking, at=now())
            messages.success(request, "It goes on.")
        case "cancel":
            actions.cancel_sending(wave, by=asking, at=now())
            messages.success(request, "Cancelled. Whoever was asked already may still answer.")
        case "again":
            count = actions.send_again(wave, by=asking, at=now())
            messages.success(request, f"{count} are sent once more.")
        case _:
            raise BadInput("There is no such choice.")
    return redirect("outreach:sending", pk=pk)


def _context(wave: Wave, request: HttpRequest) -> dict[str, object]:
    asking = viewer(request)
    at = now()
    progress = queries.progress(wave, viewer=asking, at=at)
    return {
        "wave": wave,
        "progress": progress,
        "rows": [(LABELS[code], count) for code, count in sorted(progress.counts.items())],
        "troubles": queries.troubles(wave),
        "is_live": wave.state == WaveState.SENDING,
        "goes_on_at": goes_on_at(wave, at=at),
        "may_send": asking.may(Can.SEND),
        "zone": _zone(),
    }


def _zone() -> str:
    ours = organization.organization()
    return ours.zone if ours else "UTC"
