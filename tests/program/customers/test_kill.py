"""An import of contacts killed at random moments: nobody lost, nobody twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.installation import Installation

pytestmark = [pytest.mark.kill, pytest.mark.slow]
ROWS, KILLS = 12_000, 8


def test_an_import_of_contacts_survives_being_killed(
    installation: Installation, tmp_path: Path
) -> None:
    house = installation
    said = house.python(
        "from tests.program.customers.killing import main\n"
        f"main({str(tmp_path / 'contacts.csv')!r}, {ROWS}, {KILLS}, 3)"
    )
    assert "internally consistent" in said
    assert int(said.split()[1]) >= 3, "too few kills to prove anything"
    [(status, report, stored_as)] = house.rows(
        "SELECT status, report, stored_as FROM customers_contactimport"
    )
    report = report if isinstance(report, dict) else json.loads(report)
    bad = ROWS // 50
    further = sum(1 for n in range(ROWS) if n % 40 == 9 and n % 50 != 7 and (n - 3) % 50 != 7)
    assert status == "done"
    assert report["set apart"] == bad
    assert (report["further account"], report["new"]) == (further, ROWS - bad - further)
    people = [(ROWS - bad - further,)]
    assert house.rows("SELECT count(DISTINCT email_index) FROM customers_contact") == people
    assert house.rows("SELECT count(*) FROM customers_contact") == people
    assert house.rows("SELECT count(DISTINCT contact_id) FROM customers_consent") == people
    assert house.rows("SELECT count(*) FROM customers_consent") == people
    assert house.rows("SELECT count(*) FROM customers_stake") == [(ROWS - bad,)]
    assert house.rows("SELECT count(*) FROM customers_rejectedcontact") == [(bad,)]
    assert sorted(path.name for path in (house.home / "uploads").iterdir()) == [stored_as]
