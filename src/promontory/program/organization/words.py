"""Words: what an audit entry says to a reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from promontory.program.organization.models import AuditEntry

SHOWN_OF_A_VALUE = 24
_VERBS = {
    "commit": "took in",
    "found": "founded",
    "give role": "gave a role to",
    "make": "made",
    "make key": "made",
    "map": "matched the columns of",
    "change settings": "changed the settings of",
    "change password": "changed the password of",
    "revoke key": "revoked",
    "take role": "took away",
}
_THINGS = {
    "customers.dimension": "attribute",
    "organization.apikey": "API key",
    "organization.membership": "role",
    "organization.orgunit": "unit",
    "organization.organization": "the organisation",
    "organization.user": "person",
    "surveys.surveyversion": "survey version",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the audit: the entry, who did it, what, and the particulars."""

    entry: AuditEntry
    who: str
    what: str
    detail: str


def lines(entries: Iterable[AuditEntry], people: Mapping[str, str]) -> list[Line]:
    """Return the entries in words; `people` are names by what the entries call them."""
    return [
        Line(one, people.get(one.by, one.by), _what(one), _detail(one.detail)) for one in entries
    ]


def _what(entry: AuditEntry) -> str:
    """Return the verb and the thing: “Matched the columns of import 4”."""
    verb = _VERBS.get(entry.verb) or _past(entry.verb)
    thing = _THINGS.get(entry.object_type) or entry.object_type.rpartition(".")[2]
    number = "" if thing.startswith("the ") else f" {entry.object_id}"
    return f"{verb[:1].upper()}{verb[1:]} {thing}{number}"


def _past(verb: str) -> str:
    """Return a regular verb in the past."""
    return f"{verb}d" if verb.endswith("e") else f"{verb}ed"


def _detail(detail: Mapping[str, object]) -> str:
    """Return the particulars that say something, as name and value."""
    return " · ".join(
        f"{name.replace('_', ' ')}: {_value(value)}"
        for name, value in detail.items()
        if value not in (None, "", [], {})
    )


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = str(value)
    return text if len(text) <= SHOWN_OF_A_VALUE else f"{text[: SHOWN_OF_A_VALUE - 1]}…"
