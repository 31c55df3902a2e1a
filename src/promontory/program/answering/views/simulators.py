"""A telephone in the pages: reply to a text, press the keys of a call, without any provider."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from promontory.channels.contract import Inbound
from promontory.channels.ivr import flow
from promontory.errors import NotFound
from promontory.program.answering.actions.calling import take_turn
from promontory.program.answering.actions.conversing import hear_text
from promontory.program.answering.actions.trying import play
from promontory.program.answering.queries import simulators as queries
from promontory.program.customers.queries.people import one_contact
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.outreach.actions import outbox

KEYS = (*"123456789", "*", "0", "#")


@login_required
def sms(request: HttpRequest) -> HttpResponse:
    """Show the telephones that text messages are kept for."""
    return render(request, "answering/sms.html", {"phones": queries.phones(viewer=viewer(request))})


@login_required
def sms_one(request: HttpRequest, contact: int) -> HttpResponse:
    """Show one telephone, and take what its owner writes."""
    asking, at = viewer(request), now()
    asking.must(Can.SEND)
    thread = queries.thread(contact, viewer=asking)
    if thread is None:
        raise NotFound("No text message is kept for this customer.")
    text = request.POST.get("text", "").strip()[:1_600]
    if request.method == "POST" and text:
        play("sms", one_contact(contact, viewer=asking), by=asking, at=at)
        number = f"sim-{secrets.token_hex(8)}"
        for message in outbox.hear(
            None, "sms", [Inbound(thread.number, "", text, number, at)], at=at
        ):
            # At once, so that the reply stands on the next page; the job finds it done.
            hear_text(message, at=at)
        return redirect("answering:sms-one", contact=contact)
    return render(request, "answering/sms_one.html", {"thread": thread})


@login_required
def phone(request: HttpRequest) -> HttpResponse:
    """Show the calls that rang nowhere."""
    return render(request, "answering/phone.html", {"calls": queries.calls(viewer=viewer(request))})


@login_required
def phone_one(request: HttpRequest, message: int) -> HttpResponse:
    """Take one call: what it says is read, keys are buttons."""
    asking, at = viewer(request), now()
    asking.must(Can.SEND)
    found = [each for each in queries.calls(viewer=asking) if each.row.pk == message]
    if not found:
        raise NotFound("There is no such call.")
    reference = str(found[0].said["reference"])
    context = {"call": found[0], "keys": KEYS, "lines": (), "state": ""}
    if request.method == "POST":
        what, state = request.POST.get("press", ""), request.POST.get("state", "")
        event: flow.Event
        if what == "answer":
            play("ivr", queries.rung(found[0]), by=asking, at=at)
            event, state = flow.Answered(), ""
        elif what == "say":
            said = request.POST.get("said", "").strip()[:2_000]
            event = flow.Recorded("recording of the simulator" if said else "", transcript=said)
        else:
            event = flow.Pressed("" if what == "wait" else what[:1])
        spoken = take_turn(reference, state, event, at=at)
        context |= {
            "lines": flow.said(spoken.turn.lines, spoken.wording),
            "language": spoken.language,
            "state": spoken.state,
            "records": spoken.turn.records,
            "is_over": spoken.turn.hangs_up,
            "is_on": True,
        }
    return render(request, "answering/phone_one.html", context | {"public": settings.PUBLIC_URL})
