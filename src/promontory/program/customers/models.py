"""Whom do we serve."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

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
    exact value and by nothing else.
    """

    person = models.OneToOneField("ledger.Person", on_delete=models.PROTECT, related_name="contact")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL)
    email_index = models.BinaryField(max_length=16, null=True, unique=True)
    customer_index = models.BinaryField(max_length=16, null=True, unique=True)
    phone_index = models.BinaryField(max_length=16, null=True, unique=True)
    details = models.BinaryField(null=True)
    language = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Contact {self.pk}"


class Stake(models.Model):
    """The part that a contact plays in an account: decider, user, payer …"""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="stakes")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="stakes")
    role = models.CharField(max_length=50, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "account"], name="one_stake_per_account"),
        ]

    def __str__(self) -> str:
        return f"{self.role or 'stake'} of contact {self.contact_id} in {self.account_id}"


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
