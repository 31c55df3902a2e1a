"""What customers' pages say: ways, reasons, where an import stands, what a file would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from promontory.program.customers import codes, queries
from promontory.program.customers.codes import ImportStatus, Way
from promontory.program.customers.models import Consent, Contact, ContactImport, Hold
from promontory.program.customers.rules.consents import ways_of
from promontory.program.customers.rules.reasons import OF_ROWS, sentence

STATUS = {
    ImportStatus.UPLOADED: ("columns to declare", "info"),
    ImportStatus.PREVIEWING: ("rows being judged", "incomplete"),
    ImportStatus.PREVIEWED: ("waiting for your go", "info"),
    ImportStatus.COMMITTING: ("being written", "incomplete"),
    ImportStatus.DONE: ("done", "ok"),
    ImportStatus.CANCELLED: ("cancelled", "skipped"),
    ImportStatus.FAILED: ("refused", "refused"),
}
_NUMBERS = {
    "new": "New contacts",
    "changed": "Brought up to date",
    "unchanged": "As they were",
    "further account": "Further accounts of one person",
    "kept closed": "Ways kept closed, as the person asked",
    "placed": "Holds placed",
    "set apart": "Rows set apart",
    "blank rows": "Blank rows",
    "known": "Known already",
    "further accounts": "Further accounts of one person",
    "refusals": "Say that they must not be asked",
    "would open": "Would open a way that is closed",
    "on contacts": "Holds on contacts",
    "on accounts": "Holds on accounts",
}


@dataclass(frozen=True, slots=True)
class WayLine:
    """How a contact can be reached by one way, in words."""

    name: str
    way: int
    state: str
    kind: str
    is_open: bool
    is_closed: bool
    is_failing: bool


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One line of the consent history in words."""

    what: str
    how: str
    note: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold in words, and whether it stands."""

    hold: Hold
    reason: str
    source: str
    whom: str
    state: str
    kind: str
    stands: bool


def ways(contact: Contact) -> list[WayLine]:
    """Return how a contact can be reached by each way."""
    there = queries.reachable(contact)
    lines = []
    for way, name in codes.WAY_LABELS.items():
        is_closed, is_failing = bool(contact.closed & way), bool(contact.failing & way)
        if is_closed:
            state, kind = "refused", "refused"
        elif not there & way:
            state, kind = "no address", "skipped"
        elif is_failing:
            state, kind = "does not arrive", "warn"
        else:
            state, kind = "open", "ok"
        is_open = kind == "ok"
        lines.append(WayLine(name, int(way), state, kind, is_open, is_closed, is_failing))
    return lines


def ways_sentence(contact: Contact) -> str:
    """Return in one sentence by which ways a contact can be asked."""
    names = [
        line.name if line.name.isupper() else line.name[0].lower() + line.name[1:]
        for line in ways(contact)
        if line.is_open
    ]
    if not names:
        return "This customer cannot be asked by any way."
    said = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"This customer can be asked by {said}."


def consent_line(consent: Consent, names: Mapping[str, str]) -> ConsentLine:
    """Return a line of the consent history in words."""
    which = ", ".join(codes.WAY_LABELS[way] for way in ways_of(consent.ways))
    which = "every way" if consent.ways == Way.ALL else which or "no way"
    if consent.source == "bounce":
        what = f"{which}: {'mended' if consent.is_given else 'does not arrive'}"
    else:
        what = f"{'Allowed' if consent.is_given else 'Refused'}: {which}"
    how = codes.CONSENT_SOURCES.get(consent.source, consent.source)
    if consent.basis:
        how += f" · {codes.BASES[consent.basis].lower()}"
    return ConsentLine(what, how, consent.note, consent.at, names.get(consent.by, consent.by))


def hold_line(hold: Hold, *, at: datetime, whom: str) -> HoldLine:
    """Return a hold in words."""
    if hold.lifted_at is not None:
        state, kind = "lifted", "skipped"
    elif hold.ends_at is not None and hold.ends_at <= at:
        state, kind = "ended", "skipped"
    else:
        state, kind = "stands", "warn"
    return HoldLine(
        hold,
        codes.HOLD_REASONS.get(hold.reason, hold.reason),
        codes.HOLD_SOURCES.get(hold.source, hold.source),
        whom,
        state,
        kind,
        kind == "warn",
    )


def numbers(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return counts with their names, in an order that reads well."""
    return [(name, counts[key]) for key, name in _NUMBERS.items() if counts.get(key)]


def reasons(counts: Mapping[str, int]) -> list[tuple[int, str, str]]:
    """Return why rows are set apart: how many, in words, and what would mend it."""
    lines = []
    for slug, count in sorted(counts.items(), key=lambda each: -each[1]):
        said, remedy = sentence(slug)
        words = f"{'The row' if slug in OF_ROWS else 'A cell'} {said}"
        lines.append((count, words, remedy))
    return lines


def report_reasons(report: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of reasons in an import's report."""
    start = "reason: "
    return {key.removeprefix(start): n for key, n in report.items() if key.startswith(start)}


def ended(source: ContactImport) -> str:
    """Return in one sentence what an import has done."""
    report: Mapping[str, Any] = source.report
    if source.kind == "holds":
        placed = int(report.get("placed", 0))
        if not placed:
            return "No hold was placed: all of them were here already."
        return f"{placed:,} {'hold was' if placed == 1 else 'holds were'} placed."
    new, changed = int(report.get("new", 0)), int(report.get("changed", 0))
    changed += int(report.get("further account", 0))
    if not new and not changed:
        return "Nothing changed: all of it was here already."
    said = f"{new:,} new {'contact' if new == 1 else 'contacts'}"
    return f"{said}, {changed:,} brought up to date." if changed else f"{said}."


def size(count: int) -> str:
    """Return a size in bytes as people say it."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1_000:
            return f"{amount:,.0f} {unit}"
        amount /= 1_000
    return f"{amount:,.1f} GB"
