"""Invitations as those who settle many of them want them: by two statements, and held.

In SQL of our own, for Django takes longer to phrase such questions than a database to answer them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import connection

from promontory.program.customers.models import Account, Contact
from promontory.program.ledger.models import Person
from promontory.program.outreach.models import Invitation, Wave

_INVITATION = ("id", "wave_id", "contact_id", "channel", "weight", "disposition")
_CONTACT = (
    "id", "person_id", "account_id", "customer_index", "email_index", "phone_index", "language",
)  # fmt: skip
_PERSON = ("id", "cluster")
# All of a wave, its survey and its version that may ever change, and matters to those who answer.
_CHANGING = """
SELECT w.id, w.state, w.closes_at, w.is_test, w.version_id,
       s.key, s.promise, s.brand, s.closed_at, v.published_at
FROM outreach_wave w
JOIN surveys_survey s ON s.id = w.survey_id
LEFT JOIN surveys_surveyversion v ON v.id = w.version_id
WHERE w.id IN ({marks})
"""
_MOST = 256
_waves: dict[tuple[object, ...], Wave] = {}


def held(numbers: Collection[int]) -> dict[int, Invitation]:
    """Return invitations by number, held until the end of the transaction.

    Whoever settles holds them first, in the order of their numbers: so no two who settle the same
    wait for each other, and neither overlooks what the other has just written.
    """
    if not numbers:
        return {}
    marks = ",".join(["%s"] * len(numbers))
    lock = " FOR UPDATE OF i" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_columns('i', _INVITATION)}, {_columns('c', _CONTACT)}, c.attributes, "
            f"{_columns('p', _PERSON)}, p.erased_at, a.key FROM outreach_invitation i "
            "JOIN customers_contact c ON c.id = i.contact_id "
            "JOIN ledger_person p ON p.id = c.person_id "
            "LEFT JOIN customers_account a ON a.id = c.account_id "
            f"WHERE i.id IN ({marks}) ORDER BY i.id{lock}",
            sorted(numbers),
        )
        rows = cursor.fetchall()
    waves = _waves_of({row[1] for row in rows})
    return {row[0]: _invitation(row, waves[row[1]]) for row in rows}


def waiting(numbers: Collection[int]) -> set[int]:
    """Return those of these invitations of which an act is kept and not settled yet."""
    marks = ",".join(["%s"] * len(numbers))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT invitation FROM answering_intake WHERE invitation IN ({marks})",
            list(numbers),
        )
        return {number for (number,) in cursor.fetchall()}


def forget() -> None:
    """Empty the memory."""
    _waves.clear()


def _columns(table: str, names: Collection[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in names)


def _invitation(row: tuple[Any, ...], wave: Wave) -> Invitation:
    here = len(_INVITATION)
    there = here + len(_CONTACT)
    attributes, person_id, cluster, erased_at, account_key = row[there:]
    invitation = Invitation.from_db("default", _INVITATION, row[:here])
    contact = Contact.from_db("default", _CONTACT, row[here:there])
    person = Person.from_db("default", _PERSON, (person_id, cluster))
    contact.attributes = {} if attributes == "{}" else json.loads(attributes)
    person.erased_at = erased_at
    contact.person = person
    if contact.account_id is not None:
        contact.account = Account.from_db(
            "default", ("id", "key"), (contact.account_id, account_key)
        )
    else:
        contact.account = None
    invitation.contact, invitation.wave = contact, wave
    return invitation


def _waves_of(numbers: Collection[int]) -> dict[int, Wave]:
    """Return waves from memory, as long as nothing about them has changed."""
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGING.format(marks=",".join(["%s"] * len(numbers))), sorted(numbers))
        now = {row[0]: row for row in cursor.fetchall()}
    unknown = [number for number, row in now.items() if row not in _waves]
    if unknown:
        if len(_waves) + len(unknown) > _MOST:
            forget()
        found = Wave.objects.select_related("survey", "version").defer(
            "plan_kept", "policy_kept", "dry_run", "version__wording", "version__overrides"
        )
        for number, wave in found.in_bulk(unknown).items():
            _waves[now[number]] = wave
    return {number: _waves[row] for number, row in now.items()}
