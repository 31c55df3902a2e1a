"""How anything plugs in: a named table of kinds, filled where each kind is defined.

A new metric, file format, channel or engine is one class (or value) and one line:

    metrics: Registry[Metric] = Registry("metric")
    NPS = metrics.add("nps", Metric(...))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from promontory.errors import BadInput

T = TypeVar("T")


class Registry(Generic[T]):
    """A named, ordered table of the kinds of one thing; keys are unique."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._kinds: dict[str, T] = {}

    def add(self, key: str, kind: T) -> T:
        """Add a kind under its key and return it; a key taken twice is a bug and raises."""
        if key in self._kinds:
            raise ValueError(f"{self.noun} {key!r} is registered twice")
        self._kinds[key] = kind
        return kind

    def get(self, key: str) -> T:
        """Return the kind of that key, or refuse with the list of those that exist."""
        try:
            return self._kinds[key]
        except KeyError:
            known = ", ".join(self._kinds)
            raise BadInput(f"There is no {self.noun} “{key}”.", remedy=f"Known: {known}.") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __contains__(self, key: object) -> bool:
        return key in self._kinds

    def __len__(self) -> int:
        return len(self._kinds)

    def values(self) -> Iterator[T]:
        return iter(self._kinds.values())

    def items(self) -> Iterator[tuple[str, T]]:
        return iter(self._kinds.items())
