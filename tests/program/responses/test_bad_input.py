"""Files as they come: a verdict for each row or file, nothing lost, nothing half visible."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from promontory.errors import BadInput
from promontory.jobs.draining import drain
from promontory.program.organization.access import SYSTEM
from promontory.program.responses import actions, queries
from promontory.program.responses.models import Answer, Import, RawRow, RejectedRow, Response
from promontory.program.responses.rules.proposing import suggested
from tests.program.responses.conftest import NOW
from tests.program.responses.test_path import imported, previewed

pytestmark = pytest.mark.django_db(transaction=True)


def reasons(source: Import) -> dict[str, int]:
    return {k.split(": ")[1]: n for k, n in source.report.items() if k.startswith("reason: ")}


def test_cells_that_are_no_answers_are_set_apart_with_their_reasons(
    survey: Any, own_home: Path
) -> None:
    cells = ["9", "9.5", "10/10", "N/A", "-1", "11", "ten", " 8 ", "7.0", "#REF!", "٩"]
    text = "score,comment,date\n" + "".join(f"{cell},words,2026-03-01\n" for cell in cells)
    source = imported(text, survey, own_home, roles={"score": "answer"}, zone="UTC")
    assert reasons(source) == {
        "fraction": 1, "ratio": 1, "out-of-scale": 2, "not-a-number": 1, "cell-error": 1,
    }  # fmt: skip
    assert source.report["stored"] == 5  # 9, 8, 7, ٩ and the comment without an answer
    assert sorted(Answer.objects.values_list("value", flat=True)) == [7, 8, 9, 9]
    rows = list(queries.rejected_rows(source, viewer=SYSTEM))
    assert [row[0] for row in rows[1:]] == ["3", "4", "6", "7", "8", "11"]
    assert rows[2][2] == "10/10" and "ratio" in rows[2][1]
    assert rows[3][2] == "'-1"  # no spreadsheet takes it for a formula


def test_ragged_rows_and_control_characters_do_not_stop_the_rest(
    survey: Any, own_home: Path
) -> None:
    text = (
        "id,date,score,comment\n"
        "a,2026-03-01T10:00:00Z,9,fine\n"
        "b,2026-03-01T10:00:00Z,9\n"
        "c,2026-03-01T10:00:00Z,9,one,too,many\n"
        "d,2026-03-01T10:00:00Z,8,bell\x07 rings\n"
        "\n"
        "e,2026-03-01T10:00:00Z,7,last\n"
    )
    source = imported(text, survey, own_home, roles={"id": "id"})
    assert source.status == "done"
    assert Response.objects.count() == source.report["stored"] >= 3
    assert reasons(source)["ragged"] == RejectedRow.objects.count() >= 1
    assert source.report["stored"] + source.report["rejected"] == 5
    raw = [row[2:] for row in queries.rejected_rows(source, viewer=SYSTEM)][-1]
    assert "one,too,many" in ",".join(raw)


def test_wrong_encodings_are_read_and_said(survey: Any, own_home: Path) -> None:
    text = "date;note;commentaire\n" + "2026-03-01T10:00:00Z;9;très déçu, à éviter\n" * 30
    (own_home / "latin.csv").write_bytes(text.encode("latin-1"))
    source = previewed(own_home / "latin.csv", survey)
    assert source.proposal["encoding"].lower().replace("-", "") not in ("", "utf8")
    commit(source)
    assert Response.objects.first().verbatim.text == "très déçu, à éviter"


def test_a_scale_from_1_to_10_has_to_be_declared_and_stays_out_of_the_score(
    survey: Any, own_home: Path
) -> None:
    rng = random.Random(3)
    scores = [rng.choice([1, 3, 5, 7, 8, 9, 10, 10]) for _ in range(600)]
    text = "date,score\n" + "".join(f"2026-03-01T10:00:00Z,{s}\n" for s in scores)
    path = own_home / "ten.csv"
    path.write_text(text)
    source = actions.upload(path, path.name, survey=survey, by=SYSTEM, at=NOW)
    mapping = suggested(source.proposal)
    with pytest.raises(BadInput, match="1–10"):
        actions.set_mapping(source, mapping, by=SYSTEM, at=NOW)
    for column in mapping["columns"]:
        if column["role"] == "answer":
            column |= {"metric": "", "scale": "1-10"}
    actions.set_mapping(source, mapping, by=SYSTEM, at=NOW)
    commit(source)
    assert list(Answer.objects.order_by("pk").values_list("value", flat=True)) == scores
    kept = queries.entries_on(Response.objects.earliest("pk").pk)[0].values()
    assert kept["a"] == [[0, scores[0]]]


def test_dates_in_three_formats(survey: Any, own_home: Path) -> None:
    for name, dates, order in (
        ("iso", ["2026-03-01", "2026-12-31"], None),
        ("dmy", ["01/03/2026", "31/12/2026"], None),
        ("unsure", ["01/03/2026", "02/12/2026"], "dmy"),
    ):
        path = own_home / f"{name}.csv"
        path.write_text("id,date,score\n" + "".join(f"{name}{d},{d},9\n" for d in dates))
        source = actions.upload(path, path.name, survey=survey, by=SYSTEM, at=NOW)
        mapping = suggested(source.proposal) | {"zone": "Europe/Paris"}
        if order:
            with pytest.raises(BadInput, match="day/month"):
                actions.set_mapping(source, mapping, by=SYSTEM, at=NOW)
            mapping["order"] = order
        actions.set_mapping(source, mapping, by=SYSTEM, at=NOW)
        commit(source)
    days = sorted(Response.objects.values_list("local_day", flat=True))
    assert days == [20513, 20513, 20513, 20789, 20818, 20818]


def test_an_undeclared_zone_is_asked(survey: Any, own_home: Path) -> None:
    path = own_home / "naive.csv"
    path.write_text("date,score\n2026-03-01 23:30:00,9\n")
    source = actions.upload(path, path.name, survey=survey, by=SYSTEM, at=NOW)
    with pytest.raises(BadInput, match="time zone"):
        actions.set_mapping(source, suggested(source.proposal), by=SYSTEM, at=NOW)


def test_a_zip_called_csv_and_an_empty_file_are_refused_and_leave_nothing(
    survey: Any, own_home: Path
) -> None:
    path = own_home / "answers.csv"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("answers.csv", "score\n9\n")
    with pytest.raises(BadInput, match=r"(?i)zip"):
        actions.upload(path, path.name, survey=survey, by=SYSTEM, at=NOW)
    path.write_bytes(b"")
    with pytest.raises(BadInput, match="empty"):
        actions.upload(path, path.name, survey=survey, by=SYSTEM, at=NOW)
    assert list((own_home / "uploads").iterdir()) == []
    assert not Import.objects.exists()


def test_a_workbook_with_formulas(survey: Any, own_home: Path) -> None:
    path = own_home / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([["date", "score"], ["2026-03-01T10:00:00Z", 9]]):
            sheet.write_row(row, 0, cells)
        sheet.write(2, 0, "2026-03-02T10:00:00Z")
        sheet.write_formula(2, 1, "=4+4", None, 8)
        sheet.write(3, 0, "2026-03-02T10:00:00Z")
        sheet.write_formula(3, 1, "=1/0", None, "#DIV/0!")
    source = previewed(path, survey)
    commit(source)
    assert sorted(Answer.objects.values_list("value", flat=True)) == [8, 9]
    assert reasons(source) == {"cell-error": 1}


def test_the_same_file_twice_adds_nothing_and_says_so(survey: Any, own_home: Path) -> None:
    text = "date,score,comment\n" + "".join(f"2026-03-0{n},9,c{n}\n" for n in range(1, 6))
    imported(text, survey, own_home, zone="UTC")
    path = own_home / "again.csv"
    path.write_text(text)
    again = previewed(path, survey, zone="UTC")
    assert again.proposal["same file"]
    assert again.preview["counts"]["already stored"] == 5
    assert again.preview["counts"]["would be stored"] == 0
    commit(again)
    assert again.report == {"already stored": 5}
    assert Response.objects.count() == 5


def test_the_same_answers_without_ids_are_reported_and_kept(survey: Any, own_home: Path) -> None:
    text = "date,email,score,comment\n" + "".join(
        f"2026-03-0{n},p{n}@example.org,9,c{n}\n" for n in range(1, 6)
    )
    imported(text, survey, own_home, zone="UTC")
    path = own_home / "again.csv"
    path.write_text(text + "2026-04-01,new@example.org,3,more\n")
    again = previewed(path, survey, zone="UTC")
    assert again.preview["counts"]["possible duplicates"] == 5
    assert again.preview["counts"]["new contacts"] == 1
    commit(again)
    assert (again.report["stored"], Response.objects.count()) == (6, 11)


def test_a_stored_id_with_another_score_is_counted_as_different(
    survey: Any, own_home: Path
) -> None:
    text = "id,date,score\n" + "".join(f"r{n},2026-03-01,9\n" for n in range(20))
    imported(text, survey, own_home, zone="UTC")
    path = own_home / "edited.csv"
    path.write_text(text.replace("r3,2026-03-01,9", "r3,2026-03-01,2"))
    again = previewed(path, survey, zone="UTC")
    commit(again)
    assert again.report == {"already stored": 20, "already stored, but different": 1}


def test_an_attribute_with_too_many_values_is_no_dimension(survey: Any, own_home: Path) -> None:
    text = "date,score,order\n" + "".join(f"2026-03-01,{n % 11},o{n}\n" for n in range(5_200))
    source = imported(text, survey, own_home, roles={"order": "attribute"}, zone="UTC")
    assert source.preview["attributes"]["order"]["crowded"] is True
    assert source.report["stored"] == 5_200
    assert Response.objects.exclude(attributes={}).count() == 0
    assert RawRow.objects.count() == 5_200


def test_an_anonymous_survey_keeps_nobody(own_home: Path, survey: Any) -> None:
    survey.promise = "anonymous"
    survey.save()
    text = "id,date,email,score\n" + "".join(
        f"r{n},2026-03-01,p{n}@example.org,9\n" for n in range(20)
    )
    source = imported(text, survey, own_home, zone="UTC")
    assert source.report["stored"] == 20
    assert Response.objects.exclude(contact=None).count() == 0
    assert Response.objects.exclude(vendor_id="").count() == 0
    assert not (own_home / "uploads" / source.stored_as).exists()


def commit(source: Import) -> None:
    drain(at=NOW)
    source.refresh_from_db()
    assert source.status == "previewed", source.problem
    actions.start_commit(source, by=SYSTEM, at=NOW)
    drain(at=NOW)
    source.refresh_from_db()
    assert source.status == "done", source.problem
    json.dumps(source.report)
