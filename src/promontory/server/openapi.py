"""The OpenAPI document, finished: refusals, headers and examples that hold for every operation."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, TypeVar

from ninja import NinjaAPI

from promontory.program.organization.doors import Problem

Document = TypeVar("Document", bound=dict[str, Any])
METHODS = ("get", "post", "put", "patch", "delete")
WRITES = ("post", "put", "patch", "delete")
GUARDED = {"change_organization", "publish_version", "put_mapping"}
"""Writes that heed If-Match."""

CACHED = {"get_score", "get_exploration", "get_organization", "get_survey"}
"""Reads that answer If-None-Match."""

REFUSALS = {
    400: ("The request cannot be read", "malformed-json", "The body is not JSON.", ""),
    401: ("Not signed in", "not-signed-in", "This needs a sign-in.", ""),
    403: (
        "Not allowed",
        "not-allowed",
        "Your role does not include “import”.",
        "Ask an administrator for a role that does.",
    ),
    404: ("No such thing", "not-found", "There is no survey “spring”.", ""),
    409: (
        "Something else has happened since",
        "conflict",
        "There is a survey “spring” already.",
        "Choose another name.",
    ),
    422: (
        "Something in it is wrong",
        "bad-input",
        "“2026-13” is not a period.",
        "Write 2026-09, 2026-W37, 2026-Q3, 2026 or 2026-01-01..2026-03-15.",
    ),
    429: (
        "Too many requests",
        "too-many",
        "More than 600 requests a minute.",
        "Try again in 3 s.",
    ),
}
_MORE = {
    412: (
        "It has changed since it was read",
        "changed-meanwhile",
        "It has changed since you read it.",
        "Read it again, and send the new ETag as If-Match.",
    ),
    413: (
        "The body is too large",
        "too-large",
        "The body is larger than 2.5 MB.",
        "Send it in parts.",
    ),
    415: (
        "The body is of another content type",
        "not-json",
        "This takes JSON, not “text/plain”.",
        "Send Content-Type: application/json.",
    ),
}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation of a document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def query_parameters(api: NinjaAPI) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield path, method and the names of the query parameters of every operation."""
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                named = {
                    field.alias or name
                    for model in operation.models
                    if model.__ninja_param_source__ == "query"
                    for name, field in model.model_fields.items()
                }
                extra = (operation.openapi_extra or {}).get("parameters", ())
                names = frozenset(named | {p["name"] for p in extra})
                for method in operation.methods:
                    yield path, method, names


def finished(document: Document) -> Document:
    """Return the document with what is true of every operation, and its examples."""
    components = document["components"]
    components["schemas"].update(_problem_schemas())
    components["responses"] = {
        f"Refused{status}": _refusal(status, *told) for status, told in (REFUSALS | _MORE).items()
    }
    components["headers"] = {
        "ETag": {"description": "Changes whenever the answer would.", "schema": {"type": "string"}},
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    }
    document["security"] = [{"KeyAuth": []}, {"SessionAuth": []}]
    for path, method, operation in operations(document):
        _finish(path, method, operation)
    document["servers"] = [{"url": "/", "description": "This installation"}]
    return document


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), "Problem": schema}


def _refusal(status: int, description: str, slug: str, detail: str, remedy: str) -> dict[str, Any]:
    example = {
        "type": f"urn:promontory:problem:{slug}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "remedy": remedy,
        "row": None,
        "field": "",
        "errors": [],
    }
    answer: dict[str, Any] = {
        "description": description,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example,
            }
        },
    }
    if status == 429:
        answer["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return answer


def _finish(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    if operation["operationId"] in GUARDED | CACHED:
        for answer in answers.values():
            answer["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
    statuses = list(REFUSALS)
    parameters = operation["parameters"]
    if method in WRITES:
        parameters.append(_header("Idempotency-Key", "Anything of your own: the same write sent "
                                  "again under it is done once and answered alike.",
                                  {"type": "string", "minLength": 1, "maxLength": 200,
                                   "pattern": "^[!-~]+$"}))  # fmt: skip
        statuses += [413, 415] if "requestBody" in operation else []
    if operation["operationId"] in GUARDED:
        parameters.append(_header("If-Match", "The ETag of what you read; if it has changed "
                                  "since, nothing is written.",
                                  {"type": "string", "pattern": '^("[!-~]*"|\\*)$'}))  # fmt: skip
        statuses.append(412)
    if method == "get" and operation["operationId"] in CACHED:
        parameters.append(_header("If-None-Match", "An ETag you have; answered by 304 if it "
                                  "still holds.", {"type": "string"}))  # fmt: skip
        answers[304] = {"description": "You have it already"}
    for status in sorted(statuses):
        answers[status] = {"$ref": f"#/components/responses/Refused{status}"}


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": description,
        "schema": schema,
    }
