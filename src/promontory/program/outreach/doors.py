"""What the doors at which providers call have in common: who calls, and is it really they?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from promontory.channels.contract import Callback, Provider
from promontory.errors import NotFound
from promontory.program.outreach.models import Sender
from promontory.program.outreach.queries import senders


@dataclass(frozen=True, slots=True)
class Call:
    """A verified call of a provider."""

    sender: Sender
    provider: Provider
    callback: Callback


def verified_call(request: HttpRequest, channel: str, key: str, *, at: datetime) -> Call:
    """Return who calls, once that is proven; raises `Forged`, or `NotFound` for no such sender."""
    sender = senders.active_or_not(key)
    if sender.channel != channel:
        raise NotFound(f"There is no sender “{key}” of that channel.")
    provider = senders.provider_of(sender, channel)
    callback = callback_of(request, at=at)
    provider.verify(callback)
    return Call(sender, provider, callback)


def callback_of(request: HttpRequest, *, at: datetime) -> Callback:
    """Return a request as providers' code reads it: with our public address, which they sign."""
    body = request.body
    return Callback(
        method=request.method or "GET",
        url=settings.PUBLIC_URL + request.get_full_path(),
        at=at,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        form={name: request.POST.get(name, "") for name in request.POST},
    )
