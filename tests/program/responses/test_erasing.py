"""Erased is erased: no file of the installation says any more who somebody was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from promontory.jobs.draining import drain
from promontory.program.customers import queries as customers
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.verify import verify
from promontory.program.organization.access import SYSTEM
from promontory.program.responses import actions, queries
from promontory.program.responses.models import RejectedRow
from tests.program.responses.conftest import NOW
from tests.program.responses.test_path import imported

FILE = """id,date,email,score,comment,hobby
b1,2026-03-01T10:00:00+00:00,zenobia@example.org,10,Lovely zither,zymurgy
b2,2026-03-02T10:00:00+00:00,bert@example.org,9,,chess
b3,2026-03-03T10:00:00+00:00,ZENOBIA@example.org,11,Too slow,chess
b4,2026-03-03T10:00:00+00:00,cleo@example.org,12,,chess
"""

pytestmark = pytest.mark.django_db(transaction=True)


def erase(address: str) -> None:
    contact = customers.find_contact({"email": address})
    assert contact is not None
    actions.erase_contact(contact.pk, by=SYSTEM, at=NOW + timedelta(days=1))
    drain(at=NOW + timedelta(days=1))


def test_no_cell_of_a_file_outlives_its_import_in_the_clear(survey: Any, own_home: Path) -> None:
    source = imported(FILE, survey, own_home, roles={"id": "id", "hobby": "attribute"})
    assert source.status == "done"
    assert "example.org" not in str(source.proposal) + str(source.preview)
    assert "zymurgy" not in str(source.proposal) + str(source.preview)
    assert source.preview["counts"]["rejected"] == 2


def test_rows_set_apart_go_with_the_person_they_name(survey: Any, own_home: Path) -> None:
    source = imported(FILE, survey, own_home, roles={"id": "id"})
    assert [row[0] for row in queries.rejected_rows(source, viewer=SYSTEM)] == ["row", "4", "5"]
    erase("zenobia@example.org")
    assert [row[0] for row in queries.rejected_rows(source, viewer=SYSTEM)] == ["row", "5"]
    assert RejectedRow.objects.count() == 1
    ledger.seal()
    assert verify().is_sound


def test_no_file_of_the_database_holds_what_was_erased(survey: Any, own_home: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its files to itself.")
    imported(FILE, survey, own_home, roles={"id": "id", "hobby": "attribute"})
    (own_home / "answers.csv").unlink()
    erase("zenobia@example.org")
    database = Path(connection.settings_dict["NAME"])
    beside = [path for path in database.parent.iterdir() if path.is_file()]
    files = [path for path in own_home.rglob("*") if path.is_file()] + beside
    assert database in files
    for word in (b"zenobia@example.org", b"ZENOBIA@example.org", b"Lovely zither"):
        assert [path.name for path in files if word in path.read_bytes()] == []


def test_a_customer_number_is_looked_for_in_its_own_column_only(
    survey: Any, own_home: Path
) -> None:
    text = """id,date,customer,score,comment
c1,2026-03-01T10:00:00+00:00,12,10,Lovely
c2,2026-03-02T10:00:00+00:00,13,12,
c3,2026-03-03T10:00:00+00:00,12,11,
"""
    source = imported(text, survey, own_home, roles={"id": "id", "customer": "customer"})
    contact = customers.find_contact({"customer": "12"})
    assert contact is not None
    actions.erase_contact(contact.pk, by=SYSTEM, at=NOW + timedelta(days=1))
    assert [row[0] for row in queries.rejected_rows(source, viewer=SYSTEM)] == ["row", "3"]
