"""Who are we, who may see what, what happened."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from promontory.program.organization import access


class Organization(models.Model):
    """The one organisation of this installation; its row has the id 1."""

    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    is_demo = models.BooleanField(default=False)
    minimum_group = models.PositiveSmallIntegerField(default=5)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_organization"),
            models.CheckConstraint(
                condition=models.Q(minimum_group__gte=3), name="minimum_group_at_least_3"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OrgUnit(models.Model):
    """A unit in the organisation's tree; `path` lists the ids from the root, as in /1/4/."""

    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    key = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=500, db_index=True, default="", editable=False)

    class Meta:
        ordering: ClassVar = ["path"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds people by their address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """A person of the organisation who signs in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    language = models.CharField(max_length=16, default="en")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A role of a person, in one unit with all below it, or (no unit) everywhere."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20)
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "unit"], name="membership_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        label = access.ROLES[self.role][0]
        return f"{label} of {self.unit}" if self.unit_id else label


class ApiKey(models.Model):
    """A key for programs; only its digest is kept, and it can do no more than its owner."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditEntry(models.Model):
    """What somebody did; the ledger holds the same words, chained and sealed."""

    at = models.DateTimeField(db_index=True)
    by = models.CharField(max_length=64)
    verb = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
    entry = models.BigIntegerField(unique=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.by} {self.verb} {self.object_type} {self.object_id}"


class KeptAnswer(models.Model):
    """The answer to a write that came with an idempotency key, kept for two days."""

    actor = models.BinaryField(max_length=32, unique=True)
    request = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"kept answer {self.pk}"
