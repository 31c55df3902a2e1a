"""Signing in: guessing is slowed down, by address as by caller, and weak words are refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from promontory.errors import BadInput
from promontory.jobs.models import Bucket
from promontory.program.organization import actions
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.models import User

GOOD = "a long enough sentence"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    at = timezone.now()
    actions.found_organization(name="Test", zone="UTC", by=SYSTEM, at=at)
    return actions.add_person(
        email="ada@example.org", name="Ada", role="executive", password=GOOD, by=SYSTEM, at=at
    )[0]


def attempt(address: str, password: str, *, client: str = "192.0.2.1", **headers: Any) -> Any:
    told = {"username": address, "password": password}
    return Client(REMOTE_ADDR=client).post("/sign-in", told, headers=headers)


@pytest.fixture
def quick_hashes(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_ten_failures_for_an_address_are_enough_wherever_they_come_from(quick_hashes, ada):
    for number in range(10):
        assert attempt(" ADA@example.org", "wrong", client=f"192.0.2.{number}").status_code == 200
    refused = attempt("ada@example.org", GOOD, client="192.0.2.99")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 90
    assert "Too many attempts" in refused.content.decode()


def test_ten_failures_of_a_caller_are_enough_whomever_they_try(quick_hashes, ada):
    for number in range(10):
        assert attempt(f"{number}@example.org", "wrong").status_code == 200
    assert attempt("ada@example.org", GOOD).status_code == 429
    assert attempt("ada@example.org", GOOD, client="198.51.100.7").status_code == 302


def test_success_is_not_counted(quick_hashes, ada):
    for _ in range(12):
        assert attempt("ada@example.org", GOOD).status_code == 302


def test_after_a_while_one_more_attempt_is_free_and_idle_counts_are_forgotten(ada):
    start = timezone.now()
    who = {"address": "ada@example.org", "client": "192.0.2.1"}
    for _ in range(10):
        actions.try_to_sign_in(**who, at=start)
    with pytest.raises(actions.TooMany):
        actions.try_to_sign_in(**who, at=start + timedelta(seconds=89))
    actions.try_to_sign_in(**who, at=start + timedelta(seconds=91))
    other = {"address": "bob@example.org", "client": "192.0.2.2"}
    actions.try_to_sign_in(**other, at=start + timedelta(days=2))
    assert Bucket.objects.filter(key__startswith="sign-in:").count() == 2


def test_what_was_typed_is_not_kept(ada):
    actions.try_to_sign_in(address=GOOD, client="192.0.2.1", at=timezone.now())
    assert not any(
        GOOD in key or "192.0.2.1" in key for key in Bucket.objects.values_list("key", flat=True)
    )


@pytest.mark.parametrize("secure", [True, False])
def test_a_forwarded_address_is_believed_of_our_own_proxy_only(quick_hashes, settings, ada, secure):
    settings.SECURE = secure
    for number in range(10):
        told = {"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.5"}
        attempt(f"{number}@example.org", "wrong", **told)
    from_elsewhere = attempt("ada@example.org", GOOD, **{"X-Forwarded-For": "203.0.113.6"})
    assert from_elsewhere.status_code == (302 if secure else 429)


@pytest.mark.parametrize("weak", ["short", "password123", "1234509876", "ada@example.org"])
def test_weak_passwords_are_refused_with_the_reason(ada, weak):
    with pytest.raises(BadInput, match="password"):
        actions.change_password(ada, password=weak, by=SYSTEM, at=timezone.now())


def test_an_odd_page_of_the_audit_is_the_first_one(company):
    from promontory.program.organization.models import Membership

    person = User.objects.create(email="x@example.org", name="X", created_at=timezone.now())
    Membership.objects.create(user=person, role="auditor")
    client = Client()
    client.force_login(person)
    assert client.get("/settings/audit?before=²").status_code == 200
