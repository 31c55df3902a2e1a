"""Whom do we ask, when and how, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from promontory.program.customers.models import Contact
from promontory.program.organization.models import User
from promontory.program.outreach.codes import (
    REMINDABLE,
    WEIGHT_ONE,
    DeliveryState,
    Disposition,
    WaveKind,
    WaveState,
)
from promontory.program.surveys.models import Survey, SurveyVersion, Touchpoint


class ContactPolicy(models.Model):
    """How seldom anybody is asked, across every survey and channel; the newest version applies.

    Rests are days since the last invitation, showing, answer and dismissal, each by its own clock;
    a cap is a number of invitations (reminders counted) within its days. None means no such rule.
    Whom a survey of higher priority asks within `priority_days` is left to it.
    """

    number = models.PositiveIntegerField(unique=True)
    rest_invited = models.PositiveSmallIntegerField(null=True)
    rest_shown = models.PositiveSmallIntegerField(null=True)
    rest_answered = models.PositiveSmallIntegerField(null=True)
    rest_dismissed = models.PositiveSmallIntegerField(null=True)
    cap_person = models.PositiveSmallIntegerField(null=True)
    cap_person_days = models.PositiveSmallIntegerField(default=365)
    cap_account = models.PositiveSmallIntegerField(null=True)
    cap_account_days = models.PositiveSmallIntegerField(default=30)
    cap_household = models.PositiveSmallIntegerField(null=True)
    cap_household_days = models.PositiveSmallIntegerField(default=90)
    needs_basis = models.BooleanField(default=False)
    priority_days = models.PositiveSmallIntegerField(default=14)
    quiet_from = models.TimeField()
    quiet_until = models.TimeField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["-number"]

    def __str__(self) -> str:
        return f"contact policy {self.number}"


class PolicyException(models.Model):
    """A survey that may ask in spite of some rules of the policy, with the reason, until a day.

    `rules` replaces fields of the policy for this survey {"rest_invited": 7, "cap_account": null}.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="exceptions")
    rules = models.JSONField()
    reason = models.CharField(max_length=300)
    until = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"exception for {self.survey}"


class Clock(models.Model):
    """When somebody was last invited, shown a question, answered and dismissed one.

    Whoever invites holds this row: so no two programmes break a cap together.
    """

    contact = models.OneToOneField(
        Contact, primary_key=True, on_delete=models.CASCADE, related_name="clock"
    )
    invited_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"clock of contact {self.contact_id}"


class Sender(models.Model):
    """A way out and back: a provider of a channel with its settings (encrypted) and its rate."""

    key = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    channel = models.CharField(max_length=16)
    provider = models.CharField(max_length=32)
    address = models.CharField(max_length=320, blank=True)
    settings = models.BinaryField(null=True)
    per_second = models.FloatField(default=10)
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=models.Q(is_default=True),
                name="one_default_sender_per_channel",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SamplingPlan(models.Model):
    """How a sample is drawn from a sampling frame: who is eligible, the strata, how many.

    `frame` filters the contacts {"dimension key": ["label", …]}; `strata` are dimension keys.
    `size` is the number to invite (None: what `half_width` needs at the expected response rate; a
    census invites everybody). `channels` are tried in this order for each contact.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="plans")
    name = models.CharField(max_length=200)
    frame = models.JSONField(default=dict)
    strata = models.JSONField(default=list)
    allocation = models.CharField(max_length=16, default="proportional")
    is_census = models.BooleanField(default=False)
    size = models.PositiveBigIntegerField(null=True)
    half_width = models.FloatField(null=True)
    minimum_per_stratum = models.PositiveIntegerField(default=0)
    expected_rate = models.FloatField(null=True)
    channels = models.JSONField(default=list)
    reminder_days = models.JSONField(default=list)
    open_days = models.PositiveSmallIntegerField(default=30)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class Wave(models.Model):
    """One drawing of a sample, or the touchpoint events of one day of a survey.

    `plan_kept` and `policy_kept` are plan and policy as they were at the drawing, `seed` makes the
    drawing reproducible, `digest` is the hash over its frame slices. What the recipients' zones
    call quiet is respected within `starts_at` … `ends_at`. While it is drawn, `written` counts the
    invitations that are there, and `seen` is the last invitation of others that was heeded.
    """

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="waves")
    version = models.ForeignKey(SurveyVersion, null=True, on_delete=models.PROTECT)
    plan = models.ForeignKey(SamplingPlan, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in WaveKind])
    name = models.CharField(max_length=200)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in WaveState], default=WaveState.DRAFT
    )
    day = models.IntegerField(null=True)
    is_test = models.BooleanField(default=False)
    seed = models.BigIntegerField(default=0)
    digest = models.BinaryField(max_length=32, null=True)
    plan_kept = models.JSONField(default=dict)
    policy_kept = models.JSONField(default=dict)
    frame_size = models.BigIntegerField(default=0)
    eligible = models.BigIntegerField(default=0)
    drawn = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    dry_run = models.JSONField(default=dict)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField(null=True)
    job = models.CharField(max_length=64, blank=True)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["survey", "day", "is_test"],
                condition=models.Q(kind="event"),
                name="one_event_wave_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Stratum(models.Model):
    """A stratum of a wave: how many it holds, and the probability with which each was drawn.

    `wanted` of the `eligible` were to be drawn; the inclusion probability is drawn / eligible.
    """

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="strata")
    number = models.PositiveIntegerField()
    codes = models.JSONField(default=dict)
    label = models.CharField(max_length=300)
    size = models.BigIntegerField(default=0)
    eligible = models.BigIntegerField(default=0)
    wanted = models.BigIntegerField(default=0)
    drawn = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["wave", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wave", "number"], name="stratum_once"),
        ]

    def __str__(self) -> str:
        return self.label


class FrameSlice(models.Model):
    """Up to some tens of thousands of the people of a frame, each with a disposition at the draw.

    Packed arrays in the order of contact ids, compressed: ten million people are a few hundred
    rows. Those drawn have an invitation, where their disposition goes on.
    """

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="slices")
    number = models.PositiveIntegerField()
    first_contact = models.BigIntegerField()
    last_contact = models.BigIntegerField()
    count = models.PositiveIntegerField()
    packed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wave", "number"], name="frame_slice_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["wave", "first_contact"], name="slice_contact")]

    def __str__(self) -> str:
        return f"slice {self.number} of wave {self.wave_id}"


class Invitation(models.Model):
    """One request to one contact in one wave, ending in a disposition.

    `weight` is the base weight in millionths, the inverse of the inclusion probability. It is to be
    sent from `due_at` on. `event` tells apart the events of one contact on one day.
    """

    # `invited_once` begins with the wave: an index of its own would be paid for and never asked.
    wave = models.ForeignKey(
        Wave, on_delete=models.PROTECT, related_name="invitations", db_index=False
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="invitations", db_index=False
    )
    channel = models.PositiveSmallIntegerField()
    stratum = models.PositiveIntegerField(default=0)
    event = models.BigIntegerField(default=0)
    weight = models.BigIntegerField(default=WEIGHT_ONE)
    disposition = models.PositiveSmallIntegerField(default=Disposition.PLANNED)
    score_clicked = models.PositiveSmallIntegerField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    invited_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wave", "contact", "event"], name="invited_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["contact", "invited_at"], name="invitation_contact"),
            models.Index(
                fields=["wave", "due_at", "id"],
                name="invitation_due",
                condition=models.Q(disposition=int(Disposition.PLANNED)),
            ),
            models.Index(
                fields=["wave", "reminders", "invited_at"],
                name="invitation_remindable",
                condition=models.Q(disposition__in=[int(each) for each in REMINDABLE]),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class DispositionChange(models.Model):
    """That the disposition of an invitation was one thing until then, and another since."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="changes")
    was = models.PositiveSmallIntegerField()
    now = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.was} → {self.now} of invitation {self.invitation_id}"


class Delivery(models.Model):
    """One attempt to bring an invitation (or its reminder) to its contact by one sender.

    `run` names the run of a job that took it on, until its outcome has reached the invitation: what
    is left of a run that is no more is settled by the next.
    """

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="deliveries")
    sender = models.ForeignKey(Sender, null=True, on_delete=models.PROTECT)
    number = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(
        max_length=12,
        choices=[(s.value, s.value) for s in DeliveryState],
        default=DeliveryState.QUEUED,
    )
    provider_id = models.CharField(max_length=200, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    run = models.CharField(max_length=48, blank=True, default="", db_default="")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            # 0 is the invitation, 1 its first reminder …: each is sent once.
            models.UniqueConstraint(fields=["invitation", "number"], name="delivered_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["provider_id"],
                name="delivery_provider_id",
                condition=~models.Q(provider_id=""),
            ),
            models.Index(
                fields=["due_at"], name="delivery_due", condition=models.Q(state="queued")
            ),
            models.Index(fields=["run"], name="delivery_run", condition=~models.Q(run="")),
        ]

    def __str__(self) -> str:
        return f"delivery {self.number} of invitation {self.invitation_id}"


class TouchpointEvent(models.Model):
    """Something a customer went through, after which they may be asked once.

    `key` is the event's number where it comes from. Pending until `due_at`; then it has become an
    invitation, or the disposition says why not.
    """

    key = models.CharField(max_length=200)
    touchpoint = models.ForeignKey(Touchpoint, on_delete=models.PROTECT, related_name="events")
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attributes = models.JSONField(default=dict)
    source = models.CharField(max_length=16, default="api")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["touchpoint", "key"], name="event_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["contact", "occurred_at"], name="event_contact"),
        ]

    def __str__(self) -> str:
        return f"event {self.key} at {self.touchpoint_id}"


class EventCase(models.Model):
    """What one survey makes of one event: pending, an invitation, or the reason why not.

    Without an event, it is one customer's coming by (on a site, in an app) on one day.
    """

    event = models.ForeignKey(
        TouchpointEvent, null=True, on_delete=models.CASCADE, related_name="outcomes"
    )
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="event_cases")
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT)
    wave = models.ForeignKey(Wave, null=True, on_delete=models.PROTECT, related_name="event_cases")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL)
    disposition = models.PositiveSmallIntegerField(null=True)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "survey"], name="event_once_per_survey"),
            models.UniqueConstraint(
                fields=["wave", "contact"],
                condition=models.Q(event__isnull=True),
                name="came_by_once_a_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="event_case_due",
                condition=models.Q(disposition__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} for survey {self.survey_id}"


class OpenLink(models.Model):
    """A link, printed code or kiosk that anybody may answer by: from an unknown population."""

    key = models.SlugField(max_length=32, unique=True)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="links")
    name = models.CharField(max_length=200)
    kind = models.CharField(
        max_length=8, choices=[("link", "Web link"), ("qr", "QR code"), ("kiosk", "Kiosk")]
    )
    attributes = models.JSONField(default=dict)
    is_test = models.BooleanField(default=False)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A web site or app of ours that shows the widget: its public key and its secret."""

    key = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    origins = models.JSONField(default=list)
    secret = models.BinaryField()
    needs_signature = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class OutboxMessage(models.Model):
    """A message kept here instead of being sent: the default until a sender is set up.

    `sealed` is the JSON of the message, encrypted with the key of the one it is for. What customers
    send us is kept here too (`direction` is "in"), once for each `provider_id` of its sender.
    """

    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.CASCADE, related_name="kept")
    person = models.BigIntegerField(null=True)
    staff = models.ForeignKey(User, null=True, on_delete=models.CASCADE)
    channel = models.CharField(max_length=16)
    direction = models.CharField(max_length=4, default="out")
    sender = models.ForeignKey(Sender, null=True, on_delete=models.PROTECT, related_name="+")
    provider_id = models.CharField(max_length=200, blank=True, default="")
    sealed = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["person", "channel"], name="outbox_person")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "provider_id"],
                condition=models.Q(direction="in"),
                name="heard_in_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} message {self.pk}"


class ChannelDecision(models.Model):
    """The recorded choice of channels for a segment at a touchpoint, with its evidence."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="channel_decisions")
    segment = models.JSONField(default=dict)
    channels = models.JSONField()
    evidence = models.JSONField(default=dict)
    reason = models.CharField(max_length=300)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"channels of {self.survey}: {', '.join(self.channels)}"
