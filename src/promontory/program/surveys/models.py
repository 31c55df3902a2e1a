"""What do we ask, and where in the journey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from promontory.program.surveys import rules
from promontory.program.surveys.codes import SCALES


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
    """What is asked of customers on one occasion, and what they are promised about it.

    The lower its `priority`, the earlier a survey comes when two want the same customer. A
    relationship survey comes round every `cadence_days`; a transactional one is asked
    `delay_minutes` after its touchpoint. `owner` hears of low scores. Closed, it asks nobody.
    """

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=[(k, k) for k in rules.KINDS])
    promise = models.CharField(max_length=16, choices=[(p, p) for p in rules.PROMISES])
    touchpoint = models.ForeignKey(Touchpoint, null=True, blank=True, on_delete=models.PROTECT)
    owner = models.ForeignKey(
        "organization.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    brand = models.CharField(max_length=100, blank=True)
    priority = models.PositiveSmallIntegerField(default=100)
    cadence_days = models.PositiveSmallIntegerField(null=True, blank=True)
    delay_minutes = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class SurveyVersion(models.Model):
    """The unchangeable wording and order of a survey from one day on.

    `wording` is the text of every key in every language as it was at publication {language: {key:
    text}}; `registers` {language: formal or informal}; `overrides` say which drafts went live, by
    whom and why. Unpublished (`published_at` is None), it is a draft and may change.
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    languages = models.JSONField(default=list)
    registers = models.JSONField(default=dict)
    wording = models.JSONField(default=dict)
    overrides = models.JSONField(default=list)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["survey", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["survey", "number"], name="survey_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} v{self.number}"


class Question(models.Model):
    """One question of a survey version; `metric` names the metric its answers feed, if any.

    `text` is what it says in the survey's first language, `texts` in others {language: text}.
    `options` are the choices [{"value": 1, "key": "price", "text": "…", "texts": {…}}]; the answer
    of a choice is its value. It is shown unless `show_if` ({"question": key, "values": [0, 1]})
    names an earlier question whose answer is none of these.
    """

    version = models.ForeignKey(SurveyVersion, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=64)
    kind = models.CharField(max_length=16, choices=[(k, k) for k in rules.QUESTION_KINDS])
    metric = models.CharField(max_length=32, blank=True)
    text = models.CharField(max_length=500)
    texts = models.JSONField(default=dict)
    options = models.JSONField(default=list)
    is_required = models.BooleanField(default=False)
    show_if = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["version", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "key"], name="question_key_once"),
            models.UniqueConstraint(fields=["version", "position"], name="question_position_once"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def scale(self) -> tuple[int, int] | None:
        """The lowest and highest answer; None for a choice, a text, and a scale of an import."""
        if self.kind == "yes_no":
            return SCALES["yes_no"]
        return SCALES.get(self.metric) if self.kind == "scale" else None

    @property
    def is_askable(self) -> bool:
        """Whether it can be put to a customer; a scale that an import brought cannot."""
        return self.kind != "scale" or self.scale is not None

    @property
    def possible(self) -> list[int] | None:
        """The answers there are; None for a text."""
        if self.kind == "choice":
            return [int(option["value"]) for option in self.options]
        return list(range(self.scale[0], self.scale[1] + 1)) if self.scale else None

    def follows(self, answers: Mapping[str, int | None]) -> bool:
        """Return whether it is asked after these answers (question key → answer)."""
        if not self.show_if:
            return True
        return answers.get(self.show_if["question"]) in self.show_if["values"]

    def text_in(self, language: str) -> str:
        """Return what it says in a language, or in the survey's first one."""
        return str(self.texts.get(language) or self.text)


class Wording(models.Model):
    """A text of the organisation's own, or its verdict on one of ours, in one language.

    `status` is draft or reviewed; edited, a text is a draft again.
    """

    language = models.CharField(max_length=16)
    register = models.CharField(max_length=10, blank=True)
    key = models.CharField(max_length=64)
    text = models.TextField()
    status = models.CharField(max_length=10, default="draft")
    reviewed_by = models.ForeignKey(
        "organization.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["language", "register", "key"], name="wording_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language}{self.register and ' ' + self.register})"
