"""What do we do for this customer: the call owed to somebody who gave a low score."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from promontory.program.organization.models import User
from promontory.program.responses.models import Response


class Case(models.Model):
    """The follow-up owed to one customer for one response; one a response.

    `mailed_at` is when its owner was told, `called_at` when somebody spoke with the customer.
    """

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="case")
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="cases")
    score = models.SmallIntegerField()
    opened_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    called_at = models.DateTimeField(null=True)
    called_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["owner", "opened_at"],
                name="case_open",
                condition=models.Q(called_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class Note(models.Model):
    """What was said or done about a case; encrypted with the key of the person it is about."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    person = models.BigIntegerField(null=True, db_index=True)
    sealed = models.BinaryField()
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["case", "id"]

    def __str__(self) -> str:
        return f"note {self.pk} of case {self.case_id}"
