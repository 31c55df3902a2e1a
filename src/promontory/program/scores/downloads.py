"""The pictures of the pages by name, so that a download draws just what the page showed."""

from __future__ import annotations

from datetime import datetime

from promontory.charts import Chart
from promontory.errors import NotFound
from promontory.program.organization.access import Viewer
from promontory.program.scores import pictures
from promontory.program.scores.queries.explore import Exploration, explore
from promontory.program.scores.queries.overview import Overview, overview
from promontory.program.scores.rules.view import View

Pictures = dict[str, Chart]


def of_overview(found: Overview) -> Pictures:
    """Return the overview's pictures by name; one that has nothing to say is absent."""
    metric = found.source.metric
    made = {"trend": pictures.trend(found.course, metric)}
    if found.tally is not None and found.tally.base:
        made["distribution"] = pictures.distribution(found.tally, metric)
    if found.moves is not None and found.previous is not None and found.headline is not None:
        for mix in found.moves.mixes[:1]:
            made["mix"] = pictures.mix_shift(
                found.previous.before, found.headline, mix.explanation, mix.attribute
            )
    return made


def of_exploration(found: Exploration) -> Pictures:
    """Return the exploration's pictures by name; one that has nothing to say is absent."""
    metric = found.source.metric
    made = {}
    if len(found.view.by) == 1 and found.cells:
        made["segments"] = pictures.segments(found)
    sides = found.compared
    if sides is not None and sides.difference is not None:
        made["comparison"] = pictures.compared(sides.before, sides.after, sides.difference)
        if sides.explanation is not None:
            made["mix"] = pictures.mix_shift(
                sides.before, sides.after, sides.explanation, sides.attribute
            )
    if found.course.points:
        made["trend"] = pictures.trend(found.course, metric)
    return made


def picture(page: str, name: str, viewer: Viewer, view: View, *, at: datetime) -> Chart:
    """Return one picture of a page's view, through the same gates as the page."""
    if page == "overview":
        made = of_overview(overview(viewer, view, at=at))
    else:
        made = of_exploration(explore(viewer, view, at=at))
    if name not in made:
        raise NotFound("This view has no such picture.", remedy="Go back to the page it was on.")
    return made[name]
