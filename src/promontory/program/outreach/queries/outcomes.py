"""How those asked ended, by channel, stratum, language or attribute: what response rates rest on.

Who opened a page, or clicked without confirming, is not taken for reached: mail scanners do both.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Func, IntegerField, TextField, Value
from django.db.models.functions import Cast

from promontory.measurement.asking import Outcomes
from promontory.program.customers.models import Dimension
from promontory.program.outreach.codes import OPEN, VOID, Disposition
from promontory.program.outreach.models import Invitation, Stratum, Wave
from promontory.program.outreach.queries.suppression import MOST_WAVES, asking
from promontory.program.surveys.models import Survey

GROUPS: Mapping[Disposition, str] = {
    Disposition.ANSWERED: "complete",
    Disposition.PARTIAL: "partial",
    Disposition.REFUSED: "refused",
    Disposition.OPTED_OUT: "refused",
    Disposition.QUARANTINED: "other",
    Disposition.DELIVERY_UNKNOWN: "unknown",
    Disposition.UNDELIVERABLE: "unknown",
    Disposition.SENT: "not_reached",
    Disposition.DELIVERED: "not_reached",
    Disposition.SHOWN: "not_reached",
    Disposition.CLICKED: "not_reached",
    Disposition.NO_ANSWER: "not_reached",
}
"""The group of AAPOR's standard definitions that each disposition of somebody asked falls in."""

NEVER_ASKED = VOID | {Disposition.NOT_DRAWN, Disposition.PLANNED}

Counts = Mapping[int, int]
"""How many invitations have each disposition."""


def outcomes_of(counts: Counts) -> Outcomes:
    """Return dispositions in the groups of the standard definitions; who was not asked is out."""
    sums: Counter[str] = Counter()
    for code, n in counts.items():
        if code not in NEVER_ASKED:
            sums[GROUPS[Disposition(code)]] += n
    return Outcomes(**sums)


@dataclass(frozen=True, slots=True)
class Part:
    """The invitations of one wave by one channel in one group, by disposition."""

    wave: int
    channel: int
    group: str
    counts: Counts

    @property
    def outcomes(self) -> Outcomes:
        return outcomes_of(self.counts)


@dataclass(frozen=True, slots=True)
class Asked:
    """Those asked in some waves, by channel and stratum."""

    waves: tuple[Wave, ...]
    parts: tuple[Part, ...]

    @property
    def counts(self) -> Counts:
        """Every invitation by its disposition."""
        found: Counter[int] = Counter()
        for part in self.parts:
            found.update(part.counts)
        return found

    @property
    def still_open(self) -> int:
        """How many of those asked may still answer."""
        waiting = OPEN - {Disposition.PLANNED, Disposition.PARTIAL}
        return sum(n for code, n in self.counts.items() if code in waiting)


def waves_asking(
    survey: Survey, first: datetime | None, last: datetime, wave: int | None = None
) -> tuple[Wave, ...]:
    """Return the newest waves of a survey that asked in some time, or the one that is named."""
    found = asking(survey, first or datetime(1970, 1, 1, tzinfo=UTC), last)
    if wave is not None:
        found = Wave.objects.filter(pk=wave, survey=survey, drawn_at__isnull=False)
    return tuple(found.order_by("-drawn_at")[:MOST_WAVES])


def asked(waves: Sequence[Wave]) -> Asked:
    """Return those asked in these waves, by channel and by the label of their stratum."""
    ids = [wave.pk for wave in waves]
    strata = Stratum.objects.filter(wave__in=ids).values_list("wave", "number", "label")
    labels = {(wave, number): label for wave, number, label in strata}
    rows = _counted(ids, "channel", "stratum")
    named: dict[tuple[int, int, str], Counter[int]] = defaultdict(Counter)
    for wave, channel, stratum, code, n in rows:
        named[wave, channel, labels.get((wave, stratum), "")][code] += n
    return Asked(tuple(waves), tuple(Part(*key, dict(found)) for key, found in named.items()))


def asked_by_language(waves: Sequence[Wave]) -> tuple[Part, ...]:
    """Return those asked in these waves by the language of the contact."""
    return _parts(_counted([wave.pk for wave in waves], "channel", "contact__language"))


def asked_by(waves: Sequence[Wave], dimension: Dimension) -> tuple[Part, ...]:
    """Return those asked in these waves by an attribute of the contact, as it is now.

    The group of each part is the code as text; "0" where it is not known.
    """
    rows = _counted([wave.pk for wave in waves], "channel", code=_code(dimension))
    return _parts([(wave, channel, str(c or 0), d, n) for wave, channel, c, d, n in rows])


def _code(dimension: Dimension) -> Func:
    """Return the code of an attribute as an expression: its key is a number, and no index."""
    whole, key = F("contact__attributes"), str(dimension.pk)
    if connection.vendor == "sqlite":
        path = Value(f'$."{key}"')
        return Func(whole, path, function="JSON_EXTRACT", output_field=IntegerField())
    text = Func(whole, Value(key), function="jsonb_extract_path_text", output_field=TextField())
    return Cast(text, IntegerField())


def _parts(rows: Sequence[tuple[Any, ...]]) -> tuple[Part, ...]:
    named: dict[tuple[int, int, str], Counter[int]] = defaultdict(Counter)
    for wave, channel, group, code, n in rows:
        named[wave, channel, str(group or "")][code] += n
    return tuple(Part(*key, dict(found)) for key, found in named.items())


def _counted(waves: Sequence[int], *by: str, **made: Any) -> list[tuple[Any, ...]]:
    """Count the invitations of waves by wave, these columns and disposition: one statement."""
    found = Invitation.objects.filter(wave__in=waves).order_by().annotate(**made)
    return list(found.values_list("wave", *by, *made, "disposition").annotate(n=Count("pk")))
