"""Scores through the API: the pages' figures, unrounded, behind the pages' gates, with ETags."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from promontory.program.organization.access import Can
from promontory.program.organization.models import OrgUnit
from promontory.program.scores.queries.explore import explore
from promontory.program.scores.rules.view import Given, read_view
from tests.program.scores.company import AT, Company, viewer
from tests.server.callers import caller, person_of, problem


def fill(company: Company, unit: int = 0) -> None:
    for on, good in (("2025-07-10", 40), ("2025-08-10", 61)):
        for region in (1, 2, 3):
            company.answer(on, 10, good, region=region, plan=1 + region % 2, unit=unit)
            company.answer(on, 3, 100 - good, region=region, plan=1, unit=unit)
    company.answer("2025-08-11", 0, 2, region=2, plan=2, hobby=2, unit=unit)
    company.seal("2025-08-31")


def test_a_score_comes_with_all_that_makes_it_checkable(identified: Company) -> None:
    fill(identified)

    found = caller("analyst").get("/scores").json()

    head = found["headline"]
    assert head["value"] == pytest.approx(100 * (183 - 119) / 302, abs=1e-12)
    assert (head["base"], head["position"], head["standing"]) == (302, 602, "sound")
    assert (head["interval"], head["level"], head["method"]) == ("rocks-t", 0.95, "Standard v1")
    assert head["low"] < head["value"] < head["high"]
    assert found["previous"]["difference"]["significant"] is True
    assert found["sentence"].startswith("Up ")
    assert [group["count"] for group in found["distribution"]["groups"]] == [119, 0, 183]
    assert len(found["course"]["points"]) == 2
    assert {move["slice"] for move in found["moves"]} >= {"region", "plan"}


def test_the_view_that_is_given_gives_the_same_figures_later(identified: Company) -> None:
    fill(identified)
    program = caller("analyst")
    before = program.get("/explore?by=region&period=2025-08").json()
    identified.answer("2025-08-20", 0, 500, region=1)
    identified.seal("2025-09-01")

    assert program.get("/explore?by=region&period=2025-08").json() != before
    assert program.get(f"/explore?{before['view']}").json() == before


@pytest.mark.parametrize("role", ["analyst", "frontline", "executive"])
@pytest.mark.parametrize("promise", ["identified", "confidential", "anonymous"])
@pytest.mark.parametrize("query", ["by=region&by=plan", "by=plan&against=previous&f.region=3"])
def test_the_api_shows_and_withholds_what_the_pages_do(
    company: Company, role: str, promise: str, query: str
) -> None:
    company.survey.promise = promise
    company.survey.save()
    fill(company)
    asked = {"by": ["region", "plan"]} if "against" not in query else {
        "by": "plan", "against": "previous", "f.region": "3"
    }  # fmt: skip

    found = caller(role).get(f"/explore?{query}").json()
    page = explore(viewer(role), read_view(Given(asked)), at=AT)

    assert [cell["figure"] for cell in found["cells"]] == [c.figure.to_dict() for c in page.cells]
    assert found["total"] == page.total.to_dict()
    assert found["withheld"] == page.hidden
    for cell in found["cells"]:
        if cell["figure"]["standing"] == "withheld":
            numbers = ("value", "low", "high", "base", "effective_base")
            assert [cell["figure"][name] for name in numbers] == [None] * 5
            assert cell["figure"]["reason"]


@pytest.mark.parametrize("query", ["by=hobby", "f.hobby=2", "by=region&by=plan&f.channel=0"])
def test_a_gated_viewer_is_refused_in_every_door(company: Company, query: str) -> None:
    fill(company)
    program = caller("auditor")
    places = ["/explore?", "/exports/cells.csv?", "/exports/cells.json?", "/scores/proof?"]
    for place in [*places, "/pictures/explore/trend?"]:
        answer = program.get(place + query)
        assert answer.status_code in {403, 422}, place
        assert answer["Content-Type"] == "application/problem+json"


def test_exports_hold_no_number_that_is_withheld(company: Company) -> None:
    fill(company)
    found = caller("auditor").get("/exports/cells.json?by=region&by=plan&period=2025-08").json()
    standing, score = (found["columns"].index(name) for name in ("standing", "score"))
    withheld = [row for row in found["rows"] if row[standing] == "withheld"]
    assert withheld
    assert {row[score] for row in withheld} == {None}
    text = caller("auditor").get("/exports/cells.csv?by=region&by=plan&period=2025-08")
    assert text["Content-Type"] == "text/csv; charset=utf-8"
    assert text.content.count(b",withheld,") == len(withheld)
    book = caller("auditor").get("/exports/cells.xlsx?by=region")
    assert book.content.startswith(b"PK")


def test_one_unit_does_not_see_into_another(identified: Company) -> None:
    units = [OrgUnit.objects.create(key=k, name=k, path="") for k in ("north", "south")]
    for unit in units:
        unit.path = f"/{unit.pk}/"
        unit.save()
    fill(identified, unit=units[0].pk)

    north, south = (caller("analyst", unit) for unit in units)

    assert north.get("/scores").json()["headline"]["base"] == 302
    assert south.get("/scores").json()["headline"] is None
    assert [unit["key"] for unit in south.get("/units").json()["items"]] == ["south"]
    assert problem(south.get("/responses?unit=north")) == (404, "not-found")


def test_what_has_not_changed_is_not_sent_again(identified: Company) -> None:
    fill(identified)
    program = caller("analyst")
    for path in ("/scores", "/explore?by=region&period=2025-08", "/organization"):
        first = program.get(path)
        tag = first["ETag"]
        assert first["Cache-Control"] == "private, no-cache"
        again = program.get(path, **{"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
        assert program.get(path, **{"If-None-Match": '"other"'}).status_code == 200


def test_a_tag_changes_with_the_position_the_method_and_the_viewer(identified: Company) -> None:
    fill(identified)
    program = caller("administrator")
    tags = [program.get("/scores")["ETag"]]
    identified.answer("2025-08-12", 0, 1, region=1)
    identified.seal("2025-08-31")
    tags.append(program.get("/scores")["ETag"])
    program.post("/methods", {"name": "Wider", "level": "0.99"})
    tags.append(program.get("/scores")["ETag"])
    tags.append(caller("executive").get("/scores")["ETag"])
    tags.append(caller("administrator", scopes=[Can.SEE_SCORES]).get("/scores")["ETag"])
    assert len(set(tags[:4])) == 4
    assert tags[4] != tags[2]


def test_a_method_is_made_and_scores_by_its_rules(identified: Company) -> None:
    fill(identified)
    program = caller("owner")
    made = program.post("/methods", {"name": "Wider", "level": 0.99, "counts_out": ["test"]})
    assert made.status_code == 201
    assert (made.json()["number"], made.json()["counts_out"]) == (2, ["test"])
    assert program.get(f"/methods/{made.json()['id']}").json() == made.json()
    assert program.get("/scores").json()["headline"]["level"] == 0.99
    assert program.get("/scores?method=1").json()["headline"]["level"] == 0.95
    assert [m["number"] for m in program.get("/methods").json()["items"]] == [2, 1]


def test_every_figure_says_how_it_is_known(identified: Company) -> None:
    fill(identified)
    shown = caller("analyst").get("/scores/proof?period=2025-08").json()
    facts = {fact["name"]: fact["value"] for fact in shown["facts"]}
    assert facts["Answers counted"] == "302"
    assert facts["As of"] == "ledger position 602"


def test_slices_have_their_values_page_by_page(identified: Company) -> None:
    fill(identified)
    program = caller("analyst")
    offered = program.get("/slices").json()["items"]
    assert [one["key"] for one in offered] == ["region", "plan", "hobby"]
    first = program.get("/slices/region?limit=2").json()
    rest = program.get(f"/slices/region?limit=2&cursor={first['next']}").json()
    values = [(one["code"], one["label"]) for one in first["items"] + rest["items"]]
    assert values == [(0, "Not known"), (1, "North"), (2, "South"), (3, "East")]
    assert rest["next"] is None


def test_a_page_and_the_api_answer_the_same_person_alike(identified: Company) -> None:
    fill(identified)
    page = Client()
    page.force_login(person_of("analyst"))
    value: Any = page.get("/api/v1/scores").json()["headline"]
    assert value == caller("analyst").get("/scores").json()["headline"]
    shown = page.get("/").context["found"].headline.to_dict()
    assert shown == value
