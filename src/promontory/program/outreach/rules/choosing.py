"""By which channels somebody is asked: the recorded decision for their segment, else the usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promontory.program.outreach.codes import AUTO

USUAL = ("email", "sms")
"""What is used where nobody has decided anything."""

Decided = tuple[Mapping[str, int], Sequence[str]]
"""A segment {dimension id: code}, and its channels in order."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The decisions of a survey, newest first, and the channels of everybody else, in order."""

    decided: Sequence[Decided]
    usual: Sequence[str]

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Choices:
        """Return what a kept plan says: its decisions hold where its channels name `AUTO`."""
        return cls(tuple((s, c) for s, c in kept.get("choices", ())), usual_of(kept["channels"]))

    def channels(self, attributes: Mapping[str, int]) -> Sequence[str]:
        """Return the channels for somebody with these attributes {dimension id: code}, in order.

        The latest decision whose whole segment they are in counts.
        """
        for segment, channels in self.decided:
            if all(attributes.get(key) == code for key, code in segment.items()):
                return list(channels)
        return self.usual

    @property
    def every(self) -> tuple[str, ...]:
        """Each channel that somebody may be asked by."""
        named = [channel for _, channels in self.decided for channel in channels]
        return tuple(dict.fromkeys([*self.usual, *named]))

    @property
    def dimensions(self) -> tuple[int, ...]:
        """The ids of the dimensions that the decisions go by."""
        return tuple(sorted({int(key) for segment, _ in self.decided for key in segment}))


def usual_of(channels: Sequence[str]) -> Sequence[str]:
    """Return the channels of a plan that are named in it, or what is used where none is."""
    return [channel for channel in channels if channel != AUTO] or USUAL
