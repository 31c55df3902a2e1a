"""Whom do we serve."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from promontory.program.customers import codes

LANGUAGE = "language"
"""The dimension of the language an answer was given in; its codes fill a column of their own."""


class Account(models.Model):
    """A customer organisation; `cluster` is the random number it has in the warehouse."""

    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=300)
    cluster = models.BigIntegerField(unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person who is a customer, or speaks for one.

    `details` is the JSON of e-mail, name, phone and customer number, encrypted with the person's
    key; `email_index` and `customer_index` are keyed hashes, so that a contact can be found by an
    exact value and by nothing else. `attributes` are the present dimension values {dimension id:
    code}; what they were before is in `AttributeChange`. `closed` is a mask of the `codes.Way` that
    the person has opted out of, `failing` of those that bounced: the present state of what
    `Consent` tells as a history. `household` is a keyed number shared by
    those who live together.
    """

    person = models.OneToOneField("ledger.Person", on_delete=models.PROTECT, related_name="contact")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL)
    email_index = models.BinaryField(max_length=16, null=True, unique=True)
    customer_index = models.BinaryField(max_length=16, null=True, unique=True)
    phone_index = models.BinaryField(max_length=16, null=True, unique=True)
    details = models.BinaryField(null=True)
    language = models.CharField(max_length=16, blank=True)
    # With defaults of the database: an import of answers inserts contacts without the ORM.
    zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    household = models.BigIntegerField(null=True)
    attributes = models.JSONField(
        default=dict, db_default=models.Value({}, output_field=models.JSONField())
    )
    closed = models.PositiveSmallIntegerField(default=0, db_default=0)
    failing = models.PositiveSmallIntegerField(default=0, db_default=0)
    basis = models.CharField(max_length=24, blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["household"],
                name="contact_household",
                condition=models.Q(household__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Contact {self.pk}"


class Stake(models.Model):
    """The part that a contact plays in an account: decider, user, payer …"""

    # The constraint below is the index by which the stakes of a contact are found.
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="stakes", db_index=False
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="stakes")
    role = models.CharField(max_length=50, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "account"], name="one_stake_per_account"),
        ]

    def __str__(self) -> str:
        return f"{self.role or 'stake'} of contact {self.contact_id} in {self.account_id}"


class AttributeChange(models.Model):
    """That an attribute of a contact had one value until then, and another since."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="changes")
    dimension = models.ForeignKey("Dimension", on_delete=models.PROTECT)
    was = models.PositiveIntegerField(default=0)
    now = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.dimension_id} of contact {self.contact_id}: {self.was} → {self.now}"


class Consent(models.Model):
    """One thing said about being asked by some ways: allowed or refused, on what basis, by whom.

    `ways` is a mask of `codes.Way`; `source` says how it came to us. Rows are only added.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents")
    ways = models.PositiveSmallIntegerField()
    is_given = models.BooleanField()
    basis = models.CharField(max_length=24, choices=[(b, b) for b in codes.BASES], blank=True)
    source = models.CharField(max_length=24, choices=[(s, s) for s in codes.CONSENT_SOURCES])
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["contact", "id"]

    def __str__(self) -> str:
        return f"contact {self.contact_id} {'allows' if self.is_given else 'refuses'} {self.ways}"


class Hold(models.Model):
    """A dated, reasoned "do not ask": of a contact, or of all in an account.

    `source_key` makes placing it again from outside harmless. A hold ends at `ends_at` (None: when
    it is lifted).
    """

    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.CASCADE, related_name="holds", db_index=False
    )
    account = models.ForeignKey(
        Account, null=True, on_delete=models.CASCADE, related_name="holds", db_index=False
    )
    reason = models.CharField(max_length=24, choices=[(r, r) for r in codes.HOLD_REASONS])
    source = models.CharField(max_length=16, choices=[(s, s) for s in codes.HOLD_SOURCES])
    source_key = models.CharField(max_length=200, null=True, unique=True)
    note = models.CharField(max_length=300, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=64)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(contact__isnull=False) ^ models.Q(account__isnull=False),
                name="hold_on_contact_or_account",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="hold_ends_after_it_starts",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["contact", "ends_at"],
                name="hold_contact",
                condition=models.Q(contact__isnull=False, lifted_at__isnull=True),
            ),
            models.Index(
                fields=["account", "ends_at"],
                name="hold_account",
                condition=models.Q(account__isnull=False, lifted_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        whom = f"contact {self.contact_id}" if self.contact_id else f"account {self.account_id}"
        return f"hold on {whom}: {self.reason}"


class ContactImport(models.Model):
    """A file of contacts, or of holds, on its way in.

    Row n of the file (its header being row 1) becomes contact `first_contact + n` if it names
    somebody new, and likewise for people: whatever happens in between, a row has one number.
    `rows_done` is the last row that is committed; a killed import goes on after it. `keeper` is the
    ledger's person under whose key the rows set apart are encrypted, `file_keeper` the one whose
    key opens the file itself once the import is done.
    """

    kind = models.CharField(
        max_length=16, choices=[(k, k) for k in codes.IMPORT_KINDS], default="contacts"
    )
    file_name = models.CharField(max_length=300)
    stored_as = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField(default=0)
    status = models.CharField(max_length=16, default=str(codes.ImportStatus.UPLOADED))
    proposal = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    rows_total = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    first_person = models.BigIntegerField(null=True)
    first_contact = models.BigIntegerField(null=True)
    keeper = models.BigIntegerField(null=True)
    file_keeper = models.BigIntegerField(null=True)
    problem = models.TextField(blank=True)
    job = models.CharField(max_length=64, blank=True)
    by = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.file_name} (contacts {self.pk})"


class RejectedContact(models.Model):
    """A row of a contact file that was set apart, with the reasons; `raw` is encrypted."""

    source = models.ForeignKey(ContactImport, on_delete=models.CASCADE, related_name="rejected")
    row = models.BigIntegerField()
    reasons = models.JSONField()
    raw = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "row"], name="contact_row_rejected_once"),
        ]

    def __str__(self) -> str:
        return f"row {self.row} of contacts {self.source_id}"


class RejectedIdentifier(models.Model):
    """That a row set apart names somebody: by the blind index, an erasure finds the row."""

    source = models.ForeignKey(ContactImport, on_delete=models.CASCADE, db_index=False)
    row = models.BigIntegerField()
    index = models.BinaryField(max_length=16)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["index"], name="rejected_identifier"),
            models.Index(fields=["source", "row"], name="rejected_identifier_row"),
        ]

    def __str__(self) -> str:
        return f"row {self.row} of contacts {self.source_id} names somebody"


class Dimension(models.Model):
    """An attribute by which answers can be sliced, as it was when the answer was given.

    A *declared* dimension is in the day cube, survives the erasure of a person (as the stratum of
    the answer) and may be seen through the confidentiality gate; any other attribute is seen only
    by those who may read the answers.
    """

    key = models.SlugField(max_length=64, unique=True)
    label = models.CharField(max_length=100)
    is_declared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.label

    @property
    def column(self) -> str:
        """The name of this dimension's column in the warehouse."""
        return LANGUAGE if self.key == LANGUAGE else f"a{self.pk}"


class DimensionValue(models.Model):
    """One value of a dimension, and the code that stands for it in the warehouse (0 is missing)."""

    dimension = models.ForeignKey(Dimension, on_delete=models.CASCADE, related_name="values")
    code = models.PositiveIntegerField()
    label = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dimension", "code"], name="dimension_code_once"),
            models.UniqueConstraint(fields=["dimension", "label"], name="dimension_label_once"),
            models.CheckConstraint(condition=models.Q(code__gt=0), name="dimension_code_above_0"),
        ]

    def __str__(self) -> str:
        return self.label
