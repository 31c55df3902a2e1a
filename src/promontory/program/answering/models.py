"""What respondents did, kept at once and settled soon; and conversations by text and phone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from promontory.program.answering.codes import Act
from promontory.program.customers.models import Contact
from promontory.program.outreach.models import Invitation
from promontory.program.responses.models import Response


class Intake(models.Model):
    """One act of a respondent, durable from the moment it is acknowledged, until it is settled.

    `sealed` is the JSON of what was sent, encrypted; settled, its row is deleted: the response, its
    ledger entry and its raw row hold it from then on. What cannot be settled stays, with why.
    """

    act = models.CharField(max_length=10, choices=[(a.value, a.value) for a in Act])
    survey = models.IntegerField()
    version = models.IntegerField()
    invitation = models.BigIntegerField(null=True)
    link = models.IntegerField(null=True)
    session = models.CharField(max_length=64)
    channel = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()
    received_at = models.DateTimeField()
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"intake {self.pk}"


class Trace(models.Model):
    """That a score of an invitation was opened or sent, kept for a minute to know machines by."""

    invitation = models.BigIntegerField()
    score = models.PositiveSmallIntegerField()
    session = models.CharField(max_length=64)
    is_click = models.BooleanField(default=False)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["invitation"], name="trace_invitation")]

    def __str__(self) -> str:
        return f"{self.score} of invitation {self.invitation}"


class Quarantine(models.Model):
    """A response that a machine seems to have given, until a person has decided about it.

    Under an anonymous promise there is no `invitation`.
    """

    response = models.OneToOneField(
        Response, primary_key=True, on_delete=models.CASCADE, related_name="quarantine"
    )
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"quarantine of response {self.pk}"


class Conversation(models.Model):
    """A conversation by SMS or phone about one invitation; `state` is the channel's own."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, related_name="conversations"
    )
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    channel = models.PositiveSmallIntegerField()
    address_index = models.BinaryField(max_length=16)
    state = models.JSONField(default=dict)
    expires_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invitation", "channel"], name="one_conversation_per_invitation"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["address_index", "channel"], name="conversation_address"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class Heard(models.Model):
    """A message or callback of a provider that has been dealt with; once again it does nothing."""

    sender = models.CharField(max_length=32)
    provider_id = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "provider_id"], name="heard_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sender}: {self.provider_id}"
