"""What we say in each language: the organisation's own texts, and ours where it has none.

Only languages that we ship can be edited. Another one is shown in the nearest that we have, and
in English where there is none; whoever asks is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache

from promontory.errors import NotFound
from promontory.program.surveys.models import Wording
from promontory.program.surveys.rules import texts as shipped
from promontory.program.surveys.rules.texts import DEFAULT, ENGLISH, INFORMAL
from promontory.program.surveys.rules.texts import Language as Language
from promontory.program.surveys.rules.wording import (
    Finding,
    findings_of_language,
    findings_of_own_question,
    findings_of_text,
)

REVIEWED, DRAFT = "reviewed", "draft"
BRAND = "{brand}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands now: what it says, whether it is ours or yours, and who reviewed it."""

    language: str
    register: str
    key: str
    text: str
    english: str
    status: str
    is_own: bool
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    note: str = ""

    @property
    def is_reviewed(self) -> bool:
        return self.status == REVIEWED


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that nobody has reviewed."""

    language: str
    key: str


@dataclass(frozen=True, slots=True)
class Fallback:
    """A language that we have no texts in, and the one that is shown in its place."""

    language: str
    shown_in: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every text in every language asked for, which of them are drafts, and what stands in."""

    texts: dict[str, dict[str, str]]
    drafts: tuple[Draft, ...]
    fallbacks: tuple[Fallback, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The texts for somebody who wishes for a language, and the language they really are in.

    `source` is exact, base (“de” for “de-AT”) or english.
    """

    wished: str
    language: str
    direction: str
    own_name: str
    source: str
    texts: Mapping[str, str]

    @property
    def note(self) -> str:
        """Say in words what stands in, where something does."""
        if self.source == "english":
            return f"Shown in English: there are no texts in “{self.wished}”."
        if self.source == "base":
            name = shipped.languages()[self.language].name
            return f"Shown in {name}: there are no texts in “{self.wished}”."
        return ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """One text, and where it comes from: own or shipped, else base or english as a stand-in."""

    text: str
    language: str
    source: str


def languages() -> tuple[Language, ...]:
    """Return every language that there are texts in, English first, then by name."""
    return tuple(shipped.languages().values())


def language(code: str) -> Language:
    """Return the language of that code."""
    found = shipped.languages().get(code)
    if found is None:
        near = shipped.nearest(code)
        remedy = f"The nearest is “{near}”." if near else "It is shown in English."
        raise NotFound(f"There are no texts in “{code}”.", remedy=remedy)
    return found


def known_key(language: Language, key: str) -> str:
    """Return the key if the language has such a text."""
    if key not in shipped.keys_of(language):
        raise NotFound(f"There is no text “{key}” in {language.name}.")
    return key


def texts_of(language: Language, register: str = DEFAULT) -> dict[str, Text]:
    """Return every text of a language in one register, in the order in which they are read."""
    return texts_among(language, language.register(register), own_rows([language.code]))


def text_of(language: Language, register: str, key: str) -> Text:
    """Return one text of a language."""
    return texts_of(language, register)[known_key(language, key)]


def findings_of(language: Language, found: Mapping[str, Text]) -> list[Finding]:
    """Return what is wrong with a language's texts."""
    if not any(text.is_own for text in found.values()):
        return list(_findings_of_shipped(language.code, _register_of(found)))
    return findings_of_language(language, {key: text.text for key, text in found.items()})


def findings_in(
    found: Mapping[str, Text], language: Language, key: str, text: str
) -> list[Finding]:
    """Return what would be wrong with a text that is not kept yet."""
    return findings_of_text(language, key, text, {k: each.text for k, each in found.items()})


def question_findings(code: str, text: str, *, metric: str = "") -> list[Finding]:
    """Return what is wrong with a survey's own question in a language, if we know the language."""
    found = shipped.languages().get(shipped.nearest(code) or "")
    return findings_of_own_question(found, text, metric=metric) if found else []


def words(tag: str, register: str = DEFAULT) -> Words:
    """Return the texts for somebody who wishes for a language, the brand still open."""
    shown, source = _shown(tag)
    found = texts_among(shown, shown.register(register), own_rows([shown.code]))
    return Words(tag, shown.code, shown.direction, shown.own_name, source, written(found))


@lru_cache(maxsize=256)
def shipped_words(tag: str) -> Words:
    """Return the texts we ship for somebody who wishes for a language, whatever anybody edited.

    It asks no database: for pages that belong to no survey, and behind a published version's own.
    """
    shown, source = _shown(tag)
    found = texts_among(shown, DEFAULT, {})
    return Words(tag, shown.code, shown.direction, shown.own_name, source, written(found))


def resolve(tag: str, register: str, key: str) -> Resolved:
    """Return one text in a language or what stands in for it, and where it comes from."""
    shown, source = _shown(tag)
    found = texts_among(shown, shown.register(register), own_rows([shown.code]))
    text = found[known_key(shown, key)]
    exact = "own" if text.is_own else "shipped"
    said = written(found).get(key, text.text)
    return Resolved(said, shown.code, exact if source == "exact" else source)


def snapshot(languages: Sequence[str], registers: Mapping[str, str]) -> Snapshot:
    """Return the texts of these languages as they are now, for a survey version to keep.

    Forms of the brand are written out; the brand itself is still open, as are a person's name
    and score.
    """
    shown = {tag: _shown(tag) for tag in languages}
    rows = own_rows({language.code for language, _ in shown.values()})
    kept: dict[str, dict[str, str]] = {}
    drafts: list[Draft] = []
    for tag, (language, _) in shown.items():
        found = texts_among(language, language.register(registers.get(tag, DEFAULT)), rows)
        kept[tag] = written(found)
        drafts += [Draft(tag, key) for key, text in found.items() if not text.is_reviewed]
    fallbacks = [
        Fallback(tag, language.code)
        for tag, (language, source) in shown.items()
        if source != "exact"
    ]
    return Snapshot(kept, tuple(drafts), tuple(fallbacks))


Rows = Mapping[tuple[str, str, str], Wording]
"""The organisation's texts by language, register and key."""


def own_rows(codes: Iterable[str] | None = None) -> Rows:
    """Return what the organisation wrote or reviewed, in these languages or in all."""
    kept = Wording.objects.select_related("reviewed_by")
    found = kept.all() if codes is None else kept.filter(language__in=list(codes))
    return {(row.language, row.register, row.key): row for row in found}


def texts_among(language: Language, register: str, rows: Rows) -> dict[str, Text]:
    """Return every text of a language, the organisation's own among them."""
    return {key: _text(language, register, key, rows) for key in shipped.keys_of(language)}


def _text(language: Language, register: str, key: str, rows: Rows) -> Text:
    # Where our text serves both registers, somebody may have written one for the informal alone.
    has_own = register == INFORMAL and (language.code, INFORMAL, key) in rows
    kept_in = INFORMAL if has_own else language.keeps(key, register)
    row = rows.get((language.code, kept_in, key))
    ours = language.shipped(key, register) or shipped.english(key)
    plain = Text(
        language=language.code,
        register=kept_in,
        key=key,
        text=ours,
        english=shipped.english(key),
        status=REVIEWED if language.is_reviewed else DRAFT,
        is_own=False,
        reviewed_by=language.reviewed_by,
    )
    if row is None:
        return plain
    return replace(
        plain,
        text=row.text,
        status=row.status,
        is_own=row.text != ours,
        reviewed_by=row.reviewed_by.name if row.reviewed_by else "",
        reviewed_at=row.reviewed_at,
        note=row.note,
    )


def written(found: Mapping[str, Text]) -> dict[str, str]:
    """Return texts with the forms of the brand written out, and without the forms themselves."""
    forms = {key: text.text for key, text in found.items() if key.startswith(shipped.FORM)}
    return {
        key: shipped.with_forms(text.text, forms) for key, text in found.items() if key not in forms
    }


def _shown(tag: str) -> tuple[Language, str]:
    ours = shipped.languages()
    near = shipped.nearest(tag)
    if near is None:
        return ours[ENGLISH], "english"
    return ours[near], "exact" if near == tag else "base"


def _register_of(found: Mapping[str, Text]) -> str:
    return INFORMAL if any(text.register == INFORMAL for text in found.values()) else DEFAULT


@cache
def _findings_of_shipped(code: str, register: str) -> tuple[Finding, ...]:
    ours = shipped.languages()[code]
    said = {key: ours.shipped(key, register) or "" for key in shipped.keys_of(ours)}
    return tuple(findings_of_language(ours, said))
