"""The pages of senders: which there are, one of them, a new one, a test."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promontory.channels.providers import providers
from promontory.errors import BadInput, Refusal
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.outreach.actions import senders as actions
from promontory.program.outreach.forms.senders import SenderForm, TestForm
from promontory.program.outreach.queries import senders as queries
from promontory.program.surveys.codes import CHANNEL_LABELS

_CHANNELS = ("email", "sms", "ivr")


@login_required
def senders(request: HttpRequest) -> HttpResponse:
    """Show by what each channel's messages go out."""
    asking = viewer(request)
    found = list(queries.senders(viewer=asking))
    channels = [
        {
            "key": channel,
            "label": CHANNEL_LABELS[channel],
            "senders": [each for each in found if each.channel == channel],
            "default": next(
                (each for each in found if each.channel == channel and each.is_default), None
            ),
            "providers": [
                (key, kind.title)
                for key, kind in providers.items()
                if kind.capabilities.channel == channel and not kind.capabilities.local
            ],
        }
        for channel in _CHANNELS
    ]
    return render(request, "outreach/senders.html", {"channels": channels, "tab": "senders"})


@login_required
def new(request: HttpRequest, provider: str) -> HttpResponse:
    """Set up a sender of one provider."""
    asking = viewer(request)
    asking.must(Can.SEND)
    kind = providers.get(provider)
    form = SenderForm(request.POST or None, provider=kind, initial={"name": kind.title})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_sender(
                name=form.cleaned_data["name"],
                provider=provider,
                values=form.settings(),
                address=form.cleaned_data["address"],
                per_second=form.cleaned_data["per_second"],
                by=asking,
                at=now(),
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"“{made.name}” is set up. Send a test to be sure.")
            return redirect("outreach:sender", key=made.key)
    context = {"form": form, "kind": kind, "provider": provider}
    return render(request, "outreach/senders_new.html", context, status=_status(form))


@login_required
def one(request: HttpRequest, key: str) -> HttpResponse:
    """Show and change one sender; its secrets are never shown."""
    asking = viewer(request)
    found = queries.sender(key, viewer=asking)
    kind = providers.get(found.provider)
    shown = queries.shown_settings(found, viewer=asking)
    start = {"name": found.name, "address": found.address, "per_second": found.per_second}
    form = SenderForm(
        request.POST or None,
        provider=kind,
        stored={
            each.field.name: each.is_set if each.field.secret else each.value for each in shown
        },
        initial=start,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_sender(
                found,
                name=form.cleaned_data["name"],
                values=form.settings(),
                address=form.cleaned_data["address"],
                per_second=form.cleaned_data["per_second"],
                by=asking,
                at=now(),
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, f"“{found.name}” is changed.")
            return redirect("outreach:sender", key=key)
    context = {
        "sender": found,
        "kind": kind,
        "channel": CHANNEL_LABELS[found.channel],
        "form": form,
        "test": TestForm(),
        "callback": request.build_absolute_uri(f"/in/{found.channel}/{found.key}"),
    }
    return render(request, "outreach/senders_one.html", context, status=_status(form))


@login_required
@require_POST
def try_it(request: HttpRequest, key: str) -> HttpResponse:
    """Send a test message."""
    asking = viewer(request)
    found = queries.sender(key, viewer=asking)
    form = TestForm(request.POST)
    if form.is_valid():
        try:
            actions.try_sender(found, to=form.cleaned_data["to"], by=asking, at=now())
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"The test went out to {form.cleaned_data['to']}.")
    else:
        messages.error(request, "Say to whom the test should go.")
    return redirect("outreach:sender", key=key)


@login_required
@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Make a sender the default, switch it on or off, or remove it."""
    asking = viewer(request)
    found = queries.sender(key, viewer=asking)
    match request.POST.get("do"):
        case "default":
            actions.make_default(found, by=asking, at=now())
            messages.success(
                request, f"{CHANNEL_LABELS[found.channel]} goes by “{found.name}” now."
            )
        case "off":
            actions.change_sender(found, is_active=False, by=asking, at=now())
            messages.success(request, f"“{found.name}” is switched off.")
        case "on":
            actions.change_sender(found, is_active=True, by=asking, at=now())
            messages.success(request, f"“{found.name}” is switched on.")
        case "remove":
            actions.remove_sender(found, by=asking, at=now())
            messages.success(request, f"“{found.name}” is removed.")
            return redirect("outreach:senders")
        case _:
            raise BadInput("There is no such choice.")
    return redirect("outreach:sender", key=key)


@login_required
@require_POST
def keep_here(request: HttpRequest, channel: str) -> HttpResponse:
    """Keep a channel's messages in the outbox."""
    actions.keep_here(channel, by=viewer(request), at=now())
    messages.success(request, f"{CHANNEL_LABELS.get(channel, channel)} is kept in the outbox now.")
    return redirect("outreach:senders")


def _refuse(form: SenderForm, refusal: Refusal) -> None:
    place = getattr(refusal, "place", None)
    name = f"setting_{place.field}" if place and place.field else ""
    form.add_error(name if name in form.fields else None, str(refusal))


def _status(form: SenderForm) -> int:
    return 422 if form.errors else 200
