"""The whole path: a file, a mapping, a preview, a commit, the ledger, the facts, the warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from promontory.jobs.draining import drain
from promontory.program.organization.access import SYSTEM
from promontory.program.responses import actions
from promontory.program.responses.models import Answer, Import, Response, Verbatim
from promontory.program.responses.rules.proposing import suggested
from promontory.warehouse import Facts
from tests.program.responses.conftest import NOW

FILE = """id,date,email,score,comment,region
a1,2026-03-01T10:00:00+00:00,anna@example.org,10,Lovely,North
a2,2026-03-02T10:00:00+00:00,bert@example.org,9,,South
a3,2026-03-03T10:00:00+00:00,anna@example.org,3,Too slow,North
a4,2026-04-04T10:00:00+00:00,cleo@example.org,10/10,,North
a5,2026-04-05T10:00:00+00:00,cleo@example.org,,,North
a1,2026-04-06T10:00:00+00:00,dora@example.org,7,,East
"""


def previewed(
    path: Path, survey: Any, roles: dict[str, str] | None = None, **changes: Any
) -> Import:
    """Upload a file as a person would, with these columns declared otherwise than proposed."""
    source = actions.upload(path, path.name, survey=survey, by=SYSTEM, at=NOW)
    mapping = suggested(source.proposal) | changes
    for column in mapping["columns"]:
        column["role"] = (roles or {}).get(column["name"], column["role"])
    actions.set_mapping(source, mapping, by=SYSTEM, at=NOW)
    drain(at=NOW)
    source.refresh_from_db()
    assert source.status == "previewed", source.problem
    return source


def imported(
    text: str, survey: Any, folder: Path, roles: dict[str, str] | None = None, **changes: Any
) -> Import:
    """Bring a text in as a CSV file, to the end."""
    path = folder / "answers.csv"
    path.write_text(text)
    source = previewed(path, survey, roles, **changes)
    actions.start_commit(source, by=SYSTEM, at=NOW)
    drain(at=NOW)
    source.refresh_from_db()
    return source


@pytest.mark.django_db(transaction=True)
def test_a_file_becomes_facts_in_the_warehouse(survey: Any, own_home: Path) -> None:
    source = imported(FILE, survey, own_home, roles={"id": "id"})
    assert source.status == "done"
    assert source.report == {
        "stored": 3, "rejected": 3, "new contacts": 2,
        "reason: ratio": 1, "reason: nothing-answered": 1, "reason: duplicate-id": 1,
    }  # fmt: skip
    assert Response.objects.count() == 3
    assert sorted(Answer.objects.values_list("value", flat=True)) == [3, 9, 10]
    assert set(Verbatim.objects.values_list("text", flat=True)) == {"Lovely", "Too slow"}
    facts = Facts(own_home / "warehouse")
    manifest = facts.manifest()
    assert manifest.position > 0
    files = [str(facts.path(file)) for file in manifest.files]
    rows = duckdb.sql(
        f"SELECT answer, sum(sign) n, count(DISTINCT person) FROM read_parquet({files}) "
        "GROUP BY answer ORDER BY answer"
    ).fetchall()
    assert [(answer, int(n)) for answer, n, _ in rows] == [(3, 1), (9, 1), (10, 1)]
