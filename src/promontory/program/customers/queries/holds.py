"""Who must not be asked now, why, and until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from promontory.errors import NotFound
from promontory.program.customers.models import Account, Contact, Hold, Stake
from promontory.program.organization.access import Viewer

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class HoldOn:
    """A hold that stands on a contact, by itself or through an account of theirs."""

    hold: int
    reason: str
    source: str
    ends_at: datetime | None
    account: int | None


def active_holds(at: datetime) -> QuerySet[Hold]:
    """Return the holds that stand at a moment."""
    return Hold.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), lifted_at__isnull=True, starts_at__lte=at
    )


def is_held(at: datetime) -> Q:
    """Return the condition, on contacts, that a hold stands on them or on an account of theirs."""
    standing = active_holds(at)
    stakes = Stake.objects.filter(contact=OuterRef(OuterRef("pk")), account=OuterRef("account"))
    return Q(
        Exists(standing.filter(contact=OuterRef("pk")))
        | Exists(standing.filter(account=OuterRef("account")))
        | Exists(standing.filter(Exists(stakes), account__isnull=False))
    )


def holds_on(contacts: Collection[int], at: datetime) -> dict[int, list[HoldOn]]:
    """Return the holds that stand on each of these contacts; those free of any are left out."""
    found: dict[int, list[HoldOn]] = defaultdict(list)
    wanted = list(contacts)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        for hold in active_holds(at).filter(contact__in=some).order_by("pk"):
            found[hold.contact_id or 0].append(_on(hold))
        members = _accounts_of(some)
        for hold in active_holds(at).filter(account__in=list(members)).order_by("pk"):
            for contact in members[hold.account_id or 0]:
                found[contact].append(_on(hold))
    return dict(found)


def _on(hold: Hold) -> HoldOn:
    return HoldOn(hold.pk, hold.reason, hold.source, hold.ends_at, hold.account_id)


def _accounts_of(contacts: list[int]) -> dict[int, list[int]]:
    """Return the contacts among these that belong to each account, in an order that stays."""
    members: dict[int, set[int]] = defaultdict(set)
    theirs = Contact.objects.filter(pk__in=contacts, account__isnull=False)
    for contact, account in theirs.values_list("pk", "account"):
        members[account or 0].add(contact)
    for contact, account in Stake.objects.filter(contact__in=contacts).values_list(
        "contact", "account"
    ):
        members[account].add(contact)
    return {account: sorted(those) for account, those in members.items()}


def holds(*, viewer: Viewer) -> QuerySet[Hold]:
    """Return all holds there ever were, with their accounts."""
    viewer.must_see_customers()
    return Hold.objects.select_related("account")


def one_hold(pk: int, *, viewer: Viewer) -> Hold:
    """Return one hold, or refuse."""
    found = holds(viewer=viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such hold.")
    return found


def holds_of(contact: Contact, *, viewer: Viewer) -> QuerySet[Hold]:
    """Return the holds ever placed on a contact or on an account of theirs, newest first."""
    accounts = Account.objects.filter(Q(pk=contact.account_id) | Q(stakes__contact=contact))
    mine = Q(contact=contact) | Q(account__in=accounts)
    return holds(viewer=viewer).filter(mine).distinct().order_by("-pk")
