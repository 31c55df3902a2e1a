from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest


@pytest.fixture
def installation_settings() -> str:
    return "tests.jobs.settings"


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def effect_table(request: pytest.FixtureRequest) -> Iterator[None]:
    """A table in which the sample tasks leave their effects."""
    marker = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    from django.db import connection

    from tests.jobs import sample_tasks

    with connection.cursor() as cursor:
        cursor.execute(sample_tasks.CREATE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE effect")
