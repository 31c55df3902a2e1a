"""Words: the sentence that each page and picture opens with."""

from __future__ import annotations

from promontory.charts import words
from promontory.measurement import Difference
from promontory.program.scores.queries.course import Course
from promontory.program.scores.queries.explore import Exploration
from promontory.program.scores.queries.overview import Overview


def explored(found: Exploration) -> str:
    """Return what an exploration found."""
    sides = found.compared
    if sides is not None and sides.difference is not None:
        if found.view.segments:
            return _gap(sides.before.label, sides.after.label, sides.difference)
        return sides.difference.sentence(sides.before.label)
    if sides is not None:
        return "One side of the comparison is withheld, so the difference is too."
    if len(found.view.by) == 1 and found.cells:
        return _tiers(found)
    if found.cells:
        return f"{_total(found)} {_crossed(found)}"
    return _total(found)


def _total(found: Exploration) -> str:
    sentence = found.total.drawn.sentence
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _crossed(found: Exploration) -> str:
    """Say how many of the cells of two attributes can be read."""
    count = len(found.cells)
    cells = "The one group below" if count == 1 else f"The {count} groups below"
    if not found.hidden:
        return f"{cells} {'is' if count == 1 else 'are all'} shown."
    if found.hidden == count:
        return f"{cells} {'is' if count == 1 else 'are all'} withheld: too few people."
    return f"Of the {count} groups below, {found.hidden} {_are(found.hidden)} withheld."


def _tiers(found: Exploration) -> str:
    if found.hidden == len(found.cells):
        return f"{_many(len(found.cells), 'group')}, withheld: too few people to be shown."
    if len(found.cells) == 1:
        return f"Every answer is in one group: {found.cells[0].labels[0]}."
    above, below = (sum(cell.tier == tier for cell in found.cells) for tier in (1, 3))
    said = [_stand(above, "above")] if above else []
    said += [_stand(below, "below")] if below else []
    told = " and ".join(said) if said else "none stands apart from the others by more than chance"
    hidden = f" {found.hidden} {_are(found.hidden)} withheld." if found.hidden else ""
    return f"Of {_many(len(found.cells), 'group')}, {told}.{hidden}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _stand(count: int, way: str) -> str:
    return f"{count} {'stands' if count == 1 else 'stand'} {way} the others"


def _many(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def _gap(first: str, second: str, difference: Difference) -> str:
    """Say whether two segments differ."""
    if difference.value is None or difference.low is None or difference.high is None:
        return "Nothing to compare: one side has no answers."
    unit = difference.metric.unit
    if not difference.significant:
        seen = words.decimal(difference.smallest_detectable or 0.0, 0)
        return (
            f"No detectable difference between {first} and {second}; "
            f"you would have seen {seen} {unit} or more."
        )
    way = "above" if difference.value > 0 else "below"
    size = words.decimal(abs(difference.value), difference.metric.decimals)
    return f"{second} stands {size} {unit} {way} {first}: more than chance."


def of_overview(found: Overview) -> dict[str, str]:
    """Return what each of the overview's pictures shows."""
    said = {"trend": _course(found.course)}
    if found.tally is not None and found.tally.base and found.headline is not None:
        said["distribution"] = _spread(found)
    if found.moves is not None and found.moves.mixes:
        said["mix"] = found.moves.mixes[0].explanation.sentence()
    return said


def of_exploration(found: Exploration) -> dict[str, str]:
    """Return what each of the exploration's pictures shows."""
    said = {"trend": _course(found.course)}
    if len(found.view.by) == 1:
        said["segments"] = _placed(found)
    sides = found.compared
    if sides is not None:
        said["comparison"] = explored(found)
        if sides.explanation is not None:
            said["mix"] = sides.explanation.sentence()
    return said


def _course(course: Course) -> str:
    """Say how the level went from the first to the last period it is known for."""
    points = [p for p in (course.trend.points if course.trend else ()) if p.level is not None]
    if len(points) < 2:
        return ""
    first, last = points[0], points[-1]
    metric = first.estimate.metric
    ends = [words.decimal(p.level or 0.0, metric.decimals, signed=True) for p in (first, last)]
    apart = (first.high or 0) < (last.low or 0) or (last.high or 0) < (first.low or 0)
    if apart:
        said = f"The level underneath went from {ends[0]} to {ends[1]}."
    else:
        said = f"The level underneath stands at {ends[1]}; its band still covers where it began."
    notes = " ".join(note for note in (course.trend.notes if course.trend else ()) if note)
    return f"{said} {notes}".strip()


def _spread(found: Overview) -> str:
    assert found.tally is not None
    metric, tally = found.source.metric, found.tally
    shares = [
        f"{words.percent(100 * sum(tally.n.get(a, 0) for a in group.answers) / tally.base)} "
        f"{group.name.lower()}"
        for group in reversed(metric.groups)
    ]
    total = sum(metric.points[answer] * count for answer, count in tally.n.items()) / tally.base
    score = words.decimal(total, metric.decimals, signed=metric.bounds[0] < 0)
    return f"{', '.join(shares)}: together {score}."


def _placed(found: Exploration) -> str:
    tiers = sorted({cell.tier for cell in found.cells if cell.tier})
    if found.hidden == len(found.cells):
        return "Every group is withheld."
    if not set(tiers) & {1, 3}:
        said = "No group stands apart from the others by more than chance, so none is ranked."
        return f"{said} {_reason(found)}".strip()
    names = {1: "above the others", 2: "no detectable difference", 3: "below the others"}
    told = "; ".join(f"tier {tier}: {names[tier]}" for tier in tiers)
    said = f"{told[:1].upper()}{told[1:]}. Inside a tier nobody can be ranked."
    return f"{said} {_reason(found)}".strip()


def _reason(found: Exploration) -> str:
    """Say why groups are withheld, in the words of the gate."""
    if not found.hidden:
        return ""
    reasons = dict.fromkeys(cell.figure.withheld for cell in found.cells if cell.figure.withheld)
    return f"Withheld: {' '.join(reasons)}"
