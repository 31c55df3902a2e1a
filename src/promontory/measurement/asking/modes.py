"""What the channel does to the score: the difference between modes once the mix is set apart.

Who answers by text differs from who answers by mail, so two raw scores differ though the channel
does nothing. The difference is standardised (Kitagawa 1955, "Components of a Difference Between Two
Rates"): within each segment the scores of both modes are compared, and weighted by the average of
the two modes' shares; the rest is the mix. Segments that one mode alone has reached say nothing
about the channel and count as mix. What differs within a segment in ways nobody recorded stays in
the effect: only a random choice of the channel would set that apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from promontory.measurement.decomposition import Effect, Key, explain_change
from promontory.measurement.estimate import number
from promontory.measurement.inference.difference import Difference, difference
from promontory.measurement.inference.quantiles import check_level
from promontory.measurement.metrics import NPS, Metric, get
from promontory.measurement.tally import Tally


@dataclass(frozen=True, slots=True)
class ModeEffect:
    """A mode against the reference: the raw difference, and what of it is not the mix.

    `effect` + `mix` = `raw.value`. `shared` is the part of both modes' answers that lies in
    segments both have reached (0…1); without any, there is no effect to speak of.
    """

    mode: str
    reference: str
    raw: Difference
    effect: Effect | None
    mix: Effect | None
    shared: float

    @property
    def sentence(self) -> str:
        """Say in words whether the channel itself makes a difference."""
        if self.raw.value is None:
            return "Nothing to compare: one side has no answers."
        if self.effect is None:
            return (
                f"{self.mode} and {self.reference} reached different customers: what the channel "
                "does cannot be told from who they are."
            )
        unit, places = self.raw.metric.unit, self.raw.metric.decimals
        span = (
            f"{number(self.effect.low, places, signed=True)} to "
            f"{number(self.effect.high, places, signed=True)} {unit}"
        )
        if not self.effect.significant:
            return (
                f"No detectable difference between {self.mode} and {self.reference} among like "
                f"customers ({span})."
            )
        way = "higher" if self.effect.value > 0 else "lower"
        size = number(abs(self.effect.value), places)
        return (
            f"Among like customers {self.mode} scores {size} {unit} {way} than {self.reference} "
            f"({span}): more than chance."
        )


def mode_effects(
    tallies: Mapping[str, Mapping[str, Tally]],
    metric: Metric | str = NPS,
    *,
    reference: str | None = None,
    level: float = 0.95,
) -> tuple[ModeEffect, ...]:
    """Return each mode against the reference (None: the one most have answered by).

    `tallies` holds for each mode the answers by segment. With k modes the intervals are made at 1 −
    (1 − level)/(k − 1), so that all of them hold together (Bonferroni).
    """
    check_level(level)
    metric = get(metric)
    whole = {mode: sum(cells.values(), Tally()) for mode, cells in tallies.items()}
    modes = sorted((m for m in whole if whole[m].base), key=lambda m: (-whole[m].base, m))
    if len(modes) < 2:
        return ()
    base = reference if reference in modes else modes[0]
    others = [mode for mode in modes if mode != base]
    each = 1 - (1 - level) / len(others)
    return tuple(_against(mode, base, tallies, whole, metric, each) for mode in others)


def _against(
    mode: str,
    base: str,
    tallies: Mapping[str, Mapping[str, Tally]],
    whole: Mapping[str, Tally],
    metric: Metric,
    level: float,
) -> ModeEffect:
    before: dict[Key, Tally] = {key: tally for key, tally in tallies[base].items() if tally.base}
    after: dict[Key, Tally] = {key: tally for key, tally in tallies[mode].items() if tally.base}
    common = before.keys() & after.keys()
    inside = sum(before[key].base + after[key].base for key in common)
    shared = inside / (whole[base].base + whole[mode].base)
    raw = difference(whole[base], whole[mode], metric, level=level)
    if not common:
        return ModeEffect(mode, base, raw, None, None, 0.0)
    found = explain_change(before, after, metric, level=level)
    return ModeEffect(mode, base, raw, found.within, found.mix, shared)
