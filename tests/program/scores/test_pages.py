"""The pages show the sentence, the figure, the picture and the rows, to who may see them."""

from __future__ import annotations

import pytest
from django.test import Client

from promontory.program.organization.models import Membership, OrgUnit, User
from tests.program.scores.company import AT, Company


def signed_in(role: str, unit: OrgUnit | None = None) -> Client:
    person = User.objects.create(email=f"{role}@example.org", name=role, created_at=AT)
    Membership.objects.create(user=person, role=role, unit=unit)
    client = Client()
    client.force_login(person)
    return client


def fill(company: Company) -> None:
    for on, good in (("2025-07-10", 40), ("2025-08-10", 60)):
        for region in (1, 2, 3):
            company.answer(on, 10, good, region=region, plan=1 + region % 2)
            company.answer(on, 3, 100 - good, region=region, plan=1)
    company.seal("2025-08-31")


def test_the_overview_shows_the_headline_with_its_interval_and_base(identified: Company) -> None:
    fill(identified)

    page = signed_in("analyst").get("/").content.decode()

    assert "+20.0" in page and "300 respondents" in page
    assert "Up 40.0 points since July 2025" in page


def test_without_a_survey_the_page_leads_to_the_import(identified: Company) -> None:
    identified.survey.delete()

    assert 'href="/imports"' in signed_in("analyst").get("/").content.decode()


@pytest.mark.parametrize("path", ["/"])
def test_strangers_are_sent_to_the_sign_in(company: Company, path: str) -> None:
    assert Client().get(path)["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "by=region",
        "by=region&by=plan",
        "by=region&against=previous",
        "by=region&against=year",
        "f.plan=1&by=region&period=all",
        "a=region:1&b=region:2",
        "period=2025-Q3&grain=quarter&by=plan",
        "period=dates&from=2025-08-01&to=2025-08-31",
    ],
)
def test_explore_answers_every_kind_of_view(identified: Company, query: str) -> None:
    fill(identified)

    answer = signed_in("analyst").get(f"/explore?{query}")

    assert answer.status_code == 200
    assert "position 600" in answer.content.decode()


def test_the_link_of_a_page_gives_the_same_figures_after_more_answers(identified: Company) -> None:
    fill(identified)
    client = signed_in("analyst")
    first = client.get("/explore?by=region&period=2025-08")
    pinned = first.context["pinned"]

    identified.answer("2025-08-20", 0, 500, region=1)
    identified.seal()
    again = client.get(pinned)

    assert again.context["found"].cells == first.context["found"].cells
    assert again.context["found"].total.estimate == first.context["found"].total.estimate


@pytest.mark.parametrize("kind", ["svg", "png", "csv"])
@pytest.mark.parametrize("picture", ["overview/trend", "overview/distribution", "explore/segments"])
def test_pictures_are_downloaded(identified: Company, picture: str, kind: str) -> None:
    fill(identified)

    answer = signed_in("analyst").get(f"/pictures/{picture}.{kind}?period=2025-08&by=region")

    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'.{kind}"')


def test_an_export_passes_the_same_gate_as_the_page(company: Company) -> None:
    company.answer("2025-08-10", 9, 3, region=1)
    company.answer("2025-08-10", 9, 40, region=2)
    company.answer("2025-08-10", 9, 50, region=3)
    company.seal("2025-08-31")

    answer = signed_in("auditor").get("/explore/cells.csv?period=2025-08&by=region")

    rows = answer.content.decode().splitlines()
    assert [row.split(",")[:5][-1] for row in rows[1:]] == ["93", "50", "", ""]
    assert [row.split(",")[0] for row in rows[1:]] == ["All", "East", "North", "South"]


def test_an_executive_may_not_export(company: Company) -> None:
    assert signed_in("executive").get("/explore/cells.csv").status_code == 403


def test_a_workbook_holds_the_cells_and_no_formula(identified: Company) -> None:
    from promontory.program.customers.models import DimensionValue

    DimensionValue.objects.filter(dimension=identified.region, code=1).update(label="=1+1")
    fill(identified)

    answer = signed_in("analyst").get("/explore/cells.xlsx?period=2025-08&by=region")

    import io

    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    sheet = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[1:]] == ["All", "=1+1", "East", "South"]


def test_how_do_you_know_tells_base_method_exclusions_and_position(identified: Company) -> None:
    fill(identified)
    identified.answer("2025-08-11", 0, 7, mask=2)
    identified.seal()

    client = signed_in("analyst")
    panel = client.get("/how?period=2025-08", headers={"HX-Request": "true"}).content.decode()

    assert "Employees" in panel and "<dd>7</dd>" in panel and "<dd>300</dd>" in panel
    assert "Standard v1" in panel and "ledger position 607" in panel
    assert "<html" not in panel
    assert "<html" in client.get("/how?period=2025-08").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_data(
    identified: Company, django_assert_max_num_queries: object
) -> None:
    fill(identified)
    client = signed_in("analyst")
    client.get("/explore?by=region")
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get("/explore?by=region&by=plan")
    for on in ("2024-01-10", "2024-05-10"):
        identified.answer(on, 10, 50, region=2, plan=2, hobby=1, channel=1)
    identified.seal()
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get("/explore?by=region&by=plan")
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get("/")


def test_bad_parameters_are_refused_in_words(identified: Company) -> None:
    fill(identified)
    client = signed_in("analyst")

    for query in (
        "period=soon",
        "by=nothing",
        "a=region&b=region:1",
        "at=-1",
        "grain=day",
        "period=2025-08-31..2025-08-01",
        "survey=none",
        "metric=none",
        "f.region=x",
    ):
        answer = client.get(f"/explore?{query}")
        assert answer.status_code in (404, 422), query


def test_the_api_gives_unrounded_figures(identified: Company) -> None:
    fill(identified)

    answer = signed_in("analyst").get("/api/v1/scores?period=2025-08").json()

    assert answer["headline"]["base"] == 300
    assert answer["headline"]["value"] == pytest.approx(20.0)
    assert answer["headline"]["position"] == 600
