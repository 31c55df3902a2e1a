"""When a drop deserves an alert: a drop of the size somebody cares for *and* more than chance.

"Dropped by more than 10" alone fires falsely in one period of six at a base of 100.
"""

from __future__ import annotations

from dataclasses import dataclass

from promontory.errors import BadInput
from promontory.measurement.estimate import number
from promontory.measurement.inference.difference import Difference

ONE_SIDED = 0.025


@dataclass(frozen=True, slots=True)
class Alert:
    """The verdict on one change: `fires`, and why in `sentence`.

    `p_value` is one-sided (for a drop); both it and the drop are None without answers.
    """

    fires: bool
    drop: float | None
    p_value: float | None
    smallest_detectable: float | None
    sentence: str


def alert(change: Difference, *, threshold: float, p_limit: float = ONE_SIDED) -> Alert:
    """Decide whether a change is an alert: a drop of at least `threshold` points, significant.

    A silent alert still says which drop it could have seen.
    """
    if threshold <= 0:
        raise BadInput("The threshold of an alert is the size of a drop, above zero.")
    if change.value is None or change.p_value is None:
        return Alert(False, None, None, None, "No alert: one side has no answers.")
    down = change.value < 0
    one_sided = change.p_value / 2 if down else 1 - change.p_value / 2
    drop = -change.value
    fires = drop >= threshold and one_sided <= p_limit
    unit = change.metric.unit
    size = number(drop, change.metric.decimals)
    seen = number(change.smallest_detectable or 0.0, change.metric.decimals)
    if fires:
        text = f"Down {size} {unit}: more than chance and more than the {threshold:g} allowed."
    elif down and drop >= threshold:
        text = f"Down {size} {unit}, but chance alone could do that; {seen} would have been seen."
    else:
        text = f"No drop of {threshold:g} {unit} or more; one of {seen} would have been seen."
    return Alert(fires, drop, one_sided, change.smallest_detectable, text)
