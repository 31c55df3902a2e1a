"""Words and tables of response rates: the sentence first, then the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from promontory.charts import words
from promontory.measurement import Effect
from promontory.measurement.metrics import Metric
from promontory.measurement.sampling import ResponseRate
from promontory.program.customers.models import DimensionValue
from promontory.program.outreach.models import ChannelDecision
from promontory.program.scores.queries.asking import Line, ResponseRates
from promontory.program.scores.queries.modes import Modes
from promontory.program.scores.queries.proposals import SURE, Proposal
from promontory.program.scores.rules.periods import number_of, period_of
from promontory.program.scores.rules.view import View
from promontory.program.surveys.codes import CHANNEL_LABELS

MOST_MONTHS = 12
_WIDER = 1.5


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of rates, ready to be shown."""

    label: str
    rate: str
    span: str
    complete: str
    refused: str
    asked: str


@dataclass(frozen=True, slots=True)
class RateTable:
    """One table of rates, told apart by one thing."""

    title: str
    head: str
    rows: tuple[Row, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ModeRow:
    """One channel against another, ready to be shown."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A proposal as the page shows it, with what its form begins with."""

    label: str
    value: str
    standing: str
    sentence: str
    decided: str
    first: str
    then: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on channels as the page shows it."""

    made: ChannelDecision
    segment: str
    channels: str
    evidence: str


def percent(rate: ResponseRate) -> str:
    """Return a rate in percent; a dash where nobody was asked."""
    return words.EM_DASH if rate.value is None else words.percent(100 * rate.value)


def span(rate: ResponseRate) -> str:
    """Return the interval of a rate as “29.0–33.1 %”."""
    if rate.low is None or rate.high is None:
        return ""
    return f"{words.decimal(100 * rate.low)}–{words.decimal(100 * rate.high)}\u00a0%"


def of_rates(found: ResponseRates) -> str:
    """Say how many of those asked answered, and whether a channel stands out."""
    if not found.framed:
        return f"Nobody was invited in {found.span}: there is no response rate."
    rate = found.total.rate
    asked = found.total.outcomes.asked
    said = f"{percent(rate)} of the {asked:,} invited answered ({span(rate)})."
    if found.still_open:
        said += f" {found.still_open:,} more may still answer."
    return said


def of_channels(found: ResponseRates) -> str:
    """Say whether one channel is answered more often than the others."""
    told = [line for line in found.channels if line.key]
    if len(told) < 2 or found.chances.leader is None:
        return "By one channel only: there is none to compare it with." if told else ""
    leader = found.chances.leader
    chance = found.chances.best[leader]
    others = "the others" if len(told) > 2 else next(x.label for x in told if x.label != leader)
    if chance >= SURE:
        return (
            f"{leader} is answered more often than {others} ({_sure(chance)} sure). These are "
            "different customers: it shows where answers come from, not what a change would bring."
        )
    return f"No channel stands out: that {leader} is answered most is {_sure(chance)} sure."


def _sure(chance: float) -> str:
    return "more than 99.9\u00a0%" if chance > 0.999 else words.percent(100 * chance, 0)


def of_unframed(found: ResponseRates) -> str:
    """Say how many answers came without an invitation, and what that means."""
    if found.wave is not None:
        return ""
    if found.unframed is None:
        return (
            "Under the promise of anonymity no answer is linked to its invitation, so answers by "
            "open links are not told apart here."
        )
    if not found.unframed.count:
        return ""
    many = f"{'More than ' if found.unframed.more else ''}{found.unframed.count:,}"
    verb = "answer comes" if many == "1" else "answers come"
    return (
        f"{many} {verb} from an unknown population: open links, printed codes, kiosks, imported "
        "history. How many could have answered is not known, so they have no response rate."
    )


def standard(found: ResponseRates) -> list[tuple[str, str]]:
    """Return the rates by the standard definitions, in words."""
    rates = found.rates
    named = (
        ("Complete answers, of all asked (RR1)", rates.rr1),
        ("Complete or partial, of all asked (RR2)", rates.rr2),
        ("Complete or partial, without those whose address failed (RR6)", rates.rr6),
        ("Reached: answered, refused or otherwise heard from (CON1)", rates.contact1),
        ("Of those reached, answered (COOP2)", rates.cooperation2),
        ("Refused: dismissed or opted out (REF1)", rates.refusal1),
    )
    return [(name, f"{percent(rate)} ({span(rate)})") for name, rate in named if rate.asked]


def tables(found: ResponseRates) -> list[RateTable]:
    """Return the tables of rates that have something to tell apart."""
    given = (
        ("By channel", "Channel", found.channels, 1),
        ("By wave", "Wave", found.waves, 2),
        ("By language", "Language of the customer", found.languages, 2),
        ("By stratum", "Stratum", found.strata, 1),
    )
    return [
        RateTable(title, head, tuple(_row(line) for line in lines), _note(lines))
        for title, head, lines, least in given
        if len(lines) >= least
    ]


def _row(line: Line) -> Row:
    done = line.outcomes
    return Row(
        line.label,
        percent(line.rate),
        span(line.rate),
        f"{done.complete:,}",
        f"{done.refused:,}",
        f"{done.asked:,}",
    )


def _note(lines: Sequence[Line]) -> str:
    """Say where waves differ so much that the intervals had to be widened."""
    wide = [line.label for line in lines if line.spread >= _WIDER]
    if not wide:
        return ""
    return (
        f"Its waves differ by more than chance, which the interval allows for: {', '.join(wide)}."
    )


def trouble(found: ResponseRates) -> list[tuple[str, str, str]]:
    """Return what went otherwise, with its number and its share of those asked."""
    return [(label, f"{n:,}", words.percent(100 * share)) for label, n, share in found.trouble]


def mode_rows(modes: Modes) -> list[ModeRow]:
    """Return each channel against the one most have answered by, in words."""
    rows = []
    for one in modes.effects:
        metric = one.raw.metric
        if modes.within:
            parts = [_value(one.raw.value, metric), *_effect(one.effect, metric)]
            parts.append(_value(None if one.mix is None else one.mix.value, metric))
        else:
            parts = [_value(one.raw.value, metric), _ends(one.raw.low, one.raw.high, metric)]
        rows.append(ModeRow(f"{one.mode} against {one.reference}", tuple(parts)))
    return rows


def _effect(effect: Effect | None, metric: Metric) -> list[str]:
    if effect is None:
        return ["cannot be told", ""]
    return [_value(effect.value, metric), _ends(effect.low, effect.high, metric)]


def _value(value: float | None, metric: Metric) -> str:
    return words.EM_DASH if value is None else words.decimal(value, metric.decimals, signed=True)


def _ends(low: float | None, high: float | None, metric: Metric) -> str:
    return "" if low is None or high is None else f"{_value(low, metric)} to {_value(high, metric)}"


def cards(found: Sequence[Proposal]) -> list[Card]:
    """Return proposals as the page shows them: what is proposed is what its form begins with."""
    made = []
    for one in found:
        order = (one.order if one.standing == "clear" else one.decided or one.order) or ("email",)
        made.append(
            Card(
                label=one.label,
                value=next(iter(one.segment.values()), ""),
                standing=one.standing if one.lines else "none",
                sentence=one.sentence,
                decided=", then ".join(CHANNEL_LABELS[key] for key in one.decided or ()),
                first=order[0],
                then=tuple(order[1:]),
                reason=one.sentence[:300] if one.standing == "clear" else "",
            )
        )
    return made


def periods(view: View, *, at: datetime) -> list[tuple[str, str]]:
    """Return the periods a page offers: the last months, the years, all."""
    today = number_of(at.date())
    months = [period_of("month", today)]
    while len(months) < MOST_MONTHS:
        months.append(months[-1].before())
    years = [period_of("year", today)]
    years.append(years[0].before())
    offered = [*months, *years]
    if view.period is not None and view.period not in offered:
        offered.append(view.period)
    named = [(one.text, one.label[:1].upper() + one.label[1:]) for one in offered]
    return [("", "The last twelve months"), ("all", "All time"), *named]


def of_proposals(found: Sequence[Proposal]) -> str:
    """Say how many segments speak clearly for another channel than the one decided."""
    everybody, *segments = found
    if not everybody.lines:
        return "Nobody has been asked by a channel that can be chosen: there is no evidence yet."
    clear = sum(one.is_new for one in segments)
    if segments and clear:
        return (
            f"In {clear} of {len(segments)} segments one channel is clearly answered most and is "
            "not decided on yet."
        )
    if segments:
        return "No segment speaks clearly for another channel than it is asked by first."
    return everybody.sentence


def decisions(made: Iterable[ChannelDecision]) -> list[Decision]:
    """Return decisions with their segments named, in two queries."""
    rows = list(made)
    ids = {int(key) for one in rows for key in one.segment}
    values = DimensionValue.objects.filter(
        dimension__in=ids, code__in={code for one in rows for code in one.segment.values()}
    ).select_related("dimension")
    names = {(v.dimension_id, v.code): f"{v.dimension.label} {v.label}" for v in values}
    return [
        Decision(
            one,
            ", ".join(names.get((int(k), c), f"{k}: {c}") for k, c in one.segment.items())
            or "Everybody",
            ", then ".join(CHANNEL_LABELS.get(c, c) for c in one.channels),
            _evidence(one),
        )
        for one in rows
    ]


def _evidence(one: ChannelDecision) -> str:
    """Say the evidence kept with a decision."""
    told = one.evidence.get("channels", {})
    parts = [
        f"{CHANNEL_LABELS.get(key, key)} {words.percent(100 * rate['value'], 0)} of "
        f"{rate['asked']:,}"
        for key, rate in told.items()
    ]
    return ", ".join(parts) or "Nobody had been asked."
