"""Tally: the only thing that crosses from data to statistics.

How many people gave each answer, the sum of their weights and of the squared weights. Plain
tallies add and subtract, so months, regions and shards are one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput

Number = int | float


@dataclass(frozen=True, eq=False, slots=True, init=False)
class Tally:
    """People, Σw and Σw² per answer.

    `n` maps answers to respondents; `w` and `w2` to the sums of their weights and squared
    weights (left out: everybody weighs 1). Answers nobody gave are dropped. Whole-number weights
    stay whole, so scaled integers add exactly.

    >>> (Tally({9: 3, 2: 1}) + Tally({9: 1})).n
    mappingproxy({2: 1, 9: 4})
    """

    n: Mapping[int, int]
    w: Mapping[int, Number]
    w2: Mapping[int, Number]

    def __init__(
        self,
        n: Mapping[int, int] | None = None,
        w: Mapping[int, Number] | None = None,
        w2: Mapping[int, Number] | None = None,
    ) -> None:
        people = {int(a): int(c) for a, c in sorted((n or {}).items()) if c}
        if any(count < 0 for count in people.values()):
            raise BadInput(
                "A tally counts people and cannot be negative.",
                remedy="Subtract only what was added before.",
            )
        if (w is None) != (w2 is None):
            raise BadInput("A weighted tally needs both Σw and Σw².")
        object.__setattr__(self, "n", MappingProxyType(people))
        for name, given in (("w", w), ("w2", w2)):
            sums = people if given is None else {a: given.get(a, 0) for a in people}
            if any(not total > 0 for total in sums.values()):
                raise BadInput(
                    "Every answer that counts needs a weight above zero.",
                    remedy="Exclude an answer instead of weighting it to zero.",
                )
            object.__setattr__(self, name, MappingProxyType(dict(sums)))

    @classmethod
    def of(cls, values: Iterable[int], weights: Iterable[Number] | None = None) -> Tally:
        """Count whole-number answers, each with its weight if weights are given.

        A fraction, a missing value, or a weight that is not above zero is refused.
        """
        answers = _whole(values)
        if weights is None:
            kinds, counts = np.unique(answers, return_counts=True)
            return cls(dict(zip(kinds.tolist(), counts.tolist(), strict=True)))
        w = np.asarray(weights if hasattr(weights, "__len__") else list(weights), dtype=np.float64)
        if w.shape != answers.shape:
            raise BadInput(f"There are {answers.size} answers but {w.size} weights.")
        if not np.all(np.isfinite(w) & (w > 0)):
            raise BadInput(
                "Every weight must be a number above zero.",
                remedy="Exclude an answer instead of weighting it to zero.",
            )
        kinds, place, counts = np.unique(answers, return_inverse=True, return_counts=True)
        sums = np.bincount(place, w, kinds.size), np.bincount(place, w * w, kinds.size)
        keys = kinds.tolist()
        return cls(
            dict(zip(keys, counts.tolist(), strict=True)),
            *(dict(zip(keys, total.tolist(), strict=True)) for total in sums),
        )

    @property
    def answers(self) -> tuple[int, ...]:
        """The answers somebody gave, ascending."""
        return tuple(self.n)

    @property
    def base(self) -> int:
        """How many respondents are counted."""
        return sum(self.n.values())

    @property
    def weight(self) -> Number:
        """Σw over all answers: how many customers the respondents stand for."""
        return sum(self.w.values())

    @property
    def effective_base(self) -> float:
        """Kish's (Σw)²/Σw²: as many equally weighted respondents would tell as much."""
        squares = sum(self.w2.values())
        return float(self.weight) ** 2 / float(squares) if squares else 0.0

    @property
    def weighted(self) -> bool:
        """Whether any weight differs from 1."""
        return any(self.w[a] != c or self.w2[a] != c for a, c in self.n.items())

    def __add__(self, other: Tally) -> Tally:
        return self._merged(other, 1)

    def __radd__(self, other: object) -> Tally:
        # sum(tallies) starts from 0.
        return self if other == 0 else NotImplemented

    def __sub__(self, other: Tally) -> Tally:
        return self._merged(other, -1)

    def _merged(self, other: Tally, sign: int) -> Tally:
        if not isinstance(other, Tally):
            return NotImplemented
        keys = {*self.n, *other.n}
        n = {a: self.n.get(a, 0) + sign * other.n.get(a, 0) for a in keys}
        w = {a: self.w.get(a, 0) + sign * other.w.get(a, 0) for a in keys}
        w2 = {a: self.w2.get(a, 0) + sign * other.w2.get(a, 0) for a in keys}
        return Tally(n, w, w2)

    def arrays(
        self, answers: Iterable[int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return n, Σw and Σw² as arrays in the order of `answers`; refuse answers beside them."""
        order = tuple(answers)
        stray = [a for a in self.n if a not in order]
        if stray:
            raise BadInput(
                f"The answer {stray[0]} is not on the scale {order[0]}–{order[-1]}.",
                remedy="Declare the scale the question was asked on; nothing is recoded silently.",
            )
        n, w, w2 = (
            np.array([float(sums.get(a, 0)) for a in order]) for sums in (self.n, self.w, self.w2)
        )
        return n, w, w2

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tally):
            return NotImplemented
        return (self.n, self.w, self.w2) == (other.n, other.w, other.w2)

    def __hash__(self) -> int:
        return hash((tuple(self.n.items()), tuple(self.w.items())))

    def __reduce__(self) -> tuple[object, ...]:
        return Tally, (dict(self.n), dict(self.w), dict(self.w2))

    def __repr__(self) -> str:
        if not self.weighted:
            return f"Tally({dict(self.n)})"
        return f"Tally({dict(self.n)}, w={dict(self.w)}, w2={dict(self.w2)})"


def _whole(values: Any) -> NDArray[np.int64]:
    array = np.asarray(values if hasattr(values, "__len__") else list(values))
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.ndim != 1 or array.dtype.kind not in "iufb":
        raise BadInput(
            "Answers must be a flat list of whole numbers.",
            remedy="Leave out missing answers and translate words first.",
        )
    if array.dtype.kind == "f" and not np.all(array == np.floor(array)):
        bad = array[~(array == np.floor(array))][0]
        what = "a missing value" if np.isnan(bad) else f"the answer {bad:g}"
        raise BadInput(
            f"An answer is a whole number, but the list holds {what}.",
            remedy="Leave it out or correct it; it is never rounded.",
        )
    return array.astype(np.int64)
