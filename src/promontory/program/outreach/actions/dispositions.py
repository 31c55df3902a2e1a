"""The one way a disposition changes, and the clocks that go with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from promontory.program.outreach.codes import VOID, Disposition
from promontory.program.outreach.models import Clock, DispositionChange, Invitation
from promontory.program.outreach.rules.dispositions import BEFORE

_AT_ONCE = 5_000
_CHANGE = DispositionChange._meta.db_table
_INVITATION = Invitation._meta.db_table
_CLOCK = Clock._meta.db_table


@transaction.atomic
def dispose(ids: Collection[int], to: Disposition, *, why: str = "", by: str, at: datetime) -> int:
    """Bring invitations to a disposition and return how many have changed.

    Those that may not go there (an answer stays an answer) or are there already are left as they
    are, so that saying it twice is harmless. Each change is a row of the history.
    """
    changed = 0
    for some in _portions(ids):
        changed += _dispose(some, to, why[:200], by[:64], at)
    return changed


def _dispose(ids: list[int], to: Disposition, why: str, by: str, at: datetime) -> int:
    before = sorted(int(was) for was in BEFORE[to])
    if connection.features.has_select_for_update:
        # Locked in the order of ids: two who dispose of the same never wait for each other.
        rows = Invitation.objects.select_for_update().filter(pk__in=ids, disposition__in=before)
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return 0
    clause, given = _among("id", ids)
    states = ",".join(map(str, before))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_CHANGE} (invitation_id, was, now, why, at, by) "
            f"SELECT id, disposition, %s, %s, %s, %s FROM {_INVITATION} "
            f"WHERE {clause} AND disposition IN ({states}) ORDER BY id",
            [int(to), why, _moment(at), by, *given],
        )
        cursor.execute(
            f"UPDATE {_INVITATION} SET disposition = %s, changed_at = %s "
            f"WHERE {clause} AND disposition IN ({states})",
            [int(to), _moment(at), *given],
        )
        changed = int(cursor.rowcount)
        if to in VOID and changed:
            _take_back_clocks(cursor, clause, given)
    return changed


def _take_back_clocks(cursor: CursorWrapper, clause: str, given: list[Any]) -> None:
    """Set the clocks of those who were not asked after all to when they really were."""
    void = ",".join(str(int(d)) for d in sorted(VOID))
    cursor.execute(
        f"UPDATE {_CLOCK} SET invited_at = (SELECT MAX(COALESCE(i.invited_at, i.due_at)) "
        f"FROM {_INVITATION} i WHERE i.contact_id = {_CLOCK}.contact_id "
        f"AND i.disposition NOT IN ({void})) "
        f"WHERE contact_id IN (SELECT contact_id FROM {_INVITATION} WHERE {clause})",
        given,
    )


@transaction.atomic
def clocks_touched(
    contact_ids: Collection[int],
    *,
    invited: datetime | None = None,
    shown: datetime | None = None,
    answered: datetime | None = None,
    dismissed: datetime | None = None,
) -> None:
    """Set forward the clocks of contacts: each runs on its own, and none is ever set back."""
    instants = {"invited": invited, "shown": shown, "answered": answered, "dismissed": dismissed}
    for name, at in instants.items():
        if at is not None:
            for some in _portions(contact_ids):
                _touch(f"{name}_at", some, at)


def _touch(column: str, contacts: list[int], at: datetime) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                f"INSERT INTO {_CLOCK} (contact_id, {column}) VALUES (%s, %s) "
                f"ON CONFLICT (contact_id) DO UPDATE SET {column} = "
                f"MAX(COALESCE({column}, excluded.{column}), excluded.{column})",
                [(contact, _moment(at)) for contact in contacts],
            )
            return
        cursor.execute(
            f"INSERT INTO {_CLOCK} (contact_id, {column}) "
            "SELECT unnest(%s::bigint[]), %s "
            f"ON CONFLICT (contact_id) DO UPDATE SET {column} = "
            f"GREATEST({_CLOCK}.{column}, excluded.{column})",
            [contacts, at],
        )


def _portions(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def _among(column: str, ids: list[int]) -> tuple[str, list[Any]]:
    if connection.vendor == "sqlite":
        return f"{column} IN ({','.join(['%s'] * len(ids))})", list(ids)
    return f"{column} = ANY(%s)", [ids]


def _moment(at: datetime) -> Any:
    """Return an instant as this database keeps it; statements of our own pass no adapters."""
    return connection.ops.adapt_datetimefield_value(at)
