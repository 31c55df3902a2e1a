"""What a metric is: a scale and the points of each answer; its score is the mean of the points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of answers shown together, such as promoters (9 and 10)."""

    key: str
    name: str
    answers: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Metric:
    """A table of points: how many points each answer of the scale is worth.

    `key` names it in files and addresses, `code` in the warehouse (never reused). `points` maps
    every answer of the scale to whole points; the score is their mean, between `bounds`.
    `unit` is what a difference of two scores is counted in. `groups` partition the scale.
    """

    key: str
    name: str
    code: int
    points: Mapping[int, int]
    groups: tuple[Group, ...]
    unit: str = "points"
    decimals: int = 1

    def __post_init__(self) -> None:
        ordered = {int(a): int(p) for a, p in sorted(self.points.items())}
        object.__setattr__(self, "points", MappingProxyType(ordered))
        if len(set(ordered.values())) < 2:
            raise ValueError(f"metric {self.key!r} gives every answer the same points")
        grouped = sorted(answer for group in self.groups for answer in group.answers)
        if grouped != list(ordered):
            raise ValueError(f"the groups of metric {self.key!r} do not partition its scale")

    def __reduce__(self) -> tuple[object, ...]:
        fields = (self.key, self.name, self.code, dict(self.points), self.groups)
        return Metric, (*fields, self.unit, self.decimals)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Metric) and self.__reduce__() == other.__reduce__()

    def __repr__(self) -> str:
        return f"<Metric {self.key}>"

    def __hash__(self) -> int:
        return hash((self.key, self.code))

    @property
    def scale(self) -> tuple[int, int]:
        """The lowest and the highest answer."""
        return min(self.points), max(self.points)

    @property
    def bounds(self) -> tuple[int, int]:
        """The lowest and the highest score there can be."""
        return min(self.points.values()), max(self.points.values())

    @property
    def answers(self) -> tuple[int, ...]:
        """The answers of the scale, ascending."""
        return tuple(self.points)

    @cached_property
    def vector(self) -> NDArray[np.float64]:
        """The points in the order of `answers`, for use on arrays whose last axis is answers."""
        return np.array(list(self.points.values()), dtype=np.float64)

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """The distinct points, ascending: −100, 0, 100 for NPS."""
        return tuple(sorted(set(self.points.values())))

    def group_of(self, answer: int) -> Group:
        """Return the group an answer belongs to; an answer off the scale raises KeyError."""
        for group in self.groups:
            if answer in group.answers:
                return group
        raise KeyError(answer)
