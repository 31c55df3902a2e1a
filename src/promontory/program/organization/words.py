"""Words: what an audit entry says to a reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from promontory.program.organization.models import AuditEntry

SHOWN_OF_A_VALUE = 24
_VERBS = {
    "allow": "allowed what was refused for",
    "answer as": "played the customer of",
    "begin event wave": "began",
    "bring in": "brought in",
    "call": "called the customer of",
    "cancel draw": "stopped the drawing of",
    "cancel sending": "cancelled the sending of",
    "change contact policy": "made",
    "change sender": "changed",
    "change site": "changed",
    "close link": "closed",
    "decide channels": "decided",
    "draw": "began to draw",
    "drawn": "drew",
    "end default sender": "took the default from",
    "end exception": "ended",
    "give": "handed over",
    "keep out": "kept out",
    "look": "looked at",
    "make default sender": "made the default",
    "make exception": "made",
    "make link": "made",
    "make plan": "made",
    "make site": "made",
    "new secret": "gave a new secret to",
    "note": "wrote a note on",
    "pause sending": "paused the sending of",
    "place": "placed",
    "plan wave": "planned",
    "remove sender": "removed",
    "resume sending": "resumed the sending of",
    "send unknown again": "sent again what was unknown of",
    "settle again": "settled again",
    "start sending": "began to send",
    "stop using": "stopped using",
    "take the file of": "took the file of",
    "try sender": "tried",
    "add sender": "added",
    "upsert": "took in",
    "word": "worded",
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
    "customers.contactimport": "file of customers",
    "organization.apikey": "API key",
    "outreach.channeldecision": "choice of channels",
    "outreach.contactpolicy": "contact policy",
    "outreach.openlink": "open link",
    "outreach.outboxmessage": "message",
    "outreach.policyexception": "exception",
    "outreach.samplingplan": "sampling plan",
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
