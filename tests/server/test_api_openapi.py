"""The OpenAPI document is valid, whole, and the reference is made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.test import Client

from promontory.server import openapi, reference
from tests.server.test_api_permissions import OPERATIONS

pytestmark = pytest.mark.django_db


def document() -> dict[str, Any]:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_it_is_openapi_3_1() -> None:
    found = document()
    assert found["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(found).validate()


def test_operations_keep_their_names() -> None:
    names = [operation["operationId"] for _, _, operation in openapi.operations(document())]
    assert sorted(names) == sorted(OPERATIONS)


def test_every_operation_says_how_it_refuses_and_who_may_sign_in() -> None:
    found = document()
    schemes = set(found["components"]["securitySchemes"])
    assert schemes == {"KeyAuth", "SessionAuth"}
    for path, method, operation in openapi.operations(found):
        answers = set(operation["responses"])
        assert {"400", "401", "403", "404", "409", "422", "429"} <= answers, path
        assert {name for one in operation["security"] for name in one} == schemes
        if method != "get":
            headers = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
            assert "Idempotency-Key" in headers, path


def test_every_reference_leads_somewhere_and_every_refusal_has_an_example() -> None:
    found = document()

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if "$ref" in value else []
            return own + [ref for each in value.values() for ref in references(each)]
        return (
            [ref for each in value for ref in references(each)] if isinstance(value, list) else []
        )

    for ref in set(references(found)):
        where: Any = found
        for part in ref.removeprefix("#/").split("/"):
            where = where[part]
    for refusal in found["components"]["responses"].values():
        assert refusal["content"]["application/problem+json"]["example"]["detail"]


def test_the_reference_is_what_the_document_says() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
    assert page.read_text(encoding="utf-8") == reference.page(document()), (
        "Run: python -m promontory.server.reference > docs/reference/api.md"
    )
