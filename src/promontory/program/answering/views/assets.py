"""The few files that browsers of respondents fetch: stylesheet, kiosk script, widget."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from promontory.program.answering import doors

_TYPES = {"page.css": "text/css", "kiosk.js": "text/javascript"}


@require_safe
def asset(request: HttpRequest, name: str) -> HttpResponse:
    """Serve a file under an address that changes with its content: kept for ever."""
    if name not in _TYPES:
        raise Http404
    body, tag = doors.asset(name)
    return _served(request, body, tag, _TYPES[name], "public, max-age=31536000, immutable")


@require_safe
def widget(request: HttpRequest) -> HttpResponse:
    """Serve the widget's script to other sites; its address stays, so it is asked for anew."""
    body, tag = doors.asset("promontory.js")
    response = _served(request, body, tag, "text/javascript", "public, max-age=3600")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _served(
    request: HttpRequest, body: bytes, tag: str, content_type: str, keeping: str
) -> HttpResponse:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    is_known = f'"{tag}"' in [one.removeprefix("W/") for one in known]
    response = HttpResponse(status=304) if is_known else HttpResponse(body)
    response["Content-Type"] = f"{content_type}; charset=utf-8"
    response["ETag"] = f'"{tag}"'
    response["Cache-Control"] = keeping
    return response
