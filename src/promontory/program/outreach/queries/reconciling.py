"""What became of everybody in a frame, at any instant; it always adds up to the frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Q

from promontory.program.outreach.codes import HELD, Disposition, WaveKind, WaveState
from promontory.program.outreach.models import (
    DispositionChange,
    EventCase,
    FrameSlice,
    Invitation,
    Wave,
)
from promontory.program.outreach.rules.frames import DRAWN, counts, unpack

PENDING = 0
"""Stands for the cases of events that are not decided yet."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many of a frame have each disposition; `difference` is what is unaccounted for: zero."""

    frame: int
    counts: Mapping[int, int]

    @property
    def difference(self) -> int:
        return self.frame - sum(self.counts.values())

    def of(self, *dispositions: Disposition) -> int:
        return sum(self.counts.get(int(one), 0) for one in dispositions)

    @property
    def held(self) -> int:
        return self.of(*HELD)

    @property
    def invited(self) -> int:
        """How many were invited, or are still to be."""
        never = {Disposition.NOT_DRAWN, Disposition.UNREACHABLE, Disposition.CANCELLED, *HELD}
        return sum(n for code, n in self.counts.items() if code and code not in never)


def reconcile(wave: Wave, *, at: datetime | None = None) -> Reconciled:
    """Return what became of everybody in a wave's frame, now or as it stood at an instant."""
    if at is not None and wave.drawn_at is not None and at < wave.drawn_at:
        return Reconciled(0, {})
    if wave.kind == WaveKind.EVENT:
        return _of_events(wave, at)
    if wave.digest is None:  # no frame yet, or one that is still being kept
        return Reconciled(0, {})
    found = Counter(in_frame(wave))
    drawn = found.pop(DRAWN, 0)
    invited = _invitations(wave, at)
    found.update(invited)
    # Drawn, and not written yet: to be asked while it is drawn, never asked once it is given up.
    waiting = drawn - sum(invited.values())
    if waiting:
        given_up = wave.state == WaveState.CANCELLED
        found[int(Disposition.CANCELLED if given_up else Disposition.PLANNED)] += waiting
    return Reconciled(wave.frame_size, dict(found))


def in_frame(wave: Wave) -> dict[int, int]:
    """Return how many people of a drawn wave have each disposition in its kept frame.

    A kept frame never changes, so that one of millions is unpacked once a process.
    """
    return dict(_in_frame(wave.pk, bytes(wave.digest or b"")))


@lru_cache(maxsize=2_048)
def _in_frame(wave: int, digest: bytes) -> Mapping[int, int]:
    found: Counter[int] = Counter()
    slices = FrameSlice.objects.filter(wave=wave).order_by("number")
    for one in slices.iterator(chunk_size=4):
        found.update(counts(unpack(one.first_contact, one.count, bytes(one.packed))))
    return dict(found)


def _invitations(wave: Wave, at: datetime | None) -> Counter[int]:
    rows = Invitation.objects.filter(wave=wave).order_by().values_list("disposition")
    found = Counter(dict(rows.annotate(n=Count("pk"))))
    if at is not None:
        _undo(found, Q(invitation__wave=wave, at__gt=at))
    return found


def _undo(found: Counter[int], which: Q) -> None:
    """Take back changes that came later: what each went to, and from where, cancels out."""
    later = DispositionChange.objects.filter(which).order_by().values_list("was", "now")
    for was, now, n in later.annotate(n=Count("pk")):
        found[now] -= n
        found[was] += n


def _of_events(wave: Wave, at: datetime | None) -> Reconciled:
    """The cases are the frame: each decided one has a disposition, or an invitation that has."""
    cases = EventCase.objects.filter(wave=wave)
    if at is not None:
        cases = cases.filter(decided_at__lte=at)
    refused = cases.filter(invitation=None).order_by().values_list("disposition")
    found = Counter({code or PENDING: n for code, n in refused.annotate(n=Count("pk"))})
    invited = cases.filter(invitation__isnull=False).order_by()
    now = invited.values_list("invitation__disposition").annotate(n=Count("pk"))
    found.update(dict(now))
    if at is not None:
        which = Q(invitation__in=invited.values("invitation"), at__gt=at)
        _undo(found, which)
    return Reconciled(cases.count(), {code: n for code, n in found.items() if n})
