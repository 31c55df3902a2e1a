"""People and their keys. Keys live in a database of their own and are written before the person."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db import connections, transaction

from promontory.program.ledger.ids import draw_ids
from promontory.program.ledger.models import Person, PersonKey
from promontory.program.ledger.routing import KEYS
from promontory.program.ledger.vault import Vault

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person just made, with the key to encrypt and commit under."""

    id: int
    cluster: int
    key: bytes


def vault() -> Vault:
    """Return the vault of this installation."""
    return Vault(settings.MASTER_KEY)


def new_cluster() -> int:
    """Return a random cluster id, never 0, which stands for an unknown person."""
    return 1 + secrets.randbelow(2**63 - 1)


def create_people(count: int, *, using: str = "default") -> list[NewPerson]:
    """Make people, each with a random cluster and a key, within the caller's transaction.

    The keys are committed at once: a person without a key could not be told from an erased one,
    while a key without a person (the caller's transaction failed) opens nothing.
    """
    ids = draw_ids(Person, count, using=using)
    safe = vault()
    made = [NewPerson(id, new_cluster(), safe.new_key()) for id in ids]
    keys = [PersonKey(person_id=each.id, wrapped=safe.wrap(each.id, each.key)) for each in made]
    with transaction.atomic(using=KEYS):
        # An id may come again after a transaction that failed: its key is then replaced.
        PersonKey.objects.bulk_create(
            keys,
            batch_size=_AT_ONCE,
            update_conflicts=True,
            unique_fields=["person_id"],
            update_fields=["wrapped"],
        )
    Person.objects.using(using).bulk_create(
        [Person(id=each.id, cluster=each.cluster) for each in made], batch_size=_AT_ONCE
    )
    return made


def keys_of(person_ids: Iterable[int]) -> dict[int, bytes]:
    """Return the data keys of those of these people who have one; the erased have none."""
    safe = vault()
    wanted = iter(set(person_ids))
    found: dict[int, bytes] = {}
    while some := list(islice(wanted, _AT_ONCE)):
        found |= {id: safe.unwrap(id, wrapped) for id, wrapped in _wrapped(some)}
    return found


def _wrapped(person_ids: Sequence[int]) -> list[tuple[int, bytes]]:
    # In SQL of our own: for every batch of answers Django would phrase it anew.
    with connections[KEYS].cursor() as cursor:
        cursor.execute(
            f"SELECT person_id, wrapped FROM {PersonKey._meta.db_table} "
            f"WHERE person_id IN ({', '.join(['%s'] * len(person_ids))})",
            person_ids,
        )
        return [(id, bytes(wrapped)) for id, wrapped in cursor.fetchall()]
