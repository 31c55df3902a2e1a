"""What an import is called at each step, and what set rows apart, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format

from promontory.program.responses.models import Import
from promontory.program.responses.rules import ImportStatus
from promontory.program.responses.rules.judging import SENTENCES
from promontory.tables.values import Verdict

STATUS = {
    ImportStatus.UPLOADED: ("columns to declare", "info"),
    ImportStatus.PREVIEWING: ("rows being judged", "incomplete"),
    ImportStatus.PREVIEWED: ("waiting for your go", "info"),
    ImportStatus.COMMITTING: ("being written", "incomplete"),
    ImportStatus.DONE: ("done", "ok"),
    ImportStatus.CANCELLED: ("cancelled", "skipped"),
    ImportStatus.FAILED: ("refused", "refused"),
}
_OF_ROWS = ("ragged", "unclosed-quote", "not-json", "blank-row")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Counted:
    """A reason why rows were set apart: how many, in words, and what would mend it."""

    rows: int
    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing that is wrong in one row."""

    row: int
    column: str
    cell: str
    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A number about a file, with what it means."""

    name: str
    value: str
    note: str = ""


def plural(count: int, one: str, many: str) -> str:
    """Return the count with its noun."""
    return f"{count:,} {one if count == 1 else many}"


def day(number: int) -> str:
    """Return a local day (days since 1970-01-01) as a date."""
    return date_format(_EPOCH + timedelta(days=number), "j F Y")


def reason(slug: str) -> tuple[str, str]:
    """Return what a reason says and what to do about it, each as a sentence."""
    if slug in SENTENCES:
        said, remedy = SENTENCES[slug]
        if slug in ("too-long", "too-heavy"):
            said = f"a cell {said}"
    else:
        verdict = Verdict.by_slug(slug)
        said, remedy = verdict.sentence, verdict.remedy
        said = f"the row {said}" if slug in _OF_ROWS else f"a cell {said}"
    return said[0].upper() + said[1:], remedy


def counted(reasons: Mapping[str, int]) -> list[Counted]:
    """Return the reasons, the most frequent first."""
    rows = [Counted(count, *reason(slug)) for slug, count in reasons.items()]
    return sorted(rows, key=lambda each: -each.rows)


def samples(found: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """Return what is wrong in the sampled rows, a line for each thing."""
    lines = []
    for one in sorted(found, key=lambda each: int(each["row"])):
        for slug, column, cell, *_ in one["reasons"]:
            lines.append(Sample(one["row"], column, cell, *reason(slug)))
    return lines


def status(source: Import) -> tuple[str, str]:
    """Return where an import stands, in words and as a kind of badge."""
    return STATUS[ImportStatus(source.status)]


def size(count: int) -> str:
    """Return a number of bytes as people say it."""
    if count < 1_000:
        return plural(count, "byte", "bytes")
    for power, unit in ((1_000, "KB"), (1_000_000, "MB")):
        if count < power * 1_000:
            return f"{count / power:,.1f} {unit}"
    return f"{count / 1_000_000_000:,.1f} GB"


def found_in(preview: Mapping[str, Any], *, is_anonymous: bool) -> list[Fact]:
    """Return what the preview found, as facts."""
    counts: Mapping[str, int] = preview["counts"]
    facts = [
        Fact("Rows in the file", f"{counts.get('rows', 0):,}"),
        Fact("Would be stored", f"{counts.get('would be stored', 0):,}"),
        Fact("Set apart", f"{counts.get('rejected', 0) + counts.get('duplicate ids', 0):,}"),
    ]
    if counts.get("blank"):
        facts.append(Fact("Empty rows", f"{counts['blank']:,}", "passed over"))
    if counts.get("already stored"):
        facts.append(Fact("Here already", f"{counts['already stored']:,}", "never stored twice"))
    if preview.get("days"):
        first, last = preview["days"]
        facts.append(
            Fact("Answered", day(first) if first == last else f"{day(first)} – {day(last)}")
        )
    if is_anonymous:
        facts.append(Fact("People", "not looked at", "this survey promises anonymity"))
    elif counts.get("people"):
        new = plural(counts.get("new contacts", 0), "of them new", "of them new")
        facts.append(Fact("People", f"{counts['people']:,}", new))
    if counts.get("without person"):
        facts.append(Fact("Without a person", f"{counts['without person']:,}"))
    return facts


def sentence(preview: Mapping[str, Any]) -> str:
    """Return what a preview found in one sentence."""
    counts: Mapping[str, int] = preview["counts"]
    rows, stored = counts.get("rows", 0), counts.get("would be stored", 0)
    here = counts.get("already stored", 0)
    apart = counts.get("rejected", 0) + counts.get("duplicate ids", 0)
    if not counts.get("good"):
        return f"Not one of {plural(rows, 'row', 'rows')} can become a response."
    if not stored and here:
        return "Every usable row of this file is here already; importing it adds nothing."
    said = f"{stored:,} of {plural(rows, 'row', 'rows')} would become responses"
    if apart:
        said += f"; {plural(apart, 'is', 'are')} set apart, each with its reason"
    return said + "."


def ended(source: Import) -> str:
    """Return what a finished import brought, in one sentence."""
    report: Mapping[str, Any] = source.report
    stored, apart = report.get("stored", 0), report.get("rejected", 0)
    here = report.get("already stored", 0)
    if not stored and here:
        return "Every usable row was here already; nothing was added."
    said = f"{plural(stored, 'response is', 'responses are')} in"
    if here:
        said += f"; {plural(here, 'was', 'were')} here already"
    if apart:
        said += f"; {plural(apart, 'row was', 'rows were')} set apart"
    return said + "."
