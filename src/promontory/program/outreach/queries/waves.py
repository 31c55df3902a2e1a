"""The waves there are, each with what became of its frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from promontory.errors import NotFound
from promontory.measurement import metrics
from promontory.measurement.sampling import ResponseRate
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.codes import LABELS, Disposition, WaveKind, WaveState
from promontory.program.outreach.models import (
    EventCase,
    Invitation,
    OpenLink,
    SamplingPlan,
    Stratum,
    Wave,
)
from promontory.program.outreach.queries.rates import counted
from promontory.program.outreach.queries.reconciling import Reconciled, reconcile


@dataclass(frozen=True, slots=True)
class Standing:
    """A wave, what became of everybody in its frame, and its response rates."""

    wave: Wave
    reconciled: Reconciled
    complete: ResponseRate
    with_partial: ResponseRate

    @property
    def sentence(self) -> str:
        """Say how far it is, and that it adds up."""
        found = self.reconciled
        if self.wave.state == WaveState.DRAFT:
            return "A draft: nobody has been drawn yet."
        if self.wave.state == WaveState.DRAWING:
            return "It is being drawn; nobody has been asked yet."
        if not found.frame:
            return "Nobody is in its frame."
        words = (
            f"Of {found.frame:,} people {found.invited:,} were drawn to be asked and "
            f"{found.held:,} held back"
        )
        if self.complete.value is not None:
            words += f"; {self.complete.answered:,} have answered"
        gap = found.difference
        return f"{words}. " + (
            "Everybody is accounted for."
            if not gap
            else f"{abs(gap):,} people are not accounted for: run “promontory doctor”."
        )

    def suppressed(self, metric: str = "nps") -> str:
        """Say how many were held for a bad moment, and how far that can move the score at most."""
        held = self.reconciled.of(Disposition.HELD_HOLD)
        if not held:
            return ""
        floor, ceiling = metrics.get(metric).bounds
        # Of the customers, not of the sample: who is held back was never in the running for it.
        reachable = self.reconciled.frame - self.reconciled.of(Disposition.UNREACHABLE)
        share = held / reachable
        return (
            f"{held:,} were held back for a bad moment, {share:.1%} of the customers. Whatever "
            "they would have said, the score of everybody lies within "
            f"{share * (ceiling - floor):.1f} points of the score of those asked; the page of the "
            "score says in which direction."
        )

    def rows(self) -> list[tuple[str, int, float]]:
        """Return each disposition that occurs, with its number and percentage of the frame."""
        return [
            (
                LABELS[Disposition(code)] if code else "Not decided yet",
                n,
                100 * n / self.reconciled.frame if self.reconciled.frame else 0.0,
            )
            for code, n in sorted(self.reconciled.counts.items())
            if n
        ]


def waves(*, viewer: Viewer) -> QuerySet[Wave]:
    """Return every wave, newest first."""
    viewer.must(Can.SEE_SCORES)
    return Wave.objects.select_related("survey", "plan").order_by("-pk")


def wave(pk: int, *, viewer: Viewer) -> Wave:
    """Return one wave."""
    found = waves(viewer=viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such wave.")
    return found


def standing(wave: Wave, *, at: datetime | None = None) -> Standing:
    """Return what became of a wave's frame, now or as it stood at an instant."""
    reconciled = reconcile(wave, at=at)
    counts = dict(reconciled.counts)
    return Standing(wave, reconciled, counted(counts), counted(counts, partial=True))


def standings(waves: Sequence[Wave]) -> list[Standing]:
    """Return what became of some waves, as many as a page shows."""
    return [standing(one) for one in waves]


def strata(wave: Wave) -> QuerySet[Stratum]:
    """Return the strata of a wave."""
    return Stratum.objects.filter(wave=wave).order_by("number")


def plans(*, viewer: Viewer) -> QuerySet[SamplingPlan]:
    """Return every sampling plan, newest first."""
    viewer.must(Can.SEE_SCORES)
    return SamplingPlan.objects.select_related("survey").order_by("-pk")


def plan(pk: int, *, viewer: Viewer) -> SamplingPlan:
    """Return one sampling plan."""
    found = plans(viewer=viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such plan.")
    return found


def invitations(wave: Wave, *, viewer: Viewer) -> QuerySet[Invitation]:
    """Return the invitations of a wave, by the number of the contact."""
    viewer.must_see_customers()
    return Invitation.objects.filter(wave=wave)


def cases(wave: Wave, *, viewer: Viewer) -> QuerySet[EventCase]:
    """Return what a wave of events made of each of them."""
    viewer.must_see_customers()
    assert wave.kind == WaveKind.EVENT, "a drawn wave has no events"
    return EventCase.objects.filter(wave=wave).select_related("event")


def links(*, viewer: Viewer) -> QuerySet[OpenLink]:
    """Return every open link, printed code and kiosk, newest first."""
    viewer.must(Can.SEE_SCORES)
    return OpenLink.objects.select_related("survey").order_by("-pk")


def link(pk: int, *, viewer: Viewer) -> OpenLink:
    """Return one open link."""
    found = links(viewer=viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such link.")
    return found
