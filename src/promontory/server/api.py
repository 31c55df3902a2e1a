"""The REST API's table of contents: one router a context, one way to sign in, one way to say no."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import APIKeyCookie, HttpBearer

from promontory import __version__
from promontory.errors import BadInput, Refusal, TooMany
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Viewer
from promontory.program.organization.api import router as organization_router
from promontory.program.organization.doors import Problem
from promontory.program.responses.api import router as responses_router
from promontory.program.scores.api import router as scores_router
from promontory.program.surveys.api import router as surveys_router


class KeyAuth(HttpBearer):
    """`Authorization: Bearer pm_…`, an API key made under Settings."""

    openapi_description = "An API key, made under Settings → API keys."

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        found = organization.viewer_of_key(token, at=timezone.now())
        if found is not None:
            request.viewer = found  # type: ignore[attr-defined]
        return found


class SessionAuth(APIKeyCookie):
    """The session of a signed-in person; writes need the CSRF token too."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Viewer | None:
        if not request.user.is_authenticated:
            return None
        found: Viewer = request.viewer  # type: ignore[attr-defined]
        return found


api = NinjaAPI(
    title="Promontory",
    version=__version__,
    description=(
        "Everything the pages can do. Every score comes with its base, interval, method and as-of "
        "position, unrounded. Refusals are problem details (RFC 9457); lists go on with `next`."
    ),
    urls_namespace="api",
    docs_url=None,
    auth=[KeyAuth(), SessionAuth(csrf=True)],
)
api.add_router("", organization_router)
api.add_router("", surveys_router)
api.add_router("", responses_router)
api.add_router("", scores_router)


def problem(
    request: HttpRequest,
    status: int,
    slug: str,
    detail: str,
    *,
    remedy: str = "",
    row: int | None = None,
    field: str = "",
) -> HttpResponse:
    """Return a problem document."""
    document = Problem(
        type=f"urn:promontory:problem:{slug}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        remedy=remedy,
        row=row,
        field=field,
    )
    response = api.create_response(request, document.model_dump(), status=status)
    response["Content-Type"] = "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Refusal)
def on_refusal(request: HttpRequest, error: Refusal) -> HttpResponse:
    place = error.place if isinstance(error, BadInput) else None
    response = problem(
        request,
        error.status,
        error.slug,
        error.message,
        remedy=error.remedy,
        row=place.row if place else None,
        field=place.field if place else "",
    )
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


@api.exception_handler(ValidationError)
def on_validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {"loc": (), "msg": "is not valid"}
    field = ".".join(str(part) for part in list(first["loc"])[1:] if part != "payload")
    more = f" ({len(error.errors) - 1} more)" if len(error.errors) > 1 else ""
    return problem(request, 422, "bad-input", f"{field}: {first['msg']}{more}", field=field)


@api.exception_handler(AuthenticationError)
def on_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(
        request,
        401,
        "not-signed-in",
        "This needs a sign-in.",
        remedy="Send “Authorization: Bearer” with an API key made under Settings.",
    )


@api.exception_handler(PermissionDenied)
def on_denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem(request, 403, "not-allowed", str(error) or "This is not allowed.")


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, 404, "not-found", "There is no such thing.")


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(request, error.status_code, "refused", error.message)
