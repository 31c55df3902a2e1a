"""By which channel to ask a segment first: proposed from observed response rates, with evidence.

The rates are observed, not the result of a trial: whoever was asked by text may differ from who was
asked by mail. That is said with every proposal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from promontory.charts import words
from promontory.errors import BadInput, NotAllowed, Place
from promontory.measurement.asking import Tried, chances
from promontory.program.customers import queries as customers
from promontory.program.customers.models import Dimension
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.queries import choosing
from promontory.program.outreach.queries import outcomes as outreach
from promontory.program.outreach.queries.outcomes import Part
from promontory.program.scores.queries.asking import CHANNEL_KEYS, Line, line_of
from promontory.program.scores.queries.source import open_source
from promontory.program.scores.rules.view import View
from promontory.program.surveys.codes import CHANNEL_LABELS
from promontory.program.surveys.models import Survey

RECENT = timedelta(days=400)
SENT_BY = ("email", "sms", "ivr", "letter")
"""The channels by which we go to a customer; by the others customers come to us."""
SURE = 0.95
FEWEST = 50
MOST_SEGMENTS = 60

Standing = Literal["clear", "close", "thin", "one"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the rates of one segment speak for.

    `order` are the channels, the most answered first; `chance` is how sure the first one is.
    `standing` is clear where that is enough to propose it, close where it is not, thin where too
    few were asked by a second channel, one where there is no second. `decided` is what holds now.
    """

    segment: Mapping[str, str]
    label: str
    code: int
    lines: tuple[Line, ...]
    best: Mapping[str, float]
    order: tuple[str, ...]
    chance: float
    standing: Standing
    decided: tuple[str, ...] | None
    since: datetime
    until: datetime

    @property
    def is_new(self) -> bool:
        """Whether it speaks clearly for another channel than the one that is decided."""
        return self.standing == "clear" and (self.decided or ("",))[0] != self.order[0]

    @property
    def sentence(self) -> str:
        """Say the evidence, and what it speaks for."""
        if not self.lines:
            return "Nobody here has been asked by a channel that can be chosen."
        told = " against ".join(_told(line) for line in self.lines[:3])
        name = CHANNEL_LABELS[self.order[0]]
        place = "everywhere" if not self.segment else f"in {self.label}"
        if self.standing == "clear":
            return f"{told}: ask by {name} first {place}."
        if self.standing == "close":
            return f"{told}: too close to call ({words.percent(100 * self.chance, 0)} for {name})."
        if self.standing == "thin":
            return f"{told}: too few were asked by a second channel to tell."
        return f"{told}: there is no other channel to compare it with."

    @property
    def evidence(self) -> dict[str, Any]:
        """The evidence as it is kept with a decision."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "rate": "RR2",
            "observed": "not a trial: who was asked by one channel may differ from the others",
            "standing": self.standing,
            "channels": {
                line.key: {
                    "answered": line.outcomes.answered,
                    "asked": line.outcomes.asked,
                    "value": line.rate.value,
                    "low": line.rate.low,
                    "high": line.rate.high,
                    "dispersion": line.spread,
                    "chance_best": self.best.get(line.key),
                }
                for line in self.lines
            },
        }


def channel_proposals(
    viewer: Viewer, survey_key: str, *, by: str = "", at: datetime
) -> tuple[Survey, tuple[Proposal, ...]]:
    """Return what the rates of the last thirteen months speak for: for everybody, and by segment.

    `by` names an attribute of customers; each of its values is a segment, the largest first.
    Where some waves asked by several channels, only those count: what is compared is then asked at
    the same time.
    """
    viewer.must(Can.SEE_SCORES)
    source = open_source(viewer, View(survey=survey_key), at=at)
    survey, sight = source.survey, source.sight
    waves = outreach.waves_asking(survey, at - RECENT, at + timedelta(seconds=1))
    decided = {tuple(sorted(s.items())): tuple(c) for s, c in choosing.decided(survey)}
    span = (at - RECENT, at)
    everybody = _proposal({}, "Everybody", 0, outreach.asked(waves).parts, decided.get(()), span)
    if not by:
        return survey, (everybody,)
    dimension = _dimension(by)
    if sight.gated and not dimension.is_declared:
        raise NotAllowed(
            f"“{by}” may only be seen by those who read the answers.",
            remedy="Take a declared attribute.",
        )
    least = sight.minimum_group if sight.gated else 0
    names = customers.labels(dimension)
    mine: dict[int, list[Part]] = defaultdict(list)
    for part in outreach.asked_by(waves, dimension):
        mine[int(part.group)].append(part)
    segments = [
        _proposal(
            {dimension.key: names[code]},
            names[code],
            code,
            parts,
            decided.get(((str(dimension.pk), code),)),
            span,
        )
        for code, parts in mine.items()
        if code in names and sum(part.outcomes.asked for part in parts) >= least
    ]
    segments.sort(key=lambda one: (-sum(x.outcomes.asked for x in one.lines), one.label))
    return survey, (everybody, *segments[:MOST_SEGMENTS])


def proposal_for(
    viewer: Viewer, survey_key: str, segment: Mapping[str, str], *, at: datetime
) -> tuple[Survey, Proposal]:
    """Return the proposal of one segment, {} being everybody: the evidence of a decision."""
    if len(segment) > 1:
        raise BadInput(
            "A segment here is one value of one attribute.", place=Place(field="segment")
        )
    by = next(iter(segment), "")
    survey, found = channel_proposals(viewer, survey_key, by=by, at=at)
    for one in found:
        if dict(one.segment) == dict(segment):
            return survey, one
    # Nobody there has been asked yet: a person may decide all the same, and the evidence says so.
    label = next(iter(segment.values()), "Everybody")
    return survey, _proposal(segment, label, 0, (), None, (at - RECENT, at))


def _dimension(key: str) -> Dimension:
    found = {one.key: one for one in customers.dimensions()}
    if key not in found:
        raise BadInput(
            f"There is no attribute “{key}”.",
            remedy=f"Known: {', '.join(found) or 'none yet'}.",
            place=Place(field="by"),
        )
    return found[key]


def _proposal(
    segment: Mapping[str, str],
    label: str,
    code: int,
    parts: Sequence[Part],
    decided: tuple[str, ...] | None,
    span: tuple[datetime, datetime],
) -> Proposal:
    by_channel: dict[str, list[Part]] = defaultdict(list)
    for part in _comparable(parts):
        by_channel[CHANNEL_KEYS[part.channel]].append(part)
    made = [line_of(CHANNEL_LABELS[key], some, key) for key, some in by_channel.items()]
    tried = {
        line.key: Tried(line.outcomes.answered, line.outcomes.asked, line.spread)
        for line in made
        if line.outcomes.asked
    }
    ranked = chances(tried)
    lines = tuple(sorted((one for one in made if one.key in tried), key=_rank(ranked.order)))
    chance = ranked.best[ranked.order[0]] if ranked.order else 0.0
    enough = [key for key, one in tried.items() if one.asked >= FEWEST]
    standing: Standing = "one"
    if len(tried) > 1:
        standing = "thin" if len(enough) < 2 or ranked.order[0] not in enough else "close"
        if standing == "close" and chance >= SURE:
            standing = "clear"
    return Proposal(
        segment, label, code, lines, ranked.best, ranked.order, chance, standing, decided, *span
    )


def _comparable(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of waves that asked by several channels, or all where no wave did."""
    chosen = [p for p in parts if CHANNEL_KEYS.get(p.channel) in SENT_BY and p.outcomes.asked]
    used: dict[int, set[int]] = defaultdict(set)
    for part in chosen:
        used[part.wave].add(part.channel)
    beside = [part for part in chosen if len(used[part.wave]) > 1]
    return beside or chosen


def _rank(order: Sequence[str]) -> Any:
    return lambda line: order.index(line.key)


def _told(line: Line) -> str:
    rate = line.rate
    assert rate.value is not None and rate.low is not None and rate.high is not None
    digits = 0 if rate.value >= 0.1 else 1
    low, high = (words.decimal(100 * end, digits) for end in (rate.low, rate.high))
    return f"{line.label} {words.percent(100 * rate.value, digits)} ({low}–{high}\u00a0%)"
