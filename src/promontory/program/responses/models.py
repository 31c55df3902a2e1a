"""What did they say, and does it count."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from promontory.program.customers.models import Account, Contact
from promontory.program.organization.models import OrgUnit, User
from promontory.program.outreach.models import Invitation
from promontory.program.responses.rules import ImportStatus
from promontory.program.surveys.models import Question, Survey, SurveyVersion


class Import(models.Model):
    """A file of answers on its way in; visible whole at its end, or not at all.

    Row n of the file (its header being row 1) becomes response `first_response + n`, and so on for
    entries, people and contacts: whatever happens in between, a row has one number. `rows_done` is
    the last row that is committed. `keeper` is the ledger's person under whose key rows without a
    person are encrypted; `closed_by` the ledger entry that ended the import.
    """

    survey = models.ForeignKey(Survey, null=True, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=300)
    stored_as = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    status = models.CharField(max_length=16, default=str(ImportStatus.UPLOADED))
    proposal = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    rows_total = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    plan = models.JSONField(default=dict)
    first_response = models.BigIntegerField(null=True)
    first_entry = models.BigIntegerField(null=True)
    first_person = models.BigIntegerField(null=True)
    first_contact = models.BigIntegerField(null=True)
    keeper = models.BigIntegerField(null=True)
    closed_by = models.BigIntegerField(null=True)
    job = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.file_name} (import {self.pk})"


class RejectedRow(models.Model):
    """A row of a file that could not become a response, as it came, with the reasons."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejected")
    row = models.BigIntegerField()
    reasons = models.JSONField()
    raw = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "row"], name="row_rejected_once"),
        ]

    def __str__(self) -> str:
        return f"row {self.row} of import {self.source_id}"


class Response(models.Model):
    """What one contact returned for one survey version.

    `source_key` makes recording it again harmless; `content_key` finds what may be the same answer
    under another name; both are keyed hashes. `attributes` are the dimension values as they were
    when the answer was given: {dimension id: code}. `mask` has a bit for each reason that keeps it
    from counting. A response of an import is visible once the import is done. `weight` is the base
    weight in millionths: the inverse of the probability with which the contact was drawn. Under an
    anonymous promise there is no `invitation`.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, db_index=False)
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, db_index=False)
    source = models.ForeignKey(
        Import, null=True, on_delete=models.PROTECT, related_name="responses", db_index=False
    )
    row = models.BigIntegerField(null=True)
    vendor_id = models.CharField(max_length=200, blank=True)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, db_index=False)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, db_index=False)
    unit = models.ForeignKey(OrgUnit, null=True, on_delete=models.PROTECT, db_index=False)
    answered_at = models.DateTimeField()
    local_day = models.IntegerField()
    received_at = models.DateTimeField()
    channel = models.PositiveSmallIntegerField(default=0)
    invitation = models.ForeignKey(
        Invitation, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    weight = models.BigIntegerField(default=1_000_000, db_default=1_000_000)
    is_partial = models.BooleanField(default=False, db_default=False)
    language = models.CharField(max_length=16, blank=True)
    attributes = models.JSONField(default=dict)
    mask = models.IntegerField(default=0)
    source_key = models.BinaryField(max_length=16, unique=True)
    content_key = models.BigIntegerField(null=True)

    class Meta:
        # Every index is paid for by each of a million imported rows: those that are asked, no more.
        # What belongs to a person is found by the ledger's entries.
        indexes: ClassVar = [
            models.Index(fields=["survey", "answered_at", "content_key"], name="response_when"),
            models.Index(
                fields=["account"], name="response_account", condition=models.Q(account__gt=0)
            ),
            models.Index(
                fields=["invitation"],
                name="response_invitation",
                condition=models.Q(invitation__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"Response {self.pk}"


class Answer(models.Model):
    """The answer to one closed question of a response."""

    # The constraint below is the index by which the answers of a response are found.
    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, db_index=False)
    value = models.SmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "question"], name="answered_once"),
        ]

    def __str__(self) -> str:
        return str(self.value)


class Verbatim(models.Model):
    """What a customer wrote; searchable, deletable, never in the warehouse."""

    response = models.OneToOneField(Response, on_delete=models.CASCADE, related_name="verbatim")
    text = models.TextField()
    language = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        return self.text[:80]


class RawRow(models.Model):
    """The row a response came from, as it was, encrypted with the key of its person or import."""

    response = models.OneToOneField(Response, primary_key=True, on_delete=models.CASCADE)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"raw row of response {self.pk}"


class Look(models.Model):
    """Who opened which response, and when."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="looks")
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["response", "user"], name="look_who")]

    def __str__(self) -> str:
        return f"{self.user_id} looked at {self.response_id}"
