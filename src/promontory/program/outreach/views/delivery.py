"""The door at which providers report what became of messages, and bring what customers wrote."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from promontory.channels.contract import Forged
from promontory.errors import NotFound, Refusal
from promontory.program.outreach.actions import delivery_statuses, outbox
from promontory.program.outreach.doors import verified_call

log = logging.getLogger("promontory.outreach")
LARGEST = 2_000_000


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def called(request: HttpRequest, channel: str, key: str, rest: str = "") -> HttpResponse:
    """Take what a provider says: 204 when it was understood, even if it is not about us.

    403 for a call that cannot prove where it comes from, 404 for a sender that is not there, 400
    for one that cannot be read. Said again, it changes nothing.
    """
    at = timezone.now()
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _said(413, "This is larger than any report.")
    try:
        call = verified_call(request, channel, key, at=at)
        statuses = call.provider.statuses(call.callback)
        inbounds = call.provider.inbound(call.callback)
    except NotFound as refusal:
        return _said(404, refusal.message)
    except Forged as refusal:
        log.warning("A call for sender %s was not proven: %s", key, refusal.message)
        return _said(403, refusal.message)
    except Refusal as refusal:
        log.warning("A call for sender %s could not be read: %s", key, refusal.message)
        return _said(400, refusal.message)
    delivery_statuses.take_statuses(channel, statuses, at=at)
    outbox.hear(call.sender, channel, inbounds, at=at)
    return HttpResponse(status=204)


def _said(status: int, message: str) -> HttpResponse:
    return HttpResponse(message + "\n", status=status, content_type="text/plain; charset=utf-8")
