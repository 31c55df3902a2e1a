"""What all doors of respondents share: headers, floods, where a request came from."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from promontory.errors import NotAllowed, TooMany
from promontory.jobs import Rate, rules
from promontory.program.organization.doors import client_of

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {ancestors}"
)
KIOSK_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
COUNTED = "promontory.counted"
"""Marks a request (in its META, where no client can set it) that `flood` has counted already."""

_MOST_BUCKETS = 50_000


def page(
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    policy: str = PAGE_POLICY.format(ancestors="'none'"),
) -> HttpResponse:
    """Return a page for a respondent: never kept by anybody, found by no search engine."""
    # Rendered without the request: no session, no user, no cookie has any part in it.
    html = render_to_string(template, {**context, "css": asset_url("page.css")})
    response = HttpResponse(html, status=status)
    response["Content-Security-Policy"] = policy
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Content-Language"] = str(context["sheet"].language)
    return response


class Flood:
    """Token buckets in this process's memory: who comes too often waits, and nobody else."""

    def __init__(self) -> None:
        self._booked: dict[str, datetime] = {}
        self._lock = Lock()

    def take(self, who: str, *, a_minute: int, burst: int, at: datetime) -> None:
        """Count one request of somebody, or refuse it saying when the next one is due."""
        rate = Rate(who, count=a_minute, per=timedelta(minutes=1), burst=burst)
        with self._lock:
            booked = rules.next_slot(self._booked.get(who), rate=rate, at=at)
            due = rules.slot_start(booked, rate=rate)
            if due <= at:
                if len(self._booked) >= _MOST_BUCKETS:
                    self._booked = {w: until for w, until in self._booked.items() if until > at}
                self._booked[who] = booked
                return
        wait = max(1, math.ceil((due - at).total_seconds()))
        raise TooMany("Too many answers at once.", retry_after=wait, remedy=f"Wait {wait} s.")

    def takes(self, *limits: tuple[str, int, int], at: datetime) -> bool:
        """Count one request under each (who, a minute, burst), or say that one has to wait."""
        try:
            for who, a_minute, burst in limits:
                self.take(who, a_minute=a_minute, burst=burst, at=at)
        except TooMany:
            return False
        return True

    def forget(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._booked.clear()


flood = Flood()
"""The buckets of this process."""


def network_of(request: HttpRequest) -> str:
    """Return the network a request came from: the address itself, or the /64 it is one of."""
    try:
        address = ipaddress.ip_address(client_of(request))
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def must_be_ours(request: HttpRequest) -> None:
    """Refuse a form that another site has a browser send."""
    origin = request.headers.get("Origin", "")
    if origin and origin != "null" and urlsplit(origin).netloc != request.get_host():
        raise NotAllowed("This form was sent from another site.", remedy="Open the link itself.")


def is_idle_look(request: HttpRequest) -> bool:
    """Whether a machine looks ahead: a browser that fetches early, or asks for headers alone."""
    said = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "HEAD" or "prefetch" in said or "preview" in said


@lru_cache(maxsize=16)
def asset(name: str) -> tuple[bytes, str]:
    """Return a file that the doors serve, and the beginning of its hash."""
    body = (files("promontory.program.answering") / "static" / "answering" / name).read_bytes()
    return body, sha256(body).hexdigest()[:16]


def asset_url(name: str) -> str:
    """Return where a file is served; the address changes with its content."""
    return f"/a/{name}?{asset(name)[1]}"
