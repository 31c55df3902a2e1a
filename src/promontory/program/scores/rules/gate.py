"""The confidentiality gate: what a viewer may ask of a survey, and as of which positions.

Who may read the answers of a survey is not gated. Everybody else asks by declared dimensions, whole
months or years, single values and released positions; what may then be shown is decided cell by
cell (see `withholding`). Confidential answers are read by the few whose role says so; anonymous
ones are gated for everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from promontory.errors import BadInput, NotAllowed, Place
from promontory.program.scores.rules.periods import day_of, read_period
from promontory.program.scores.rules.view import View

GATED_GRAINS = ("month", "quarter", "year")
MOST_GATED_DIMENSIONS = 2


@dataclass(frozen=True, slots=True)
class Sight:
    """How far a viewer sees into a survey; `gated` with the smallest group that is shown."""

    gated: bool
    minimum_group: int
    why: str

    @property
    def reason(self) -> str:
        """Why a cell is withheld, as it is said on the page."""
        return (
            f"Fewer than {self.minimum_group} people answered here or joined since the last "
            "figures, or they could be told from the groups around them."
        )


def sight(
    *, promise: str, may_read_answers: bool, may_read_confidential: bool, minimum_group: int
) -> Sight:
    """Say how far somebody sees; nothing opens an anonymous survey."""
    is_open = {"identified": may_read_answers, "confidential": may_read_confidential}
    if is_open.get(promise, False):
        return Sight(False, minimum_group, "You may read the answers of this survey.")
    if promise == "identified":
        why = "Your role sees groups, not single answers."
    elif promise == "confidential":
        why = "Customers were promised that their answers are shown within groups only."
    else:
        why = "Customers were promised that nobody can see who answered."
    return Sight(True, minimum_group, f"{why} Groups have at least {minimum_group} people.")


def check_view(view: View, sight: Sight, declared: Collection[str]) -> None:
    """Refuse a view that would let its viewer past the gate, and say what to ask instead."""
    if not sight.gated:
        return
    hidden = [key for key in view.dimensions if key not in declared]
    if hidden:
        raise NotAllowed(
            f"“{hidden[0]}” may only be seen by those who read the answers.",
            remedy="Slice by a declared attribute.",
        )
    if len(view.dimensions) > MOST_GATED_DIMENSIONS:
        raise NotAllowed(
            "Slices and filters together use more than two attributes.",
            remedy="Take one away: narrower groups would give single people away.",
        )
    if any(len(codes) > 1 for _, codes in view.where):
        raise NotAllowed(
            "A filter here has one value.",
            remedy="Two filters that differ by one value would show that value's people alone.",
        )
    if view.period is not None and view.period.grain not in GATED_GRAINS:
        raise BadInput(
            "Periods here are whole months, quarters or years.",
            remedy="Other dates could be subtracted from one another to show single people.",
            place=Place(field="period"),
        )
    if view.grain not in GATED_GRAINS:
        raise BadInput("The trend here is by month, quarter or year.", place=Place(field="grain"))
    if view.against not in {"", "previous", "year"}:
        other = read_period(view.against, "against")
        if other.grain not in GATED_GRAINS:
            raise BadInput(
                "Periods to compare with are whole months, quarters or years.",
                place=Place(field="against"),
            )


@dataclass(frozen=True, slots=True)
class Release:
    """The position a gated viewer sees, and those before it that they may have seen."""

    position: int
    before: tuple[int, ...]


def release(
    at: int | None, *, day_ends: Mapping[int, int], closings: Iterable[int], today: int
) -> Release:
    """Return the newest released position up to `at`.

    Released are the ends of days (of past months: of their last day) and of imports, never the
    moment: between two moments there may be one answer. `day_ends` maps days to positions.
    """
    ended = {day: position for day, position in day_ends.items() if day < today}
    month_ends = _month_ends(ended)
    newest = [ended[max(ended)]] if ended else []
    series = (sorted(month_ends), sorted(set(closings)), newest)
    offered = sorted({position for one in series for position in one})
    reached = [position for position in offered if at is None or position <= at]
    position = reached[-1] if reached else 0
    ladders = (sorted(ended.values()), *series[:2])
    earlier = {
        max((p for p in ladder if p < position), default=0) for ladder in ladders if position
    }
    return Release(position, tuple(sorted(earlier - {0})))


def _month_ends(ended: Mapping[int, int]) -> set[int]:
    last: dict[tuple[int, int], int] = {}
    newest = max(ended, default=0)
    for day in sorted(ended):
        when = day_of(day)
        last[when.year, when.month] = ended[day]
    last.pop((day_of(newest).year, day_of(newest).month), None)
    return set(last.values())
