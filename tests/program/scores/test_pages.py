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
