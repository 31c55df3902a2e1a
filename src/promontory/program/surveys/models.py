"""What do we ask, and where in the journey."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from promontory.program.surveys import rules


class Journey(models.Model):
    """The way of a customer with us, as a row of touchpoints."""

    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class Touchpoint(models.Model):
    """A moment in a journey after which a customer may be asked."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="touchpoints")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["journey", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["journey", "position"], name="one_touchpoint_per_position"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Survey(models.Model):
    """What is asked of customers on one occasion, and what they are promised about it."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=[(k, k) for k in rules.KINDS])
    promise = models.CharField(max_length=16, choices=[(p, p) for p in rules.PROMISES])
    touchpoint = models.ForeignKey(Touchpoint, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class SurveyVersion(models.Model):
    """The unchangeable wording and order of a survey from one day on."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["survey", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} v{self.number}"


class Question(models.Model):
    """One question of a survey version; `metric` names the metric its answers feed, if any."""

    version = models.ForeignKey(SurveyVersion, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=64)
    kind = models.CharField(max_length=16, choices=[(k, k) for k in rules.QUESTION_KINDS])
    metric = models.CharField(max_length=32, blank=True)
    text = models.CharField(max_length=500)

    class Meta:
        ordering: ClassVar = ["version", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "key"], name="question_key_once"),
            models.UniqueConstraint(fields=["version", "position"], name="question_position_once"),
        ]

    def __str__(self) -> str:
        return self.text
