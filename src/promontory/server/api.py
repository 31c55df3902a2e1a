"""The REST API's table of contents: one router a context, one way to sign in, one way to say no."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import JSONRenderer
from ninja.security import APIKeyCookie, HttpBearer

from promontory import __version__
from promontory.errors import Refusal
from promontory.program.customers.api import router as customers_router
from promontory.program.followup.api import router as followup_router
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Viewer
from promontory.program.organization.api import router as organization_router
from promontory.program.outreach.api import router as outreach_router
from promontory.program.responses.api import router as responses_router
from promontory.program.scores.api import router as scores_router
from promontory.program.surveys.api import router as surveys_router
from promontory.server import openapi, problems
from promontory.server.rates import limiter
from promontory.server.reading_json import StrictParser


class KeyAuth(HttpBearer):
    """`Authorization: Bearer pm_…`, an API key made under Settings."""

    openapi_description = "An API key, made under Settings → API keys: “Bearer pm_…”."

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        at = timezone.now()
        found = organization.viewer_of_key(token, at=at) if token.isprintable() else None
        if found is not None:
            limiter.take(found.by, at=at)
            request.viewer = found  # type: ignore[attr-defined]
        return found


class SessionAuth(APIKeyCookie):
    """The session of a signed-in person; writes need the CSRF token too."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = "The session of a signed-in page; writes send X-CSRFToken too."

    def authenticate(self, request: HttpRequest, key: str | None) -> Viewer | None:
        if not request.user.is_authenticated:
            return None
        found: Viewer = request.viewer  # type: ignore[attr-defined]
        limiter.take(found.by, at=timezone.now())
        return found


class Renderer(JSONRenderer):
    """JSON in UTF-8; a number that JSON cannot say is a bug and not an answer."""

    json_dumps_params = {"allow_nan": False, "ensure_ascii": False, "separators": (",", ":")}


class Api(NinjaAPI):
    """The API; its document says all that it does, and its operations keep their names."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        return openapi.finished(super().get_openapi_schema(**options))


api = Api(
    title="Promontory",
    version=__version__,
    description=(
        "Everything the pages can do. Every score comes with its base, interval, method and as-of "
        "position, unrounded. Refusals are problem details (RFC 9457); lists go on with `next`; "
        "writes take an Idempotency-Key."
    ),
    urls_namespace="api",
    docs_url=None,
    renderer=Renderer(),
    parser=StrictParser(),
    auth=[KeyAuth(), SessionAuth(csrf=True)],
)
for router in (
    organization_router,
    customers_router,
    surveys_router,
    outreach_router,
    responses_router,
    scores_router,
    followup_router,
):
    api.add_router("", router)


@api.exception_handler(Refusal)
def on_refusal(request: HttpRequest, error: Refusal) -> HttpResponse:
    return problems.of_refusal(error)


@api.exception_handler(ValidationError)
def on_validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wants_file = any(fault["loc"][0] in {"file", "form"} for fault in error.errors)
    if wants_file and request.content_type != "multipart/form-data":
        return problems.problem(
            415,
            "not-a-form",
            "This takes a file in a form.",
            remedy="Send Content-Type: multipart/form-data.",
        )
    return problems.of_faults(error.errors)


@api.exception_handler(AuthenticationError)
def on_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.problem(
        401,
        "not-signed-in",
        "This needs a sign-in.",
        remedy="Send “Authorization: Bearer” with an API key made under Settings.",
    )


@api.exception_handler(PermissionDenied)
def on_denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problems.problem(403, "not-allowed", str(error) or "This is not allowed.")


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problems.of_status(404)


@api.exception_handler(IntegrityError)
def on_collision(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    return problems.problem(
        409,
        "conflict",
        "Somebody else did this at the same moment.",
        remedy="Read what is there now, then try again.",
    )


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, Refusal):  # the parser's, which ninja wraps
        return problems.of_refusal(error.__cause__)
    if error.status_code == 403:
        return problems.problem(
            403,
            "csrf",
            "A write from a signed-in page needs its CSRF token.",
            remedy="Send the cookie's token as X-CSRFToken, or use an API key.",
        )
    return problems.problem(error.status_code, "refused", error.message)
