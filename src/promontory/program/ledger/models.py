"""Tables of the ledger. Entries and seals are written once; an erasure alone empties `person`."""

from __future__ import annotations

import uuid

from django.db import models

# Contexts above see the kinds beside the table; the rules of another context are not theirs to use.
from promontory.program.ledger.rules import Kind as Kind


class Installation(models.Model):
    """The one row that says which installation this is and by which zone its days end."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    uuid = models.UUIDField(default=uuid.uuid4, editable=False)
    zone = models.CharField(max_length=64, default="UTC")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]


class Person(models.Model):
    """A data subject: a number, a random cluster that survives erasure, and nothing else."""

    cluster = models.BigIntegerField(unique=True)
    erased_at = models.DateTimeField(null=True, default=None)


class PersonKey(models.Model):
    """A person's data key, wrapped by the master key; lives in the database "keys" alone.

    Deleting the row erases all that is encrypted or committed to under it.
    """

    person_id = models.BigIntegerField(primary_key=True)
    wrapped = models.BinaryField(max_length=60)


class Entry(models.Model):
    """One thing that happened; see `rules` for what its digest covers."""

    kind = models.SmallIntegerField()
    subject = models.BigIntegerField(null=True)
    batch = models.BigIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    local_day = models.IntegerField(null=True)
    kept = models.TextField()
    salt = models.BinaryField(max_length=16)
    personal = models.BinaryField(max_length=32, null=True)
    by = models.CharField(max_length=200)

    class Meta:
        # Partial, because most entries of a busy ledger lack one or the other.
        indexes = [
            models.Index(
                fields=["batch", "id"], name="entry_batch", condition=models.Q(batch__isnull=False)
            ),
            models.Index(
                fields=["subject"], name="entry_subject", condition=models.Q(subject__isnull=False)
            ),
            models.Index(
                fields=["person"], name="entry_person", condition=models.Q(person__isnull=False)
            ),
        ]
        constraints = [
            # An import ends once, closed or cancelled.
            models.UniqueConstraint(
                fields=["batch"],
                name="one_end",
                condition=models.Q(
                    kind__in=[Kind.IMPORT_CLOSED.value, Kind.IMPORT_CANCELLED.value]
                ),
            )
        ]


class Pending(models.Model):
    """An entry committed on PostgreSQL and not yet sealed.

    Its own number, drawn at the insert, orders the seals: entry ids may have been reserved long
    before they are written, so they do not tell what came first.
    """

    entry = models.OneToOneField(
        Entry, models.DO_NOTHING, db_constraint=False, related_name="pending"
    )
    digest = models.BinaryField(max_length=32)


class Seal(models.Model):
    """The position of an entry in the chain, without gaps, and the chain's hash there."""

    # Always assigned by us; an auto field because only that is SQLite's own row number.
    position = models.BigAutoField(primary_key=True)
    entry = models.OneToOneField(Entry, models.DO_NOTHING, db_constraint=False, related_name="seal")
    hash = models.BinaryField(max_length=32)


class DayEnd(models.Model):
    """The last position of a day (days since 1970-01-01 in the installation's zone).

    A day ends before the first entry of a later day, so a past day never changes.
    """

    day = models.IntegerField(primary_key=True)
    position = models.BigIntegerField()


class Head(models.Model):
    """A signed statement of what the chain was at a position."""

    position = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    signature = models.BinaryField(max_length=64)
    public_key = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["position"], name="head_position")]
