"""What the ledger's tests share: entries to append, and a ledger with some in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from promontory.program.ledger import actions as ledger
from promontory.program.ledger import vault

AT = datetime(2026, 3, 10, 9, 30, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Filled:
    """People and the ids of the entries about them, and the comment behind each commitment."""

    people: list[ledger.NewPerson]
    entries: list[int]
    comments: dict[int, bytes]


def answer(score: int, **more: object) -> ledger.NewEntry:
    """Return an anonymous answer."""
    return ledger.NewEntry(ledger.Kind.ANSWER, "user:1", {"score": score}, **more)  # type: ignore[arg-type]


def put(*entries: ledger.NewEntry, at: datetime = AT) -> list[int]:
    """Append in a transaction of its own and seal."""
    with transaction.atomic():
        ids = ledger.append(entries, at=at)
    ledger.seal()
    return ids


def about(person: ledger.NewPerson, score: int, comment: bytes) -> ledger.NewEntry:
    """Return an identified answer with a comment committed to."""
    return ledger.NewEntry(
        ledger.Kind.ANSWER,
        "user:1",
        {"score": score, "survey": 1, "p": person.cluster},
        subject=score + 1,
        person=person.id,
        local_day=20_000 + score,
        personal=vault.commitment(person.key, comment),
    )


def fill(count: int = 12) -> Filled:
    """Make three people and `count` answers in turn, then seal."""
    with transaction.atomic():
        people = ledger.create_people(3)
        comments = [f"comment {number}".encode() for number in range(count)]
        new: Sequence[ledger.NewEntry] = [
            about(people[number % 3], number % 11, comment)
            for number, comment in enumerate(comments)
        ]
        ids = ledger.append(new, at=AT)
    ledger.seal()
    return Filled(people, ids, dict(zip(ids, comments, strict=True)))
