"""The short way in for answers: before Django's, for what nearly all of them are.

Only a form that completes the answer to an invitation (`/r/…`) and an answer of a widget or an app
(`/w/v1/answer`) come this way, read by the same rules and answered with the same words. Whatever
is not plainly that, from an odd header to a fault in the answer, goes the ordinary way, which
judges it anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils import timezone

from promontory.errors import NotAllowed
from promontory.program.answering.actions.counter import Counter, Sent
from promontory.program.answering.actions.intake import NewAct
from promontory.program.answering.doors import COUNTED, flood, must_be_ours, network_of
from promontory.program.answering.queries.invitations import Asked, invitation_of, read_app_token
from promontory.program.answering.rules.paper import language_for
from promontory.program.answering.views import hosted, widget
from promontory.program.answering.views.flow import act_of, turned, with_language
from promontory.program.outreach.models import Site

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Served = tuple[str, Headers, bytes]

_INVITED = re.compile(r"/r/([A-Za-z0-9_-]{10,24})")
_FORM = "application/x-www-form-urlencoded"
_HTML = ("Content-Type", "text/html; charset=utf-8")
_KEPT = json.dumps({"kept": True}).encode()


class QuickDoor:
    """A WSGI application before another one; `headers` go with all that it says."""

    def __init__(
        self, counter: Counter, behind: Application, headers: Iterable[tuple[str, str]]
    ) -> None:
        self._counter = counter
        self._behind = behind
        self._headers = tuple(headers)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        served = self._serve(environ)
        if served is None:
            return self._behind(environ, start_response)
        status, headers, body = served
        named = {name for name, _ in headers}
        start_response(status, headers + [each for each in self._headers if each[0] not in named])
        return [body]

    def _serve(self, environ: Environ) -> Served | None:
        if environ["REQUEST_METHOD"] != "POST" or environ.get("QUERY_STRING"):
            return None
        path = environ.get("PATH_INFO", "")
        invited = _INVITED.fullmatch(path)
        if (not invited and path != "/w/v1/answer") or environ.get("SCRIPT_NAME"):
            return None
        request = HttpRequest()
        request.META = environ
        try:
            request.get_host()
        except DisallowedHost:
            return None
        return self._form(request, invited[1]) if invited else self._json(request)

    def _form(self, request: HttpRequest, token: str) -> Served | None:
        number = invitation_of(token)
        if number is None or _kind(request) != _FORM or (body := _body(request)) is None:
            return None
        try:
            must_be_ours(request)
            form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
        except (NotAllowed, ValueError):
            return None
        if "language" in form:
            return None
        if not flood.takes(*hosted.limits(network_of(request), token), at=timezone.now()):
            return None
        request.META[COUNTED] = True
        accepted = request.META.get("HTTP_ACCEPT_LANGUAGE", "")

        def read(asked: Asked, site: Site | None, at: datetime) -> NewAct | None:
            if asked.shut:
                return None
            turn = turned(asked.paper, form)
            language = language_for(asked.paper.languages, "", asked.language, accepted=accepted)
            reading, session = turn.reading, turn.session
            if not turn.is_done:
                return None
            return act_of(asked, language, reading, session, is_complete=True, at=at)

        act = self._counter.serve(Sent(number, read))
        if act is None:
            return None
        where = with_language(f"/r/{token}/thanks", act.language)
        return "303 See Other", [_HTML, ("Location", where), ("Content-Length", "0")], b""

    def _json(self, request: HttpRequest) -> Served | None:
        if (body := _body(request)) is None:
            return None
        try:
            words = json.loads(body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(words, dict):
            return None
        given, key = words.get("token"), words.get("site")
        if not isinstance(given, str) or not isinstance(key, str) or len(given) > 64:
            return None
        token = read_app_token(given.partition("~")[0])
        if token is None or not 0 < len(key) <= 32 or "\0" in key:
            return None
        number, expires = token
        origin, network = request.META.get("HTTP_ORIGIN", ""), network_of(request)
        allowed: list[str] = []

        def read(asked: Asked, site: Site | None, at: datetime) -> NewAct | None:
            if site is None or asked.shut or expires <= at:
                return None
            widget.must_ask_from(site, origin)
            limits = (*widget.limits(site, network), widget.token_limit(number))
            if not flood.takes(*limits, at=at):
                return None
            request.META[COUNTED] = True
            allowed.append(origin if origin in site.origins else "")
            return widget.act_said(words, asked, widget.session_in(given), at)

        if self._counter.serve(Sent(number, read, site=key)) is None:
            return None
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(_KEPT)))]
        return "200 OK", headers + widget.open_to(allowed[0]), _KEPT


def _kind(request: HttpRequest) -> str:
    return str(request.META.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def _body(request: HttpRequest) -> bytes | None:
    """Return what was sent, and put it back for those who read it after us."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not (length.isascii() and length.isdecimal()) or int(length) > widget.LARGEST:
        return None
    body: bytes = request.META["wsgi.input"].read(int(length))
    request.META["wsgi.input"] = BytesIO(body)
    return body
