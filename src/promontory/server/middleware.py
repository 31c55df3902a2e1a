"""What happens around every request: who asks, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from promontory.errors import Refusal, TooMany
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Viewer

Handler = Callable[[HttpRequest], HttpResponse]

NOBODY = Viewer(user_id=None, name="nobody", can=frozenset(), units=frozenset())


class ViewerMiddleware:
    """Puts the viewer on the request; the one place where a session becomes a viewer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: _viewer(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _viewer(request: HttpRequest) -> Viewer:
    if not request.user.is_authenticated:
        return NOBODY
    return organization.viewer_of(request.user)


def _back(request: HttpRequest) -> str:
    """Return where the person came from, if it was a page of ours."""
    came_from = request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}/"
    return came_from if came_from.startswith(own) else "/"


class RefusalMiddleware:
    """Shows a refusal as a page that says why and what to do, with the refusal's own status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        context = {
            "message": error.message,
            "remedy": error.remedy,
            "status": error.status,
            "back": _back(request),
        }
        response = render(request, "refused.html", context, status=error.status)
        if isinstance(error, TooMany):
            response["Retry-After"] = str(error.retry_after)
        return response
