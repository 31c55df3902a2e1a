"""What holds for every request below /api/, before and after the API proper has it.

Too large a body, a NUL in the address, a parameter that no operation knows: refused before
anything is read. Whatever leaves without a problem document of its own gets one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from promontory.errors import BadInput, Place, Refusal
from promontory.server import openapi, problems

PREFIX = "/api/"
Handler = Callable[[HttpRequest], HttpResponseBase]
_FORM = "multipart/form-data"
_PLACE_OF_ROUTE = re.compile(r"<(?:\w+:)?(\w+)>")


class TooLarge(Refusal):
    """The body is larger than anything that is not a file needs to be."""

    status = 413
    slug = "too-large"


@csrf_exempt
def missing(request: HttpRequest, *_: Any) -> HttpResponse:
    """Answer for every address below /api/ that nothing else answers."""
    return problems.of_status(404)


class ApiMiddleware:
    """Guards what goes into the API, and sees to it that only problem documents refuse."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        try:
            _check(request)
        except Refusal as refusal:
            return problems.of_refusal(refusal)
        except SuspiciousOperation:
            return problems.of_status(400)
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        response = _told(self.get_response(request))
        return _headless(response) if is_head else response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse a parameter that the operation does not know; it is never dropped silently."""
        match = request.resolver_match
        if match is None or not request.path.startswith(PREFIX):
            return None
        known = _known_parameters().get((_PLACE_OF_ROUTE.sub(r"{\1}", match.route), request.method))
        if known is None:
            return None
        for name in request.GET:
            if name in known or ("filters" in known and name.startswith("f.")):
                continue
            told = sorted("f.KEY" if name == "filters" else name for name in known)
            remedy = f"Known: {', '.join(told)}." if told else "Leave it out."
            refused = BadInput(
                f"There is no parameter “{name[:100]}”.", remedy=remedy, place=Place(field=name)
            )
            return problems.of_refusal(refused)
        return None


def _check(request: HttpRequest) -> None:
    for name in request.GET:
        if "\0" in name or any("\0" in value for value in request.GET.getlist(name)):
            raise BadInput("A parameter holds a NUL.", place=Place(field=name.replace("\0", "")))
    if "\0" in request.path:
        raise BadInput("The address holds a NUL.")
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if request.content_type != _FORM and int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise TooLarge(f"The body is larger than {most:,} bytes.", remedy="Send it in parts.")


def _told(response: HttpResponseBase) -> HttpResponseBase:
    """Return the answer, or the problem document it ought to have been."""
    kind = response.get("Content-Type", "")
    if response.status_code < 400 or kind.startswith(problems.CONTENT_TYPE):
        return response
    told = problems.of_status(response.status_code)
    if "Allow" in response:
        told["Allow"] = response["Allow"]
    return told


def _headless(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponse):
        response["Content-Length"] = str(len(response.content))
        response.content = b""
        return response
    told = HttpResponse(status=response.status_code)
    told.headers = response.headers
    response.close()
    return told


@cache
def _known_parameters() -> dict[tuple[str, str | None], frozenset[str]]:
    """Return the query parameters of each operation, by its route and method."""
    from promontory.server.api import api

    return {
        (f"api/v1{path}", method): names for path, method, names in openapi.query_parameters(api)
    }
