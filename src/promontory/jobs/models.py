"""The tables of background work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q


class State(models.TextChoices):
    READY = "ready", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    DEAD = "dead", "failed"
    CANCELLED = "cancelled", "cancelled"
    DISCARDED = "discarded", "discarded"


class Job(models.Model):
    """One piece of work, inserted in the transaction that wants it."""

    task = models.CharField(max_length=200)
    args = models.JSONField(default=list)
    kwargs = models.JSONField(default=dict)
    queue = models.CharField(max_length=40, default="default")
    priority = models.SmallIntegerField(default=0)
    key = models.CharField(max_length=200, null=True, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.READY)

    enqueued_at = models.DateTimeField()
    run_after = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    last_attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # The fence counts claims: who holds an older one can neither renew nor acknowledge.
    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=80, default="")
    worker_ids = models.JSONField(default=list)
    lease_until = models.DateTimeField(null=True)
    slot_booked = models.BooleanField(default=False)

    failures = models.PositiveSmallIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    errors = models.JSONField(default=list)
    reason = models.CharField(max_length=300, default="")
    result = models.JSONField(null=True)

    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    progress_note = models.CharField(max_length=300, default="")
    cancel_asked = models.BooleanField(default=False)
    decided_by = models.CharField(max_length=150, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "-priority", "run_after", "id"],
                condition=Q(state="ready"),
                name="jobs_waiting",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="jobs_running"),
            models.Index(
                fields=["finished_at"], condition=Q(finished_at__isnull=False), name="jobs_finished"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
                name="job_lease_while_running",
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.pk} ({self.task}, {self.state})"


class Bucket(models.Model):
    """Up to which instant the starts under one rate key are booked."""

    key = models.CharField(max_length=200, primary_key=True)
    booked_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class ClockHand(models.Model):
    """The last due moment of one entry of the schedule that has been made a job."""

    name = models.CharField(max_length=120, primary_key=True)
    due = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} @ {self.due.isoformat()}"


def error_entry(kind: str, traceback: str, at: datetime) -> dict[str, Any]:
    """Return one line of a job's list of errors."""
    return {"class": kind, "traceback": traceback[-20_000:], "at": at.isoformat()}
