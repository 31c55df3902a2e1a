"""Real, awkward files: what is asked, what is taken, what is set apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from promontory.errors import BadInput
from promontory.program.organization.access import SYSTEM
from promontory.program.responses import actions
from promontory.program.responses.models import Answer, Verbatim
from promontory.program.responses.rules.proposing import suggested
from tests.program.responses.conftest import NOW
from tests.program.responses.test_bad_input import commit

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_retailers_scale_without_zero_is_asked_about_and_kept_raw(
    survey: Any, shared_data: Path
) -> None:
    path = shared_data / "nps_fr_retail.csv"
    source = actions.upload(path, path.name, survey=survey, by=SYSTEM, at=NOW)
    asked = {(q["slug"], q["column"]) for q in source.proposal["questions"] if q["needed"]}
    assert {("scale", "nps"), ("day", "")} <= asked
    mapping = suggested(source.proposal) | {"fixed_day": "2020-01-31", "zone": "Europe/Paris"}
    with pytest.raises(BadInput, match="1–10"):
        actions.set_mapping(source, mapping, by=SYSTEM, at=NOW)
    for column in mapping["columns"]:
        if column["role"] == "answer":
            column |= {"metric": "", "scale": "1-10"}
    actions.set_mapping(source, mapping, by=SYSTEM, at=NOW)
    commit(source)
    report = source.report
    assert report["stored"] + report.get("rejected", 0) + report.get("blank", 0) == 13_954
    raw = Answer.objects.filter(question__text="nps")
    assert raw.count() == 13_954 - 342 and not raw.exclude(question__metric="").exists()
    assert Verbatim.objects.filter(text__contains="é").exists()
    assert not Verbatim.objects.filter(text__contains="�").exists()
