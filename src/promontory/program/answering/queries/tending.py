"""What those who look after asking have to know about its doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from promontory.program.answering.models import Intake, Quarantine
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Invitation, OpenLink, Site, Wave

_MOST = 100
_RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Clicked:
    """Of the invitations by e-mail in a wave: how many clicks stayed without an answer."""

    wave: int
    name: str
    unconfirmed: int
    answered: int

    @property
    def share(self) -> int:
        """The unconfirmed clicks, in per cent of all that were clicked or answered."""
        return round(100 * self.unconfirmed / max(1, self.unconfirmed + self.answered))


def stuck(*, viewer: Viewer) -> list[Intake]:
    """Return the acts that could not be settled, the oldest first."""
    viewer.must(Can.SEND)
    return list(Intake.objects.exclude(problem="").order_by("pk")[:_MOST])


def waiting(*, viewer: Viewer) -> int:
    """Return how many acts are yet to be settled."""
    viewer.must(Can.SEND)
    return Intake.objects.filter(problem="").count()


def quarantined(*, viewer: Viewer) -> list[Quarantine]:
    """Return the responses that machines seem to have given, the latest first."""
    viewer.must(Can.SEND)
    return list(Quarantine.objects.select_related("response__survey")[:_MOST])


def clicks(*, viewer: Viewer, at: datetime) -> list[Clicked]:
    """Return the share of unconfirmed clicks in the latest waves."""
    viewer.must(Can.SEND)
    waves = list(Wave.objects.filter(created_at__gt=at - _RECENT).order_by("-pk")[:10])
    wanted = [Disposition.CLICKED, Disposition.ANSWERED, Disposition.PARTIAL]
    rows = Invitation.objects.filter(wave__in=waves, disposition__in=wanted).order_by()
    counts: dict[int, dict[int, int]] = {}
    for wave, disposition, number in rows.values_list("wave_id", "disposition").annotate(
        number=Count("pk")
    ):
        counts.setdefault(wave, {})[disposition] = number
    return [
        Clicked(
            wave.pk,
            wave.name,
            found.get(Disposition.CLICKED, 0),
            found.get(Disposition.ANSWERED, 0) + found.get(Disposition.PARTIAL, 0),
        )
        for wave in waves
        if (found := counts.get(wave.pk))
    ]


def kiosks(*, viewer: Viewer) -> list[OpenLink]:
    """Return the kiosks that are open."""
    viewer.must(Can.SEND)
    found = OpenLink.objects.select_related("survey").filter(kind="kiosk", closed_at=None)
    return list(found.order_by("name")[:_MOST])


def sites(*, viewer: Viewer) -> list[Site]:
    """Return the sites and apps that may ask, by name."""
    viewer.must(Can.SEND)
    return list(Site.objects.order_by("name")[:_MOST])


def site(key: str, *, viewer: Viewer) -> Site | None:
    """Return one of them."""
    viewer.must(Can.SEND)
    return Site.objects.filter(key=key).first()
