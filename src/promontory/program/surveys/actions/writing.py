"""Writing a version's questions, and fixing its wording at publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from promontory.errors import Conflict
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Viewer
from promontory.program.surveys.models import Question, SurveyVersion
from promontory.program.surveys.queries import wording
from promontory.program.surveys.rules.questions import NewQuestion
from promontory.program.surveys.rules.standard import standard_texts


def fill_questions(version: SurveyVersion, questions: Sequence[NewQuestion]) -> None:
    """Write the questions of a version that has none."""
    Question.objects.bulk_create(
        Question(
            version=version,
            position=position,
            key=question.key,
            kind=question.kind,
            metric=question.metric,
            text=question.text,
            texts=dict(question.texts),
            options=[dict(option) for option in question.options],
            is_required=question.is_required,
            show_if=dict(question.show_if),
        )
        for position, question in enumerate(questions, start=1)
    )


def take_snapshot(version: SurveyVersion, *, reason: str, by: Viewer, at: datetime) -> None:
    """Copy every text in every language into the version, as it is now.

    A text in draft needs the reason for which it goes live unreviewed; who gave it is kept.
    """
    taken = wording.snapshot(version.languages, version.registers)
    if taken.drafts and not reason.strip():
        languages = ", ".join(sorted({draft.language for draft in taken.drafts}))
        raise Conflict(
            f"Nobody has reviewed the wording in {languages}.",
            remedy="Have it reviewed under Settings → Wording, or give a reason to publish it.",
        )
    # The brand goes in too: renamed later, the customers of this version had seen the old one.
    founded = organization.organization()
    brand = version.survey.brand or (founded.name if founded else "us")
    version.wording = {
        language: {key: text.replace("{brand}", brand) for key, text in texts.items()}
        for language, texts in taken.texts.items()
    }
    version.overrides = [
        {
            "language": draft.language,
            "key": draft.key,
            "by": by.by,
            "at": at.isoformat(),
            "reason": reason.strip(),
        }
        for draft in taken.drafts
    ]
    version.save(update_fields=["wording", "overrides"])
    for question in version.questions.all():
        texts = standard_texts(question.metric, question.text, version.wording)
        if texts:
            question.texts = {**texts, **question.texts}
            if question.metric == "nps":
                question.text = texts.get(version.languages[0], question.text)
            question.save(update_fields=["text", "texts"])
