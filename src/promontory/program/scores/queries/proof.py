"""How do you know? Everything behind one figure: base, method, exclusions, position, gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from promontory.measurement import Tally
from promontory.program.responses.codes import Excluded
from promontory.program.scores.queries.figure import Figure
from promontory.program.scores.queries.held_back import held_back
from promontory.program.scores.queries.source import Source
from promontory.program.scores.queries.weighted import weighted
from promontory.program.scores.rules.periods import Period
from promontory.program.scores.rules.view import View
from promontory.warehouse import ask
from promontory.warehouse.question import Cells

REASONS = {
    Excluded.TEST: "Test answers",
    Excluded.EMPLOYEE: "Employees",
    Excluded.DUPLICATE: "Exact duplicates",
    Excluded.SCANNER: "Given by mail scanners",
    Excluded.STRAIGHT_LINE: "Straight-lining",
    Excluded.STAFF_ENTERED: "Entered by staff",
    Excluded.MANUAL: "Excluded on request",
    Excluded.NOT_A_CUSTOMER: "Not a customer",
    Excluded.OUTSIDE_POPULATION: "Outside the population",
}
INTERVALS = {
    "rocks-t": "adjusted Wald with Student’s t (Rocks)",
    "rocks": "adjusted Wald (Rocks)",
    "score": "score interval (Tango, Wilson)",
    "jeffreys": "Dirichlet ½ (Jeffreys)",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """The facts behind a figure as (name, value) pairs, and what was left out by reason."""

    figure: Figure
    facts: tuple[tuple[str, str], ...]
    excluded: tuple[tuple[str, str], ...]


def proof(source: Source, view: View, figure: Figure, period: Period | None) -> Proof:
    """Return what a figure rests on; counts too small for the viewer are said to be so."""
    began = perf_counter()
    excluded = tuple(_excluded(source, view, period, hide=bool(figure.withheld)))
    facts = [*_facts(source, view, figure, period, perf_counter() - began)]
    if period is not None and not view.where:
        tally = None if figure.withheld else source.count((), source.where(period)).tally()
        facts += _held_back(source, period, tally)
    return Proof(figure, tuple(facts), excluded)


def _held_back(source: Source, period: Period, tally: Tally | None) -> Iterator[tuple[str, str]]:
    found = held_back(source, period, tally)
    if found is None:
        return
    yield "Held back", found.sentence
    if found.assumed:
        yield "Assumed of those held back", found.assumed


def _facts(
    source: Source, view: View, figure: Figure, period: Period | None, seconds: float
) -> Iterator[tuple[str, str]]:
    method, estimate = source.method, figure.estimate
    yield "Survey", f"{source.survey.name} ({source.survey.promise})"
    yield "Period", period.label if period else "all time"
    if figure.withheld:
        yield "Withheld", figure.withheld
    elif estimate is not None:
        yield "Answers counted", f"{estimate.base:,}"
        yield "Worth as independent answers", f"{estimate.effective_base:,.0f}"
        if figure.imprecise:
            yield "Imprecise", figure.imprecise
        if figure.incomplete:
            yield "Incomplete", figure.incomplete
    yield (
        "Method",
        f"{method}, {_maker(method.by)}, {method.created_at.day} {method.created_at:%B %Y}",
    )
    yield "Interval", f"{float(method.level) * 100:.0f} %, {INTERVALS[method.interval]}"
    yield "Repeated answers", _clusters(source)
    unequal = None if figure.withheld or view.where else weighted(source, period)
    if unequal is None:
        yield "Weights", "none: every answer counts once"
    else:
        said = f"Drawn with unequal probabilities; weighted by them: {unequal.text()}"
        yield "Weights", f"none: every answer counts once. {said}"
    yield "As of", f"ledger position {source.position:,}"
    yield "Who sees what", source.sight.why
    yield "Counted in", f"{seconds * 1000:.0f} ms, from {source.manifest.rows:,} rows"


def _maker(by: str) -> str:
    return "made with the installation" if by == "system" else f"made by {by}"


def _clusters(source: Source) -> str:
    if source.cluster is None:
        return "nobody answered twice"
    whose = "one account" if source.cluster == "account" else "one person"
    return f"answers of {whose} are taken together; the interval allows for it"


def _excluded(
    source: Source, view: View, period: Period | None, *, hide: bool
) -> Iterator[tuple[str, str]]:
    """Count what did not enter, by reason; an answer may have several."""
    from dataclasses import replace

    asked = replace(source.question(("mask",), source.where(period, view.where)), excluding=0)
    skipped = replace(source.question((), source.where(period, view.where)), answers=(-1,))
    by_mask, without = ask(source.engine, [asked, skipped])
    assert isinstance(by_mask, Cells)
    assert isinstance(without, Cells)
    bits: dict[Excluded, int] = {}
    masks, counts = by_mask.table["mask"].to_pylist(), by_mask.table["n"].to_pylist()
    for mask, count in zip(masks, counts, strict=True):
        for reason in REASONS:
            if mask & reason & source.method.counts_out:
                bits[reason] = bits.get(reason, 0) + count
    left_out = {REASONS[reason]: count for reason, count in bits.items()}
    left_out["Question left unanswered"] = sum(without.table["n"].to_pylist())
    for name, count in left_out.items():
        if count and not hide:
            few = source.sight.gated and count < source.sight.minimum_group
            yield name, f"fewer than {source.sight.minimum_group}" if few else f"{count:,}"
