"""Write a text of one's own, say that a text is right, go back to the one we ship."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from promontory.errors import BadInput, Conflict, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.surveys.models import Wording
from promontory.program.surveys.queries import wording
from promontory.program.surveys.queries.wording import DRAFT, REVIEWED, Text
from promontory.program.surveys.rules.texts import INFORMAL, Language
from promontory.program.surveys.rules.wording import REFUSE, Finding


@transaction.atomic
def put_text(
    language: Language,
    *,
    key: str,
    text: str,
    register: str = "",
    note: str = "",
    was: str | None = None,
    by: Viewer,
    at: datetime,
) -> Text:
    """Say a thing in the organisation's own words; the text is a draft until it is reviewed.

    `was` is the text that the writer saw; if somebody changed it since, nothing is written.
    """
    by.must(Can.MANAGE_SURVEYS)
    register = _register(language, register)
    found = wording.texts_of(language, register)
    before = found[wording.known_key(language, key)]
    said = " ".join(text.split())
    if was is not None and was != before.text:
        raise Conflict(
            "Somebody changed this text meanwhile.", remedy="Read it again, then write yours."
        )
    _refuse_what_is_wrong(wording.findings_in(found, language, key, said))
    if said == before.text:
        return before
    row = _row(language, register, key)
    row.text, row.note = said, note.strip()
    row.status, row.reviewed_by, row.reviewed_at = DRAFT, None, None
    row.changed_at, row.changed_by = at, by.by
    row.save()
    detail = {**_place(row), "before": before.text, "after": row.text, "note": row.note}
    audit("word", row, by=by, at=at, detail=detail)
    return wording.text_of(language, register, key)


@transaction.atomic
def review_texts(
    language: Language,
    *,
    keys: Sequence[str] | None = None,
    register: str = "",
    was: str | None = None,
    by: Viewer,
    at: datetime,
) -> int:
    """Say that these texts are right, or all of a language's that are drafts; return how many.

    `was` is the text that the reviewer read, where it is one.
    """
    by.must(Can.MANAGE_SURVEYS)
    if by.user_id is None:
        raise BadInput("A review needs a person.", remedy="Sign in, or use a key of your own.")
    register = _register(language, register)
    found = wording.texts_of(language, register)
    wanted = [found[wording.known_key(language, key)] for key in (keys or found)]
    if was is not None and [text.text for text in wanted] != [was]:
        raise Conflict("Somebody changed this text meanwhile.", remedy="Read it again.")
    drafts = [text for text in wanted if not text.is_reviewed]
    for draft in drafts:
        _refuse_what_is_wrong(wording.findings_in(found, language, draft.key, draft.text))
    rows = [_reviewed(language, draft, by=by, at=at) for draft in drafts]
    for row in rows:
        row.save()
    if rows:
        detail = {
            "language": language.code,
            "register": register,
            "keys": [row.key for row in rows],
        }
        audit("review", rows[0], by=by, at=at, detail=detail)
    return len(rows)


@transaction.atomic
def restore_text(
    language: Language, *, key: str, register: str = "", by: Viewer, at: datetime
) -> Text:
    """Go back to the text we ship; what was written in its place stays in the audit."""
    by.must(Can.MANAGE_SURVEYS)
    before = wording.text_of(language, _register(language, register), key)
    row = Wording.objects.filter(language=language.code, register=before.register, key=key).first()
    if row is not None:
        audit("restore", row, by=by, at=at, detail={**_place(row), "before": row.text})
        row.delete()
    return wording.text_of(language, register, key)


def _register(language: Language, register: str) -> str:
    if register and register not in language.registers:
        raise BadInput(
            f"{language.name} has no register “{register}”.",
            remedy=f"It has: {', '.join(language.registers)}.",
            place=Place(field="register"),
        )
    return language.register(register)


def _refuse_what_is_wrong(findings: Sequence[Finding]) -> None:
    for finding in findings:
        if finding.level == REFUSE:
            raise BadInput(
                f"{finding.key}: {finding.sentence}",
                remedy=finding.remedy,
                place=Place(field="text"),
            )


def _row(language: Language, register: str, key: str) -> Wording:
    """Return the row of a text, locked, or a new one for the register that was asked for."""
    kept = Wording.objects.select_for_update().filter(language=language.code, key=key)
    row = kept.filter(register=register).first()
    return row or Wording(language=language.code, register=register, key=key)


def _reviewed(language: Language, text: Text, *, by: Viewer, at: datetime) -> Wording:
    row = _row(language, text.register, text.key)
    row.text, row.note, row.status = text.text, text.note, REVIEWED
    row.reviewed_by_id, row.reviewed_at = by.user_id, at
    row.changed_at, row.changed_by = at, by.by
    return row


def _place(row: Wording) -> dict[str, str]:
    register = INFORMAL if row.register == INFORMAL else ""
    return {"language": row.language, "register": register, "key": row.key}
