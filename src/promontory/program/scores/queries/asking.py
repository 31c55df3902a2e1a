"""Response rates: of those asked, who answered, by channel, stratum, language and wave."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from promontory.errors import NotFound
from promontory.measurement.asking import Chances, Outcomes, Rates, Tried, chances, pooled, rates
from promontory.measurement.sampling import ResponseRate
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.codes import Disposition, WaveKind
from promontory.program.outreach.models import Wave
from promontory.program.outreach.queries import outcomes as outreach
from promontory.program.outreach.queries.outcomes import Part
from promontory.program.responses.models import Response
from promontory.program.scores.queries.source import Source, open_source
from promontory.program.scores.rules.periods import Period
from promontory.program.scores.rules.view import View
from promontory.program.surveys.codes import CHANNEL_LABELS, CHANNELS
from promontory.program.surveys.models import Survey

LATELY = timedelta(days=365)
MOST_LINES = 40
MOST_COUNTED = 100_000
CHANNEL_KEYS = {code: key for key, code in CHANNELS.items()}
_TROUBLE = (
    (Disposition.CLICKED, "Clicked a score, not confirmed"),
    (Disposition.QUARANTINED, "Quarantined: several different scores within seconds"),
    (Disposition.UNDELIVERABLE, "Undeliverable"),
    (Disposition.DELIVERY_UNKNOWN, "Delivery unknown"),
    (Disposition.REFUSED, "Dismissed the question"),
    (Disposition.OPTED_OUT, "Opted out"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """Some of those asked, and the part that answered, wholly or in part (RR2).

    `spread` is the dispersion between the waves put together, which the interval allows for.
    """

    label: str
    outcomes: Outcomes
    rate: ResponseRate
    spread: float
    key: str = ""


@dataclass(frozen=True, slots=True)
class Unframed:
    """Answers that nobody was invited to give; `more` says that there are more than counted."""

    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """The response rates of a survey's waves in some time, or of one wave.

    `unframed` is None where it may not be known which answers came by invitation.
    """

    source: Source
    view: View
    wave: Wave | None
    span: str
    total: Line
    rates: Rates
    channels: tuple[Line, ...]
    strata: tuple[Line, ...]
    languages: tuple[Line, ...]
    waves: tuple[Line, ...]
    chances: Chances
    trouble: tuple[tuple[str, int, float], ...]
    still_open: int
    unframed: Unframed | None

    @property
    def framed(self) -> bool:
        """Whether anybody was asked: only then is there a response rate."""
        return self.total.outcomes.asked > 0


def response_rates(
    viewer: Viewer, view: View, *, at: datetime, wave: int | None = None
) -> ResponseRates:
    """Return who of those asked has answered; without a period, in the last twelve months."""
    viewer.must(Can.SEE_SCORES)
    source = open_source(viewer, view.but(by=(), where=(), segments=None, against=""), at=at)
    first, last, span = _span(view, at)
    waves = outreach.waves_asking(source.survey, first, last, wave)
    if wave is not None and not waves:
        raise NotFound("This survey has no such wave.")
    found = outreach.asked(waves)
    named = {one.pk: one for one in waves}
    by_channel = _lines(found.parts, lambda part: part.channel, _channel_label)
    fold = _folding(source)
    total = line_of("All together", found.parts)
    return ResponseRates(
        source=source,
        view=view.but(survey=source.survey.key),
        wave=waves[0] if wave is not None else None,
        span=waves[0].name if wave is not None else span,
        total=total,
        rates=rates(total.outcomes, spread=total.spread),
        channels=fold(by_channel),
        strata=fold(_lines(found.parts, lambda part: part.group, lambda label: str(label)))
        if any(part.group not in {"", "Everybody"} for part in found.parts)
        else (),
        languages=fold(
            _lines(
                outreach.asked_by_language(waves),
                lambda part: part.group,
                lambda tag: str(tag) or "Not known",
            )
        ),
        waves=() if wave is not None else fold(_by_wave(found.parts, named)),
        chances=chances(_tried(fold(by_channel))),
        trouble=_trouble(found.counts, total.outcomes.asked),
        still_open=found.still_open,
        unframed=None if wave is not None else _unframed(source.survey, first, last),
    )


def _tried(lines: Iterable[Line]) -> dict[str, Tried]:
    return {
        line.label: Tried(line.outcomes.answered, line.outcomes.asked, line.spread)
        for line in lines
        if line.key
    }


def bounds(period: Period) -> tuple[datetime, datetime]:
    """Return the instants between which the days of a period lie, where the organisation is."""
    house = organization.organization()
    zone = ZoneInfo(house.zone if house else "UTC")
    first, after = period.since, period.until + timedelta(days=1)
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)


def _span(view: View, at: datetime) -> tuple[datetime | None, datetime, str]:
    if view.period is not None:
        return *bounds(view.period), view.period.label
    soon = at + timedelta(seconds=1)
    if view.everything:
        return None, soon, "all time"
    return at - LATELY, soon, "the last twelve months"


def _channel_label(code: object) -> str:
    key = CHANNEL_KEYS.get(int(str(code)), "unknown")
    return CHANNEL_LABELS[key]


def line_of(label: str, parts: Sequence[Part], key: str = "") -> Line:
    """Return one line of parts, with what its waves differ by more than chance."""
    waves: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    outcomes = Outcomes()
    for part in parts:
        mine = part.outcomes
        outcomes += mine
        waves[part.wave][0] += mine.answered
        waves[part.wave][1] += mine.asked
    rate, spread = pooled([(answered, asked) for answered, asked in waves.values()])
    return Line(label, outcomes, rate, spread, key)


def _lines(
    parts: Iterable[Part], by: Callable[[Part], object], named: Callable[[object], str]
) -> list[Line]:
    """Return a line for each value of what parts are told apart by, the largest first."""
    mine: dict[object, list[Part]] = defaultdict(list)
    for part in parts:
        mine[by(part)].append(part)
    lines = [line_of(named(key), some, str(key)) for key, some in mine.items()]
    asked = [line for line in lines if line.outcomes.asked]
    return sorted(asked, key=lambda line: (-line.outcomes.asked, line.label))


def _by_wave(parts: Sequence[Part], waves: Mapping[int, Wave]) -> list[Line]:
    """Return a line a drawn wave and a line a month of events, the newest first."""

    def key(part: Part) -> tuple[str, str]:
        wave = waves[part.wave]
        if wave.kind == WaveKind.EVENT and wave.drawn_at is not None:
            return f"{wave.drawn_at:%Y-%m}", f"Events of {wave.drawn_at:%B %Y}"
        return f"{wave.drawn_at:%Y-%m-%d}" if wave.drawn_at else "", wave.name

    mine: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        mine[key(part)].append(part)
    newest = sorted(mine, reverse=True)
    lines = [line_of(name, mine[when, name], when) for when, name in newest]
    return [line for line in lines if line.outcomes.asked]


def _folding(source: Source) -> Callable[[list[Line]], tuple[Line, ...]]:
    """Return what puts lines together that are too small for the viewer, or too many."""
    least = source.sight.minimum_group if source.sight.gated else 0

    def fold(lines: list[Line]) -> tuple[Line, ...]:
        small = [line for line in lines if line.outcomes.asked < least]
        large = [line for line in lines if line.outcomes.asked >= least]
        if small and sum(line.outcomes.asked for line in small) < least and large:
            # Alone they could be told from the total: the smallest of the others joins them.
            joined = min(large, key=lambda line: line.outcomes.asked)
            large.remove(joined)
            small.append(joined)
        large, small = large[:MOST_LINES], [*small, *large[MOST_LINES:]]
        if not small:
            return tuple(large)
        whole = Outcomes()
        for line in small:
            whole += line.outcomes
        rate, spread = pooled([(one.outcomes.answered, one.outcomes.asked) for one in small])
        return (*large, Line(f"{len(small)} smaller ones together", whole, rate, spread))

    return fold


def _trouble(counts: Mapping[int, int], asked: int) -> tuple[tuple[str, int, float], ...]:
    found = Counter(counts)
    return tuple(
        (label, found[int(code)], found[int(code)] / asked)
        for code, label in _TROUBLE
        if found[int(code)]
    )


def _unframed(survey: Survey, first: datetime | None, last: datetime) -> Unframed | None:
    """Count the answers that no invitation led to; under an anonymous promise nobody knows."""
    if survey.promise == "anonymous":
        return None
    visible = Q(source=None) | Q(source__closed_by__isnull=False)
    alone = Response.objects.filter(visible, survey=survey, invitation=None, answered_at__lt=last)
    if first is not None:
        alone = alone.filter(answered_at__gte=first)
    count = alone.order_by().values("pk")[: MOST_COUNTED + 1].count()
    return Unframed(min(count, MOST_COUNTED), count > MOST_COUNTED)
