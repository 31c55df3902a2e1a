"""What can be done about the organisation itself: people, roles, keys, settings, and the audit."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils.module_loading import import_string

from promontory.errors import BadInput, Conflict, NotFound, Place, TooMany
from promontory.jobs import Rate, rates
from promontory.jobs import actions as jobs
from promontory.jobs.models import Job
from promontory.program.ledger import actions as ledger
from promontory.program.ledger import anchors
from promontory.program.organization.access import ROLES, Can, Viewer
from promontory.program.organization.models import (
    ApiKey,
    AuditEntry,
    Membership,
    Organization,
    OrgUnit,
    User,
)
from promontory.program.organization.queries import VERIFICATION

_SIGN_INS, _SIGN_IN_SPAN = 10, timedelta(minutes=15)


def audit(
    verb: str,
    thing: models.Model,
    *,
    by: Viewer,
    at: datetime,
    detail: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Record that somebody did something to a thing, here and in the ledger; needs a transaction.

    `detail` holds plain JSON values and never a customer's words, name or address.
    """
    words: dict[str, Any] = {
        "verb": verb,
        "type": thing._meta.label_lower,
        "id": str(thing.pk),
        "detail": dict(detail or {}),
    }
    new = ledger.NewEntry(kind=ledger.Kind.AUDIT, kept=words, by=by.by)
    [entry] = ledger.append([new], at=at)
    return AuditEntry.objects.create(
        at=at,
        by=by.by,
        verb=verb,
        object_type=words["type"],
        object_id=words["id"],
        detail=words["detail"],
        entry=entry,
    )


@transaction.atomic
def found_organization(
    *, name: str, zone: str, is_demo: bool = False, by: Viewer, at: datetime
) -> Organization:
    """Make the one organisation of this installation; found again, it is left as it is."""
    ledger.install(zone=_zone(zone))
    organization, is_new = Organization.objects.get_or_create(
        pk=1, defaults={"name": name, "zone": zone, "is_demo": is_demo}
    )
    if is_new:
        audit("found", organization, by=by, at=at, detail={"name": name, "zone": zone})
    return organization


@transaction.atomic
def change_settings(
    *, name: str, currency: str, minimum_group: int, by: Viewer, at: datetime
) -> Organization:
    """Change the organisation's name, its currency and how small a group may be.

    Where its days end cannot change: the ledger's chain begins with it.
    """
    by.must(Can.MANAGE_INSTALLATION)
    if minimum_group < 3:
        raise BadInput(
            "A group of fewer than 3 people would give its members away.",
            remedy="Choose 3 or more; 5 is usual.",
            place=Place(field="minimum group"),
        )
    organization = Organization.objects.select_for_update().get(pk=1)
    before = _settings(organization)
    organization.name = name.strip() or organization.name
    organization.currency, organization.minimum_group = currency.upper(), minimum_group
    organization.save()
    detail = {"before": before, "after": _settings(organization)}
    audit("change settings", organization, by=by, at=at, detail=detail)
    return organization


def _settings(organization: Organization) -> dict[str, object]:
    return {
        "name": organization.name,
        "currency": organization.currency,
        "minimum_group": organization.minimum_group,
    }


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise BadInput(
            f"There is no time zone “{name}”.",
            remedy="Give one such as Europe/Paris.",
            place=Place(field="time zone"),
        )
    return ZoneInfo(name).key


@transaction.atomic
def add_unit(
    *, key: str, name: str, parent: OrgUnit | None = None, by: Viewer, at: datetime
) -> OrgUnit:
    """Add a unit to the organisation's tree; one that is there already is returned as it is."""
    unit, is_new = OrgUnit.objects.get_or_create(key=key, defaults={"name": name, "parent": parent})
    if is_new:
        unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
        unit.save(update_fields=["path"])
        audit("add", unit, by=by, at=at, detail={"key": key, "parent": parent and parent.key})
    return unit


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    role: str,
    password: str | None = None,
    unit: OrgUnit | None = None,
    by: Viewer,
    at: datetime,
) -> tuple[User, str]:
    """Let a person in with one role, and return them with the password to hand over."""
    by.must(Can.MANAGE_PEOPLE)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise BadInput(f"“{email}” is not an e-mail address.", place=Place(field="email")) from None
    if User.objects.filter(email=address).exists():
        raise Conflict(f"{address} is here already.", remedy="Change the role of that person.")
    person = User(email=address, name=name.strip() or address, created_at=at)
    password = _good_password(password, person) if password else secrets.token_urlsafe(12)
    person.set_password(password)
    person.save()
    audit("add", person, by=by, at=at)
    give_role(person, role=role, unit=unit, by=by, at=at)
    return person, password


def _good_password(password: str, person: User) -> str:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), place=Place(field="password")) from None
    return password


@transaction.atomic
def change_password(person: User, *, password: str, by: Viewer, at: datetime) -> None:
    """Give a person a new password; only they themselves or who manages people may."""
    if by.user_id != person.pk:
        by.must(Can.MANAGE_PEOPLE)
    person.set_password(_good_password(password, person))
    person.save(update_fields=["password"])
    audit("change password", person, by=by, at=at)


@transaction.atomic
def give_role(
    person: User, *, role: str, unit: OrgUnit | None = None, by: Viewer, at: datetime
) -> None:
    """Give a person a role, in one unit with all below it or (no unit) everywhere."""
    by.must(Can.MANAGE_PEOPLE)
    if role not in ROLES:
        raise BadInput(f"There is no role “{role}”.", remedy=f"Known: {', '.join(ROLES)}.")
    _, is_new = Membership.objects.get_or_create(user=person, role=role, unit=unit)
    if is_new:
        audit("give role", person, by=by, at=at, detail={"role": role, "unit": unit and unit.key})


@transaction.atomic
def take_role(membership: Membership, *, by: Viewer, at: datetime) -> None:
    """Take a role from a person; the last administrator keeps theirs."""
    by.must(Can.MANAGE_PEOPLE)
    administrators = Membership.objects.select_for_update().filter(
        role="administrator", unit=None, user__is_active=True
    )
    if membership.role == "administrator" and administrators.count() == 1:
        raise Conflict("This is the last administrator.", remedy="Make somebody else one first.")
    detail = {"role": membership.role, "unit": membership.unit and membership.unit.key}
    audit("take role", membership.user, by=by, at=at, detail=detail)
    membership.delete()


@transaction.atomic
def make_key(*, name: str, scopes: Sequence[Can], by: Viewer, at: datetime) -> tuple[ApiKey, str]:
    """Make an API key of the viewer's own, and return it with the secret, shown this once."""
    person = User.objects.filter(pk=by.user_id).first() if by.user_id is not None else None
    if person is None:
        raise NotFound("An API key belongs to a person, and there is none here.")
    for scope in scopes:
        by.must(scope)
    if not scopes:
        raise BadInput("A key that may do nothing is of no use.", remedy="Choose a scope.")
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        user=person,
        name=name.strip() or "key",
        prefix=prefix,
        digest=hashlib.sha256(secret.encode()).digest(),
        scopes=sorted(scopes),
        created_at=at,
    )
    audit("make key", key, by=by, at=at, detail={"scopes": sorted(scopes)})
    return key, f"pm_{prefix}_{secret}"


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Viewer, at: datetime) -> None:
    """End an API key at once; its owner may, and who manages people."""
    if by.user_id != key.user_id:
        by.must(Can.MANAGE_PEOPLE)
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        audit("revoke key", key, by=by, at=at)


def sign_head(*, by: Viewer, at: datetime) -> anchors.Anchor:
    """Sign the ledger's head and return the anchor, to be kept where we cannot reach it."""
    by.must(Can.SEE_AUDIT)
    return ledger.sign_head(at=at)


def start_verification(*, anchor: Mapping[str, object] | None, by: Viewer, at: datetime) -> Job:
    """Have the whole ledger recomputed in the background, against an anchor if one is given."""
    by.must(Can.SEE_AUDIT)
    document = None if anchor is None else anchors.parse(anchor).document()
    # Named, not imported: tasks are doors, and doors stand above the actions they open.
    task = import_string(VERIFICATION)
    job = jobs.enqueue(task, kwargs={"anchor": document}, at=at)
    assert job is not None, "a job without a key is always new"
    return job


def try_to_sign_in(*, address: str, client: str, at: datetime) -> None:
    """Count an attempt to sign in, or refuse it: ten that failed, then one every 90 seconds.

    Counted before the password is looked at, so that many at once are counted too.
    """
    for rate in _sign_in_rates(address, client):
        due = rates.take(rate, at=at)
        if due is not None:
            wait = max(1, math.ceil((due - at).total_seconds()))
            raise TooMany(
                "Too many attempts to sign in have failed.",
                retry_after=wait,
                remedy=f"Try again in {wait} seconds.",
            )


def signed_in(*, address: str, client: str, at: datetime) -> None:
    """Take back the attempt that succeeded: only failures count."""
    for rate in _sign_in_rates(address, client):
        rates.give_back(rate, at=at)


def _sign_in_rates(address: str, client: str) -> list[Rate]:
    # Keyed hashes: people type their password in the wrong field, and it must not be kept.
    names = {"client": client, "address": address.strip().casefold()}
    return [
        Rate(
            f"sign-in:{kind}:"
            + hmac.new(settings.INDEX_KEY, name.encode(), "sha256").hexdigest()[:32],
            count=_SIGN_INS,
            per=_SIGN_IN_SPAN,
            burst=_SIGN_INS,
        )
        for kind, name in names.items()
        if name
    ]


def welcome_token() -> str:
    """Return the token that proves to a new installation that one has started it."""
    return hmac.new(settings.INDEX_KEY, b"welcome", "sha256").hexdigest()[:32]


@transaction.atomic
def begin(
    *, organization: str, zone: str, name: str, email: str, password: str, by: Viewer, at: datetime
) -> User:
    """Found the organisation and let its first administrator in."""
    if User.objects.exists():
        raise Conflict("This installation is set up already.", remedy="Sign in.")
    found_organization(name=organization, zone=zone, by=by, at=at)
    person, _ = add_person(
        email=email, name=name, role="administrator", password=password, by=by, at=at
    )
    return person
