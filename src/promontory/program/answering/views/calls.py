"""The door at which a voice service asks what to say next."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from promontory.channels.contract import Forged
from promontory.channels.ivr import flow, twilio
from promontory.channels.ivr.markup import Voice, twiml
from promontory.errors import NotFound, Refusal
from promontory.program.answering.actions.calling import take_turn
from promontory.program.outreach.doors import verified_call

log = logging.getLogger("promontory.answering")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """Return what the call says next; every callback proves where it comes from."""
    at = timezone.now()
    try:
        call = verified_call(request, "ivr", key, at=at)
        event = twilio.event(call.callback)
        if event is None:
            return HttpResponse(status=204)
        reference = request.GET.get("call", "")
        spoken = take_turn(reference, flow.state_in(call.callback.url), event, at=at)
    except NotFound as error:
        return _said(404, error.message)
    except Forged as error:
        log.warning("A call at sender %s was not proven: %s", key, error.message)
        return _said(403, error.message)
    except Refusal as error:
        return _said(400, error.message)
    here = call.callback.url.partition("?")[0] + f"?call={reference}"
    markup = twiml(
        spoken.turn,
        wording=spoken.wording,
        voice=Voice(spoken.language),
        next_url=flow.with_state(here, spoken.state),
    )
    return HttpResponse(markup, content_type="text/xml; charset=utf-8")


def _said(status: int, message: str) -> HttpResponse:
    return HttpResponse(message + "\n", status=status, content_type="text/plain; charset=utf-8")
