"""What can be asked about the organisation: the viewer behind a request, people, the audit."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from promontory.errors import NotFound
from promontory.jobs import queries as jobs
from promontory.jobs.models import Job
from promontory.program.ledger.models import Head
from promontory.program.organization.access import ROLES, WHOLE, Can, Viewer
from promontory.program.organization.models import (
    ApiKey,
    AuditEntry,
    Membership,
    Organization,
    OrgUnit,
    User,
)

VERIFICATION = "promontory.program.organization.tasks.verify_ledger"
"""The task that recomputes the ledger."""


def organization() -> Organization | None:
    """Return the one organisation, or None before it is founded."""
    return Organization.objects.filter(pk=1).first()


def zone_name() -> str:
    """Return the zone in which the organisation's days end; UTC before it is founded."""
    # In SQL of our own: it is asked for every batch of answers.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT zone FROM {Organization._meta.db_table} WHERE id = 1")
        found = cursor.fetchone()
    return str(found[0]) if found else "UTC"


def viewer_of(user: User) -> Viewer:
    """Return what this person may do and see: all their roles together.

    Roles in units hold while the person has no role everywhere; beside one they add nothing, or
    what they allow in one unit would be allowed in all.
    """
    memberships = list(user.memberships.select_related("unit")) if user.is_active else []
    everywhere = [m for m in memberships if m.unit_id is None]
    counted = everywhere or memberships
    can = frozenset[Can]().union(*(ROLES[m.role][1] for m in counted if m.role in ROLES))
    units: frozenset[int] | None = None
    if memberships and not everywhere:
        can -= WHOLE
        below = Q()
        for membership in memberships:
            if membership.unit is not None:
                below |= Q(path__startswith=membership.unit.path)
        units = frozenset(OrgUnit.objects.filter(below).values_list("pk", flat=True))
    return Viewer(user_id=user.pk, name=user.name, can=can, units=units)


def viewer_of_key(text: str, *, at: datetime) -> Viewer | None:
    """Return the viewer behind an API key, or None if it is not (or no longer) one."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "pm":
        return None
    key = ApiKey.objects.select_related("user").filter(prefix=parts[1]).first()
    digest = hashlib.sha256(parts[2].encode()).digest()
    if key is None or not hmac.compare_digest(bytes(key.digest), digest):
        return None
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= at):
        return None
    owner = viewer_of(key.user)
    can = owner.can & frozenset(scope for scope in Can if scope in key.scopes)
    return Viewer(user_id=owner.user_id, name=owner.name, can=can, units=owner.units, key_id=key.pk)


def people(*, viewer: Viewer) -> QuerySet[User]:
    """Return everybody who may sign in, with their roles."""
    viewer.must(Can.MANAGE_PEOPLE)
    return User.objects.prefetch_related("memberships__unit").order_by("name")


def people_who(can: Can) -> QuerySet[User]:
    """Return the people whose roles include something, by name."""
    roles = [role for role, (_, includes) in ROLES.items() if can in includes]
    found = User.objects.filter(is_active=True, memberships__role__in=roles)
    return found.distinct().order_by("name")


def membership(pk: int, *, viewer: Viewer) -> Membership:
    """Return one role of one person."""
    viewer.must(Can.MANAGE_PEOPLE)
    found = Membership.objects.select_related("user", "unit").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such role any more.")
    return found


def keys(*, viewer: Viewer) -> QuerySet[ApiKey]:
    """Return the API keys the viewer may revoke: their own, or everybody's."""
    found = ApiKey.objects.select_related("user").order_by("-created_at")
    return found if viewer.may(Can.MANAGE_PEOPLE) else found.filter(user=viewer.user_id)


def audit_entries(*, viewer: Viewer) -> QuerySet[AuditEntry]:
    """Return what was done, newest first."""
    viewer.must(Can.SEE_AUDIT)
    return AuditEntry.objects.all()


def units(*, viewer: Viewer) -> QuerySet[OrgUnit]:
    """Return the units the viewer serves, each after the one it belongs to."""
    viewer.must(Can.SEE_SCORES)
    found = OrgUnit.objects.select_related("parent").order_by("path")
    return found if viewer.units is None else found.filter(pk__in=viewer.units)


def unit(key: str, *, viewer: Viewer) -> OrgUnit:
    """Return the unit of that key, if the viewer serves it."""
    found = OrgUnit.objects.filter(key=key).first()
    if found is None or (viewer.units is not None and found.pk not in viewer.units):
        raise NotFound(f"There is no unit “{key}”.")
    return found


def person(pk: int, *, viewer: Viewer) -> User:
    """Return one of those who may sign in."""
    found = people(viewer=viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such person.")
    return found


def key(pk: int, *, viewer: Viewer) -> ApiKey:
    """Return one API key that the viewer may revoke."""
    found = keys(viewer=viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such key.")
    return found


def locked_organization() -> Organization:
    """Return the organisation, held until the present transaction ends."""
    found = Organization.objects.select_for_update().filter(pk=1).first()
    if found is None:
        raise NotFound("This installation has not been set up yet.")
    return found


def signed_heads(*, viewer: Viewer) -> QuerySet[Head]:
    """Return every signed head of the ledger."""
    viewer.must(Can.SEE_AUDIT)
    return Head.objects.all()


def verification(job_id: int, *, viewer: Viewer) -> Job:
    """Return one verification of the ledger, however far it has come."""
    viewer.must(Can.SEE_AUDIT)
    found = jobs.get(job_id)
    if found.task != VERIFICATION:
        raise NotFound("There is no such verification.")
    return found


def job(job_id: int, *, viewer: Viewer) -> Job:
    """Return one job, for those who start some: who imports, and who audits."""
    if not viewer.may(Can.SEE_AUDIT):
        viewer.must(Can.IMPORT)
    return jobs.get(job_id)


def names(actors: Collection[str]) -> dict[str, str]:
    """Return in words who stands behind each of these “by” of the ledger."""
    numbers: dict[str, set[int]] = {"user": set(), "key": set()}
    for actor in actors:
        kind, _, number = actor.partition(":")
        if kind in numbers and number.isdigit():
            numbers[kind].add(int(number))
    known = {
        f"user:{pk}": name
        for pk, name in User.objects.filter(pk__in=numbers["user"]).values_list("pk", "name")
    }
    known |= {
        f"key:{pk}": f"the key “{name}”"
        for pk, name in ApiKey.objects.filter(pk__in=numbers["key"]).values_list("pk", "name")
    }
    return {actor: known.get(actor, _plain(actor)) for actor in actors}


def _plain(actor: str) -> str:
    kind, _, number = actor.partition(":")
    if kind == "import":
        return f"import {number}"
    return "the installation" if actor == "system" else actor
