"""The pages of imports and responses, as people of each role meet them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from promontory.jobs.draining import drain
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import add_person
from promontory.program.organization.models import OrgUnit, User
from promontory.program.responses import actions
from promontory.program.responses.models import Import, Look, Response
from promontory.program.surveys.actions import create_survey
from tests.program.responses.conftest import NOW
from tests.program.responses.test_path import FILE

pytestmark = pytest.mark.django_db(transaction=True)

ON_TEN = "id,score,comment,day\n" + "".join(f"{n},{1 + n % 10},,2026-03-01\n" for n in range(600))
DECLARED = {"column_0": "id", "column_1": "at", "column_2": "email", "column_3": "answer:nps"} | {
    "column_4": "comment", "column_5": "attribute", "fold": "ask", "partial": "commented"
}  # fmt: skip


def signed_in(role: str, unit: OrgUnit | None = None) -> Client:
    person, _ = add_person(
        email=f"{role}-{User.objects.count()}@example.org", name=f"Some {role}", role=role,
        unit=unit, by=SYSTEM, at=NOW,
    )  # fmt: skip
    client = Client()
    client.force_login(person)
    return client


def uploaded(client: Client, survey: Any, text: str, name: str = "answers.csv") -> Any:
    file = SimpleUploadedFile(name, text.encode(), content_type="text/csv")
    return client.post("/imports", {"survey": survey.pk, "file": file})


def brought_in(client: Client, survey: Any, text: str = FILE, **changes: str) -> Import:
    uploaded(client, survey, text)
    made = Import.objects.latest("pk")
    said = DECLARED | {"survey": str(survey.pk)} | changes
    answer = client.post(f"/imports/{made.pk}/columns", said)
    assert answer.status_code == 302, answer.content.decode()
    drain(at=timezone.now())
    client.post(f"/imports/{made.pk}/commit")
    drain(at=timezone.now())
    made.refresh_from_db()
    assert made.status == "done"
    return made


def test_a_file_goes_in_page_by_page(survey: Any) -> None:
    client = signed_in("analyst")
    answer = uploaded(client, survey, FILE)
    made = Import.objects.get()
    assert answer["Location"] == f"/imports/{made.pk}"
    assert client.get(f"/imports/{made.pk}")["Location"] == f"/imports/{made.pk}/columns"
    assert "What each column is" in client.get(f"/imports/{made.pk}/columns").content.decode()
    client.post(f"/imports/{made.pk}/columns", DECLARED | {"survey": survey.pk})
    working = client.get(f"/imports/{made.pk}").content.decode()
    assert "Every row is being judged" in working
    assert '<noscript><meta http-equiv="refresh"' in working
    assert client.get(f"/imports/{made.pk}/progress").headers.get("HX-Refresh") is None
    drain(at=timezone.now())
    assert client.get(f"/imports/{made.pk}/progress")["HX-Refresh"] == "true"
    verdict = client.get(f"/imports/{made.pk}").content.decode()
    assert "3 of 6 rows would become responses; 3 are set apart, each with its reason." in verdict
    assert "<code>10/10</code>" in verdict
    client.post(f"/imports/{made.pk}/commit")
    drain(at=timezone.now())
    report = client.get(f"/imports/{made.pk}").content.decode()
    assert "3 responses are in; 3 rows were set apart." in report
    assert f'href="/responses?import={made.pk}"' in report


def test_rows_set_apart_are_downloaded_with_their_reasons(survey: Any) -> None:
    client = signed_in("analyst")
    made = brought_in(client, survey)
    answer = client.get(f"/imports/{made.pk}/rejected.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("row,reasons,id,date")
    assert [line.split(",")[0] for line in lines[1:]] == ["5", "6", "7"]
    assert "10/10" in lines[1]


def test_a_scale_without_zero_has_to_be_declared(survey: Any) -> None:
    client = signed_in("analyst")
    uploaded(client, survey, ON_TEN)
    made = Import.objects.get()
    said = {"column_0": "id", "column_1": "asked", "column_2": "comment", "column_3": "at"}
    said |= {"survey": str(survey.pk), "fold": "ask", "partial": "all", "zone": "UTC"}
    refused = client.post(f"/imports/{made.pk}/columns", said)
    assert refused.status_code == 422
    assert "Say which scale was asked." in refused.content.decode()
    numbers = [n for n, q in enumerate(made.proposal["questions"]) if q["slug"] == "scale"]
    client.post(f"/imports/{made.pk}/columns", said | {f"question_{numbers[0]}": "1-10"})
    drain(at=timezone.now())
    made.refresh_from_db()
    column = made.mapping["columns"][1]
    assert (column["metric"], column["scale"]) == ("", "1-10")
    verdict = client.get(f"/imports/{made.pk}").content.decode()
    assert "No column feeds a score as the columns are declared" in verdict


def test_declarations_come_back_when_they_are_changed(survey: Any) -> None:
    client = signed_in("analyst")
    uploaded(client, survey, FILE)
    made = Import.objects.get()
    client.post(
        f"/imports/{made.pk}/columns",
        DECLARED | {"survey": survey.pk, "column_5": "declared", "partial": "all"},
    )
    drain(at=timezone.now())
    form = client.get(f"/imports/{made.pk}/columns").context["form"]
    assert form["column_5"].initial == "declared"
    assert form["column_3"].initial == "answer:nps"
    assert form["partial"].initial == "all"


def test_refusals_stand_at_the_form(survey: Any) -> None:
    client = signed_in("analyst")
    empty = uploaded(client, survey, "")
    assert empty.status_code == 422
    assert "The file is empty." in empty.content.decode()
    uploaded(client, survey, FILE)
    made = Import.objects.get()
    said = DECLARED | {"survey": survey.pk, "column_0": "comment"}
    twice = client.post(f"/imports/{made.pk}/columns", said)
    assert twice.status_code == 422
    assert "Two columns say what the customer wrote" in twice.content.decode()
    said = DECLARED | {"survey": survey.pk, "column_1": "ignore"}
    undated = client.post(f"/imports/{made.pk}/columns", said)
    assert "Say the day, or which column holds the date" in undated.content.decode()


def test_the_same_file_says_so_and_adds_nothing(survey: Any) -> None:
    client = signed_in("analyst")
    first = brought_in(client, survey)
    uploaded(client, survey, FILE)
    again = Import.objects.latest("pk")
    page = client.get(f"/imports/{again.pk}/columns").content.decode()
    assert f'<a href="/imports/{first.pk}">import {first.pk}</a>' in page
    brought_in(client, survey)
    assert Response.objects.count() == 3


def test_an_import_can_be_cancelled_and_work_tried_again_only_when_it_failed(survey: Any) -> None:
    client = signed_in("analyst")
    uploaded(client, survey, FILE)
    made = Import.objects.get()
    client.post(f"/imports/{made.pk}/columns", DECLARED | {"survey": survey.pk})
    told = client.post(f"/imports/{made.pk}/again", follow=True).content.decode()
    assert "cannot be retried" in told
    client.post(f"/imports/{made.pk}/cancel")
    page = client.get(f"/imports/{made.pk}").content.decode()
    assert "This import was cancelled; none of its rows is stored." in page


def test_filters_live_in_the_address(survey: Any) -> None:
    client = signed_in("analyst")
    made = brought_in(client, survey)
    page = client.get("/responses?group=detractor&q=slow").content.decode()
    assert "Too slow" in page
    assert "Lovely" not in page
    assert 'href="?q=slow"' in page
    nothing = client.get(f"/responses?import={made.pk}&comment=no&group=detractor")
    assert "No response fits these filters." in nothing.content.decode()
    days = client.get("/responses?since=2026-03-02&until=2026-03-02").context["page"].rows
    assert [row.answers[0].value for row in days] == [9]


def test_pages_of_responses_follow_one_another(survey: Any) -> None:
    client = signed_in("analyst")
    rows = "".join(f"a{n},2026-03-01T10:00:00+00:00,,{n % 11},,\n" for n in range(120))
    brought_in(client, survey, FILE.splitlines()[0] + "\n" + rows)
    seen: list[int] = []
    address = "/responses"
    while address:
        answer = client.get(address)
        seen += [row.id for row in answer.context["page"].rows]
        address = f"/responses{answer.context['next']}" if answer.context["next"] else ""
    assert len(seen) == len(set(seen)) == 120


def test_a_response_is_shown_with_its_history_and_who_looked(survey: Any) -> None:
    brought_in(signed_in("analyst"), survey)
    response = Response.objects.get(answers__value=3)
    pk = response.pk
    page = signed_in("owner").get(f"/responses/{pk}").content.decode()
    assert "A detractor: 3 of 10." in page
    assert "Too slow" in page
    assert "anna@example.org" in page
    assert "Some owner" in page
    assert f"import {response.source_id}" in page
    assert Look.objects.filter(response=pk).count() == 1


def test_an_analyst_reads_what_was_said_but_not_who_said_it(survey: Any) -> None:
    client = signed_in("analyst")
    brought_in(client, survey)
    pk = Response.objects.get(answers__value=3).pk
    page = client.get(f"/responses/{pk}").content.decode()
    assert "Too slow" in page
    assert "anna@example.org" not in page
    assert "Your role does not show people." in page


@pytest.mark.parametrize("path", ["/responses", "/responses/{pk}", "/imports"])
def test_an_executive_sees_no_answers(survey: Any, path: str) -> None:
    brought_in(signed_in("analyst"), survey)
    address = path.format(pk=Response.objects.first().pk)  # type: ignore[union-attr]
    assert signed_in("executive").get(address).status_code == 403


def test_the_front_line_brings_nothing_in(survey: Any) -> None:
    client = signed_in("frontline")
    assert client.get("/imports").status_code == 403
    assert uploaded(client, survey, FILE).status_code == 403
    assert Import.objects.count() == 0


def test_the_front_line_of_one_unit_does_not_see_another(survey: Any) -> None:
    north, south = (
        OrgUnit.objects.create(key=name.lower(), name=name, path=f"/{n}/")
        for n, name in enumerate(("North", "South"), start=1)
    )
    brought_in(signed_in("analyst"), survey, column_5="unit")
    client = signed_in("frontline", unit=north)
    ours, theirs = (Response.objects.filter(unit=unit).first() for unit in (north, south))
    assert ours is not None and theirs is not None
    assert {row.id for row in client.get("/responses").context["page"].rows} == set(
        Response.objects.filter(unit=north).values_list("pk", flat=True)
    )
    assert client.get(f"/responses/{ours.pk}").status_code == 200
    assert client.get(f"/responses/{theirs.pk}").status_code == 404


def test_what_was_said_in_confidence_is_read_by_the_few(survey: Any) -> None:
    quiet = create_survey(name="Quiet", promise="confidential", by=SYSTEM, at=NOW)
    brought_in(signed_in("analyst"), quiet)
    pk = Response.objects.first().pk  # type: ignore[union-attr]
    client = signed_in("frontline")
    assert client.get("/responses").context["page"].rows == ()
    assert client.get(f"/responses/{pk}").status_code == 404
    read = signed_in("owner").get(f"/responses/{pk}").content.decode()
    assert "anna@example.org" not in read


def test_who_is_not_signed_in_is_led_to_the_door(survey: Any) -> None:
    for address in ("/imports", "/responses", "/imports/1", "/responses/1"):
        assert Client().get(address)["Location"] == f"/sign-in?next={address}"


def test_the_retailers_file_is_asked_about_and_brought_in(survey: Any, shared_data: Path) -> None:
    client = signed_in("analyst")
    path = shared_data / "nps_fr_retail.csv"
    with path.open("rb") as file:
        client.post("/imports", {"survey": survey.pk, "file": file})
    made = Import.objects.get()
    form = client.get(f"/imports/{made.pk}/columns").context["form"]
    said = {field.name: field.initial or "" for field in form if field.initial}
    said |= {
        f"question_{n}": "1-10"
        for n, question in enumerate(made.proposal["questions"])
        if question["slug"] == "scale"
    }
    answer = client.post(f"/imports/{made.pk}/columns", said | {"day": "2023-06-30"})
    assert answer.status_code == 302, answer.content.decode()
    actions.preview(made.pk, at=NOW)
    page = client.get(f"/imports/{made.pk}").content.decode()
    assert "13,954 of 13,954 rows would become responses." in page
    assert "No column feeds a score as the columns are declared" in page
