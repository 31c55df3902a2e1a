"""The tests' own house: its databases are real and its home is nobody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.postgres import Postgres


def test_the_home_is_a_temporary_one() -> None:
    assert "promontory-tests-" in os.environ["PROMONTORY_HOME"]


@pytest.mark.django_db
def test_both_databases_are_allowed_and_live_in_the_tests_home() -> None:
    from django.db import connections

    for alias in ("default", "keys"):
        connection = connections[alias]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
        if connection.vendor == "sqlite":
            name = Path(connection.settings_dict["NAME"])
            assert name.parent == Path(os.environ["PROMONTORY_HOME"])


@pytest.mark.postgres
def test_a_database_of_the_cluster_can_be_copied(postgres_server: Postgres) -> None:
    import psycopg

    with psycopg.connect(postgres_server.create_database("first")) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    with psycopg.connect(postgres_server.create_database("second", template="first")) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
