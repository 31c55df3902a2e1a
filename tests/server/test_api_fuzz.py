"""Hundreds of odd requests, made from the API's own document, and never a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.program.scores.company import Company
from tests.server.callers import secret_of
from tests.server.test_api_permissions import OPERATIONS, filled

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
EXAMPLES = 6


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the connection, which holds the test's transaction, from one request to the next."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_no_request_is_answered_by_a_fault(identified: Company, name: str) -> None:
    from promontory.server.wsgi import application

    filled(identified)
    secret = secret_of("administrator")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    operation = schema.find_operation_by_id(name)
    headers = {"Authorization": f"Bearer {secret}"}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)))
    def once(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=list(CHECKS))

    once()
