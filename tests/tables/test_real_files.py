"""The real files that are handed round beside the project, where they are present."""

import os
from pathlib import Path

import pytest

from promontory import tables

HERE = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("PROMONTORY_SHARED_DATA", HERE.parent / "shared" / "data"))


def real(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not here; set PROMONTORY_SHARED_DATA")
    return tables.open(path)


def test_the_garden_retailer():
    table = real("nps_fr_retail.csv")
    comments = [c for b in table.batches() for c in b.column("explication").to_pylist()]
    assert len(comments) == 13_954
    assert comments[3].startswith("j'ai acheté une vigne vierge qui ne se développe pas")
    assert comments[3].endswith("échangé en espérant qu'il se développerait tout de même.")
    assert "\ufffd" not in "".join(comments)
    found = tables.recognise(table.columns, table.sample())
    assert found.column("score") == "nps"
    assert found.column("comment") == "explication"
    assert [q.slug for q in found.questions] == ["scale"]


def test_the_hospital_trusts():
    table = real("nhs_px_themes_v6.csv")
    assert sum(batch.num_rows for batch in table.batches()) == 7_908
    found = tables.recognise(table.columns, table.sample())
    assert found.column("score") == "FFT categorical answer"
    assert found.column("person") == "Respondent ID"
    slugs = [question.slug for question in found.questions]
    assert "order" in slugs
    assert "scale" in slugs
