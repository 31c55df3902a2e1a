"""By which channel somebody is asked: the recorded decision, else the plan, else what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promontory.program.customers.codes import WAY_OF_CHANNEL
from promontory.program.outreach.models import ChannelDecision, SamplingPlan
from promontory.program.outreach.rules.policy import Facts, usable
from promontory.program.surveys.models import Survey

USUAL = ("email", "sms")
"""What an event's survey uses until somebody decides."""


class Choice:
    """The channels of a survey, by what segment a contact is in; read once for many contacts."""

    def __init__(self, survey: Survey) -> None:
        decisions = ChannelDecision.objects.filter(survey=survey).order_by("-pk")
        self._decided = [(d.segment, d.channels) for d in decisions[:200]]
        plan = SamplingPlan.objects.filter(survey=survey).order_by("-pk").first()
        self._usual: Sequence[str] = plan.channels if plan else USUAL

    def channels(self, attributes: Mapping[str, int]) -> Sequence[str]:
        """Return the channels for somebody with these attributes {dimension id: code}, in order.

        The latest decision whose whole segment they are in counts.
        """
        for segment, channels in self._decided:
            if all(attributes.get(key) == code for key, code in segment.items()):
                return list(channels)
        return self._usual


def first_usable(channels: Sequence[str], facts: Facts) -> str | None:
    """Return the first of these channels by which somebody can be asked now."""
    ways = usable(facts)
    for channel in channels:
        way = WAY_OF_CHANNEL.get(channel)
        if way is None or ways & way:
            return channel
    return None
