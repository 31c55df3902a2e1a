"""Every page that is not public against every role; and without signing in nobody opens one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from promontory.program.organization.models import OrgUnit
from tests.program.scores.company import Company
from tests.server.callers import person_of
from tests.server.test_api_permissions import ALL, OWNERS, SERVERS, filled

CONTEXTS = ("answering", "outreach", "customers", "followup")
PUBLIC = re.compile(r"(r|s|k|p|u|c|a|w|in)/|\^w/")
"""Where respondents, providers and mailed links come in: a token or signature is the proof."""

# address: who may; numbers are filled in with what is not there, so that whoever may gets a 404.
PAGES: dict[str, set[str]] = {
    "cases": SERVERS,
    "cases/999": SERVERS,
    "outreach/doors": OWNERS,
    "outreach/sites": OWNERS,
    "outreach/sites/none": OWNERS,
    "simulators/sms": OWNERS,
    "simulators/sms/999": OWNERS,
    "simulators/phone": OWNERS,
    "simulators/phone/999": OWNERS,
    "preview/999": OWNERS,
    "outreach": ALL,
    "outreach/plans/new": OWNERS,
    "outreach/waves/999": ALL,
    "outreach/policy": ALL,
    "outreach/links": ALL,
    "outreach/links/999": ALL,
    "outreach/links/999/code.svg": ALL,
    "outreach/senders": OWNERS,
    "outreach/senders/new/none": OWNERS,
    "outreach/senders/none": OWNERS,
    "outreach/outbox": SERVERS,
    "outreach/outbox/999": SERVERS,
    "outreach/outbox/999/mail": SERVERS,
    "outreach/waves/999/sending": ALL,
    "customers": SERVERS,
    "customers/new": SERVERS,
    "customers/holds": SERVERS,
    "customers/import": OWNERS,
    "customers/import/999": OWNERS,
    "customers/import/999/columns": OWNERS,
    "customers/import/999/progress": OWNERS,
    "customers/import/999/rejected.csv": OWNERS,
    "customers/import/999/file": OWNERS,
    "customers/accounts/999": SERVERS,
    "customers/999": SERVERS,
    "customers/999/edit": SERVERS,
}


def routes() -> dict[str, bool]:
    """Return the addresses of these contexts, and whether each may be looked at (GET)."""
    found: dict[str, bool] = {}
    for each in get_resolver().url_patterns:
        if isinstance(each, URLResolver) and each.app_name in CONTEXTS:
            for one in each.url_patterns:
                assert isinstance(one, URLPattern)
                route = str(one.pattern)
                if not PUBLIC.match(route):
                    filled_in = re.sub(r"<int:\w+>", "999", route)
                    found[re.sub(r"<\w+:\w+>", "none", filled_in)] = True
    return found


def signed_in(role: str, unit: OrgUnit | None = None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person_of(role, unit))
    return client


def test_every_page_that_is_looked_at_is_in_the_matrix(company: Company) -> None:
    client = signed_in("administrator")
    unlisted = set(routes()) - set(PAGES)
    assert set(PAGES) <= set(routes())
    # What is left only takes forms.
    assert {a for a in unlisted if client.get(f"/{a}").status_code != 405} == set()


@pytest.mark.parametrize("role", sorted(ALL))
def test_a_page_opens_for_the_roles_it_is_for(identified: Company, role: str) -> None:
    filled(identified)
    client = signed_in(role)
    answers = {address: client.get(f"/{address}").status_code for address in PAGES}
    assert {a for a, status in answers.items() if status >= 500} == set()
    refused = {address for address, status in answers.items() if status == 403}
    assert refused == {address for address, may in PAGES.items() if role not in may}


@pytest.mark.parametrize("role", ["analyst", "executive", "auditor", "frontline"])
def test_no_form_does_anything_for_a_role_it_is_not_for(company: Company, role: str) -> None:
    from promontory.program.organization.models import AuditEntry

    client = signed_in(role)
    before = AuditEntry.objects.count()
    mine = ("customers", "cases") if role == "frontline" else ()
    done = {
        address: client.post(f"/{address}", {"name": "x", "number": "1", "do": "x"}).status_code
        for address in routes()
        if not address.startswith(mine or ("\0",))
    }
    # What takes no form of its own answers it as a look; some say first that the form is empty.
    looks = {address for address, may in PAGES.items() if role in may}
    assert {a for a, status in done.items() if status not in {400, 403, 404, 405, 422}} <= looks
    assert AuditEntry.objects.count() == before


def test_nobody_opens_a_page_without_signing_in(company: Company) -> None:
    client = Client()
    for address in routes():
        for answer in (client.get(f"/{address}"), client.post(f"/{address}")):
            assert answer.status_code in {302, 405}, address
            assert answer.status_code == 405 or "/sign-in" in answer["Location"], address


def test_who_serves_one_unit_reads_no_messages_of_all(company: Company) -> None:
    unit: Any = OrgUnit.objects.first() or OrgUnit.objects.create(key="north", name="North")
    client = signed_in("frontline", unit)
    for address in ("outreach/outbox", "outreach/outbox/999", "outreach/outbox/999/mail"):
        assert client.get(f"/{address}").status_code == 403, address
