"""What is the number."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from promontory.program.surveys.models import Survey


class Method(models.Model):
    """The versioned rule set by which answers become a score; a version never changes.

    `counts_out` is the mask of exclusion reasons that keep an answer out of the score. `cluster`
    says whose answers belong together: "auto" clusters by person where one answers twice, by
    account where the account is known to have several, else not at all.
    """

    survey = models.ForeignKey(Survey, null=True, blank=True, on_delete=models.PROTECT)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    metric = models.CharField(max_length=32, default="nps")
    level = models.DecimalField(max_digits=4, decimal_places=3, default="0.950")
    interval = models.CharField(max_length=20, default="rocks-t")
    cluster = models.CharField(max_length=10, default="auto")
    counts_out = models.IntegerField()
    minimum_base = models.PositiveSmallIntegerField(default=30)
    widest_interval = models.PositiveSmallIntegerField(default=40)
    minimum_group = models.PositiveSmallIntegerField(default=5)
    created_at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["survey", "number"], name="method_version_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"
