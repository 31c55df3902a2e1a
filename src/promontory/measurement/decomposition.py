"""Why a score moved: change within segments, and change in who answered (the mix).

Exact and symmetric: Δθ = Σ w̄ⱼ Δθⱼ (within) + Σ Δwⱼ (θ̄ⱼ − θ̄) (mix). Raw points add up to the
last digit; every part has its error. Any attribute may be the segment: region, channel, language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput
from promontory.measurement.estimate import number
from promontory.measurement.inference import pseudo
from promontory.measurement.inference.difference import Difference, difference
from promontory.measurement.inference.effective import effective_base
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.paired import PairTally, paired_difference
from promontory.measurement.inference.quantiles import check_level, t_quantile
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.mixshift import (
    ClusterSegments,
    Parts,
    influences,
    jackknife_variance,
    parts_of,
    variance,
)
from promontory.measurement.tally import Tally

Floats = NDArray[np.float64]
Key = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A part of a change in points, with its interval."""

    value: float
    low: float
    high: float
    se: float

    @property
    def significant(self) -> bool:
        """Whether the part is more than chance."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """What one segment did: its share (0…1), score (points, None without answers) and parts."""

    name: str
    share_before: float
    share_after: float
    score_before: float | None
    score_after: float | None
    base_before: int
    base_after: int
    within: Effect
    mix: Effect


@dataclass(frozen=True, slots=True)
class Explanation:
    """A change and the parts that add up to it.

    `within` + `mix` = `total.value`. `mix_by` splits the mix by attribute; with several
    attributes the last part, named "a × b", is what only their combination explains.
    `paradox` is "rose" or "fell" when every segment did and the total did the opposite.
    """

    total: Difference
    within: Effect
    mix: Effect
    segments: tuple[SegmentChange, ...]
    mix_by: Mapping[str, Effect]
    paradox: str | None

    def sentence(self, since: str = "") -> str:
        """Say in words what moved the score."""
        total = self.total
        if total.value is None:
            return total.sentence(since)
        text = total.sentence(since)
        if total.significant or self.within.significant or self.mix.significant:
            figures = (
                number(value, total.metric.decimals, signed=True)
                for value in (total.value, self.within.value, self.mix.value)
            )
            text += " Measured {}: {} within segments, {} from the mix.".format(*figures)
        if self.paradox:
            other = "fell" if self.paradox == "rose" else "rose"
            text += f" Every segment {self.paradox} while the total {other}: that is the mix."
        return text


def explain_change(
    before: Mapping[Key, Tally],
    after: Mapping[Key, Tally],
    metric: Metric | str = NPS,
    *,
    names: Sequence[str] = ("segment",),
    level: float = 0.95,
    accounts: ClusterSegments | None = None,
) -> Explanation:
    """Split the change between two periods by segment; refuse a period without answers.

    Keys are segments, or tuples when `names` names several attributes (then every cell of their
    crossing is a segment). `accounts`, with segments numbered as in
    `sorted({*before, *after})`, makes the errors a jackknife over accounts.
    """
    check_level(level)
    metric = get(metric)
    keys = sorted({*before, *after}, key=_parts_of_key)
    if any(len(_parts_of_key(key)) != len(names) for key in keys):
        raise BadInput("Every segment needs one value for each attribute named.")
    a = Cells.of_tallies(metric, [before.get(key, Tally()) for key in keys])
    b = Cells.of_tallies(metric, [after.get(key, Tally()) for key in keys])
    if not a.base.sum() or not b.base.sum():
        raise BadInput("A change is explained between two periods that both have answers.")
    total_a, total_b = sum(before.values(), Tally()), sum(after.values(), Tally())
    own = np.arange(len(keys))
    bridge = _Bridge.over(a, b, own)
    df = float(a.base.sum() + b.base.sum() - 2)
    if accounts is None:
        total = difference(total_a, total_b, metric, level=level)
        v_within, v_mix = bridge.variances()
        v_both = np.array(bridge.variances_of_sums())
    else:
        total = paired_difference(total_a, total_b, _pairs(accounts), metric, level=level)
        v_within, v_mix, v_both = jackknife_variance(accounts, len(keys))
        df = float(accounts.clusters - 1)
    excess = bridge.excess()
    v_within, v_mix = v_within + excess[0], v_mix + excess[1]
    v_both = v_both + np.array([excess[0].sum(), excess[1].sum()])
    reach = float(t_quantile(0.5 + level / 2, np.array(max(df, 1.0))))
    own_df = np.maximum(np.minimum(a.base + b.base, max(df, 1.0)), 1.0)
    own_reach = t_quantile(0.5 + level / 2, own_df)
    parts = bridge.parts
    segments = tuple(
        SegmentChange(
            " × ".join(_parts_of_key(key)),
            float(parts.share_before[j]),
            float(parts.share_after[j]),
            float(a.theta[j]) if a.base[j] else None,
            float(b.theta[j]) if b.base[j] else None,
            int(a.base[j]),
            int(b.base[j]),
            _effect(parts.within[j], v_within[j], float(own_reach[j])),
            _effect(parts.mix[j], v_mix[j], reach),
        )
        for j, key in enumerate(keys)
    )
    mix = _effect(parts.mix.sum(), v_both[1], reach)
    return Explanation(
        total=total,
        within=_effect(parts.within.sum(), v_both[0], reach),
        mix=mix,
        segments=segments,
        mix_by=_mix_by(a, b, keys, names, bridge, mix, reach),
        paradox=_paradox(segments, total),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Bridge:
    """The parts of a change over one grouping of the cells, and what their errors are made of."""

    before: Cells
    after: Cells
    segment: NDArray[np.int64]
    parts: Parts

    @classmethod
    def over(cls, before: Cells, after: Cells, segment: NDArray[np.int64]) -> _Bridge:
        size = int(segment.max()) + 1

        def total(x: Floats) -> Floats:
            return np.bincount(segment, x, size).astype(np.float64)

        W0, W1 = total(before.weight), total(after.weight)
        T0, T1 = total(before.w @ before.points), total(after.w @ after.points)
        return cls(before, after, segment, parts_of(W0, T0, W1, T1))

    def variances(self) -> tuple[Floats, Floats]:
        """Return the delta-method variances of within and mix per segment."""
        old, new = self._influences()
        return (
            variance(old[0], self.before) + variance(new[0], self.after),
            variance(old[1], self.before) + variance(new[1], self.after),
        )

    def variances_of_sums(self) -> tuple[float, float]:
        """Return the delta-method variances of all within and of all mix."""
        old, new = self.sums()
        within = variance(old[0], self.before) + variance(new[0], self.after)
        mix = variance(old[1], self.before) + variance(new[1], self.after)
        return float(within), float(mix)

    def sums(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Return the influences on all within and all mix, before and after."""
        old, new = self._influences()
        return (old[0].sum(axis=0), old[1].sum(axis=0)), (new[0].sum(axis=0), new[1].sum(axis=0))

    def _influences(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        old = influences(self.parts, self.segment, self.before.points, after=False)
        new = influences(self.parts, self.segment, self.after.points, after=True)
        return (old.within, old.mix), (new.within, new.mix)

    def excess(self) -> tuple[Floats, Floats]:
        """Return what pseudo-answers add to the variances.

        A segment whose few answers agree would otherwise seem to be known exactly.
        """
        p = self.parts
        both = (p.share_before > 0) & (p.share_after > 0)
        mean_share = np.where(both, (p.share_before + p.share_after) / 2, 0.0)
        moved = (p.share_after - p.share_before) * np.where(both, 0.5, 1.0)
        within, mix = np.zeros_like(mean_share), np.zeros_like(mean_share)
        for cells in (self.before, self.after):
            group = pseudo.adjusted(cells, effective_base(cells), pseudo.EACH_GROUP)
            more = np.maximum(group.v / (group.total - 1) - cells.v_lin, 0.0)
            more = np.where(cells.base > 0, more, 0.0)
            within += mean_share**2 * more
            mix += moved**2 * more
        return within, mix


def _mix_by(
    a: Cells,
    b: Cells,
    keys: Sequence[Key],
    names: Sequence[str],
    whole: _Bridge,
    mix: Effect,
    reach: float,
) -> dict[str, Effect]:
    if len(names) == 1:
        return {names[0]: mix}
    effects: dict[str, Effect] = {}
    rest = float(whole.parts.mix.sum())
    old, new = (side[1] for side in whole.sums())
    for axis, name in enumerate(names):
        values = sorted({_parts_of_key(key)[axis] for key in keys})
        segment = np.array([values.index(_parts_of_key(key)[axis]) for key in keys])
        alone = _Bridge.over(a, b, segment)
        value = float(alone.parts.mix.sum())
        effects[name] = _effect(value, alone.variances_of_sums()[1], reach)
        own_old, own_new = (side[1] for side in alone.sums())
        rest, old, new = rest - value, old - own_old, new - own_new
    spread = float(variance(old, a) + variance(new, b))
    effects[" × ".join(names)] = _effect(rest, spread, reach)
    return effects


def _effect(value: float, spread: float, reach: float) -> Effect:
    se = float(np.sqrt(max(spread, 0.0)))
    value = float(value)
    return Effect(value, value - reach * se, value + reach * se, se)


def _paradox(segments: Sequence[SegmentChange], total: Difference) -> str | None:
    moves = [
        s.score_after - s.score_before
        for s in segments
        if s.score_before is not None and s.score_after is not None
    ]
    if len(moves) < 2 or len(moves) < len(segments) or total.value is None:
        return None
    if total.value < 0 and min(moves) > 0:
        return "rose"
    return "fell" if total.value > 0 and max(moves) < 0 else None


def _pairs(rows: ClusterSegments) -> PairTally:
    T0, W0, T1, W1 = (
        np.bincount(rows.cluster, column, rows.clusters).astype(np.float64)
        for column in (rows.T_before, rows.W_before, rows.T_after, rows.W_after)
    )
    seen = (W0 + W1) > 0
    return PairTally(T0[seen], W0[seen], T1[seen], W1[seen], np.ones(int(seen.sum())))


def _parts_of_key(key: Key) -> tuple[str, ...]:
    return key if isinstance(key, tuple) else (key,)
