"""A view: everything that says which figures are looked at, and the address that says the same.

    survey=relationship&metric=nps&period=2026-09&grain=month&by=region&by=plan
    &f.country=3&f.country=4        filters: any of these values
    &against=previous               or year, or another period
    &a=region:3&b=region:4          or two segments
    &method=1&at=120391             the method's version and the as-of position

The same view read later gives the same figures, because method and position are named in its link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlencode

from promontory.errors import BadInput, Place
from promontory.program.scores.rules.periods import GRAINS, Grain, Period, read_period

FILTER = "f."
MOST_DIMENSIONS = 2
Segment = tuple[str, int]


class Parameters(Protocol):
    """An address's query: Django's QueryDict is one."""

    def getlist(self, key: str) -> list[str]: ...
    def __iter__(self) -> Iterator[str]: ...


class Given:
    """Parameters from a plain mapping, for doors that have no address."""

    def __init__(self, values: Mapping[str, str | Sequence[str]]) -> None:
        self._values = {k: [v] if isinstance(v, str) else list(v) for k, v in values.items()}

    def getlist(self, key: str) -> list[str]:
        return self._values.get(key, [])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)


@dataclass(frozen=True, slots=True)
class View:
    """Which figures are looked at.

    period: None is the latest that has ended · by: up to two dimensions · where: for each
    dimension, the values of which one must hold · against: "previous", "year", a period's text or
    nothing · segments: two values to set against each other · method: version number, None is the
    newest · at: ledger position, None is the newest the viewer may see.
    """

    survey: str = ""
    metric: str = "nps"
    period: Period | None = None
    everything: bool = False
    grain: Grain = "month"
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[int, ...]], ...] = ()
    against: str = ""
    segments: tuple[Segment, Segment] | None = None
    method: int | None = None
    at: int | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension the view touches, each once."""
        named = [*self.by, *(key for key, _ in self.where)]
        named += [key for key, _ in self.segments or ()]
        return tuple(dict.fromkeys(named))

    @property
    def query(self) -> str:
        """The view as the query of an address; reading it gives the same view."""
        pairs: list[tuple[str, object]] = [("survey", self.survey), ("metric", self.metric)]
        pairs += [("period", "all" if self.everything else self.period.text if self.period else "")]
        pairs += [("grain", self.grain), *(("by", key) for key in self.by)]
        pairs += [(FILTER + key, code) for key, codes in self.where for code in codes]
        pairs += [("against", self.against)]
        for name, segment in zip("ab", self.segments or (), strict=False):
            pairs += [(name, f"{segment[0]}:{segment[1]}")]
        pairs += [("method", self.method or ""), ("at", "" if self.at is None else self.at)]
        return urlencode([(name, value) for name, value in pairs if value != ""])

    def but(self, **changes: object) -> View:
        """Return the view with something else in it."""
        return replace(self, **changes)  # type: ignore[arg-type]


def read_view(given: Parameters) -> View:
    """Return the view an address asks for, or refuse it naming the parameter that is wrong."""
    period = _one(given, "period")
    if period == "dates" or (not period and _one(given, "from")):
        period = f"{_one(given, 'from')}..{_one(given, 'to')}"
    where = {
        key.removeprefix(FILTER): tuple(sorted({_number(v, key) for v in given.getlist(key) if v}))
        for key in given
        if key.startswith(FILTER)
    }
    by = tuple(dict.fromkeys(key for key in given.getlist("by") if key))
    if len(by) > MOST_DIMENSIONS:
        raise BadInput(
            "A view is sliced by two dimensions at most.",
            remedy="Make one of them a filter.",
            place=Place(field="by"),
        )
    against = _one(given, "against")
    if against not in {"", "previous", "year"}:
        against = read_period(against, "against").text
    grain = _one(given, "grain") or "month"
    if grain not in GRAINS:
        raise BadInput(
            f"“{grain}” is not a grain.", remedy=f"Known: {', '.join(GRAINS)}.",
            place=Place(field="grain"),
        )  # fmt: skip
    method, at = _one(given, "method"), _one(given, "at")
    return View(
        survey=_one(given, "survey"),
        metric=_one(given, "metric") or "nps",
        period=None if period in {"", "all"} else read_period(period),
        everything=period == "all",
        grain=grain,
        by=by,
        where=tuple(sorted((key, codes) for key, codes in where.items() if codes)),
        against=against,
        segments=_segments(_one(given, "a"), _one(given, "b")),
        method=_number(method, "method") if method else None,
        at=_number(at, "at") if at else None,
    )


def _one(given: Parameters, key: str) -> str:
    values = given.getlist(key)
    return values[-1].strip() if values else ""


def _number(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise BadInput(
            f"“{text}” is not a number.",
            remedy=f"Choose “{field}” on the page: its address then holds the number.",
            place=Place(field=field),
        )
    return int(text)


def _segments(first: str, second: str) -> tuple[Segment, Segment] | None:
    if not first or not second:
        return None
    one, other = _segment(first, "a"), _segment(second, "b")
    if one == other:
        raise BadInput("These two segments are the same.", place=Place(field="b"))
    return one, other


def _segment(text: str, field: str) -> Segment:
    key, _, code = text.rpartition(":")
    if not key:
        raise BadInput(
            f"“{text}” is not a segment.", remedy="Write it as region:3.", place=Place(field=field)
        )
    return key, _number(code, field)
