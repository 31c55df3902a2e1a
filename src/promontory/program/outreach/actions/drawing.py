"""Drawing a wave: first its frame is kept, then those drawn are invited; resumable at any point."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from django.db.models import Max

from promontory.errors import Refusal
from promontory.jobs import running
from promontory.program.customers.models import Contact
from promontory.program.organization.access import SYSTEM
from promontory.program.organization.actions import audit
from promontory.program.outreach.actions.dispositions import clocks_touched, dispose
from promontory.program.outreach.actions.plans import held_wave, kept_plan
from promontory.program.outreach.actions.reserving import reserving, wait_for_turn
from promontory.program.outreach.codes import Disposition, WaveState
from promontory.program.outreach.models import FrameSlice, Invitation, Stratum, Wave
from promontory.program.outreach.queries import frame as frames
from promontory.program.outreach.queries.columns import second
from promontory.program.outreach.queries.facts import known_of
from promontory.program.outreach.queries.policies import kept_policy
from promontory.program.outreach.queries.rates import expected_rate
from promontory.program.outreach.queries.spreads import spreads_of
from promontory.program.outreach.rules import trying
from promontory.program.outreach.rules.choosing import Choices
from promontory.program.outreach.rules.drawing import Frame, Plan, Sample, drawn
from promontory.program.outreach.rules.frames import SLICE, People, digest, pack, unpack
from promontory.program.outreach.rules.policy import Policy, may_ask

_SECONDS = 0.040
"""What a transaction on SQLite aims at: others wait for the writer no longer than that."""
# On PostgreSQL a portion takes some tenths of a second even on a busy machine: events wait for one.
_MOST_ROWS = 2_000
_FOREIGN_AT_ONCE = 50_000


class _Stopped(Exception):
    """The wave was cancelled, or another has gone on with it."""


def try_out(wave_id: int, *, at: datetime) -> None:
    """Work out what drawing a draft now would give, and keep it with the draft."""
    wave = Wave.objects.select_related("plan", "survey").get(pk=wave_id)
    if wave.state != WaveState.DRAFT or wave.plan is None:
        return
    kept, policy = kept_plan(wave.plan), kept_policy(wave.survey, at)
    try:
        plan = _plan(wave, kept, at)
        frame, sample = _drawn(wave, plan, kept, Policy.of(policy), at)
        said = trying.summary(frame, sample, plan, policy=policy, at=at.isoformat())
    except Refusal as refusal:
        said = {"problem": str(refusal)}
    with running.checkpoint():
        Wave.objects.filter(pk=wave_id, state=WaveState.DRAFT).update(dry_run=said)


def draw_wave(wave_id: int, *, at: datetime) -> None:
    """Draw a wave, or go on where a killed worker stopped: the same people, nobody twice."""
    wave = Wave.objects.select_related("survey").get(pk=wave_id)
    if wave.state != WaveState.DRAWING:
        return
    try:
        if wave.digest is None:
            _keep_frame(wave)
        _invite(wave, at=at)
        _finish(wave, at=at)
    except Refusal as refusal:
        _back_to_draft(wave_id, str(refusal))
    except _Stopped:
        return


def _plan(wave: Wave, kept: Mapping[str, object], at: datetime) -> Plan:
    given = dict(kept)
    if given.get("expected_rate") is None:
        given["expected_rate"] = expected_rate(wave.survey, at=at)
    return Plan.of(given)


def _drawn(
    wave: Wave, plan: Plan, kept: Mapping[str, object], policy: Policy, at: datetime
) -> tuple[Frame, Sample]:
    frame = frames.judged(
        wave.survey,
        frame=kept["frame"],  # type: ignore[arg-type]
        strata=plan.strata,
        channels=plan.channels,
        decided=Choices.of(kept).decided,
        policy=policy,
        at=at,
        heed=lambda done: running.progress(done, None, "reading the frame"),
    )
    needs = plan.allocation in ("neyman", "equal_power") and plan.strata
    spreads = spreads_of(wave.survey, frame.codes, at=at) if needs else {}
    return frame, drawn(frame, plan, seed=wave.seed, spreads=spreads)


def _keep_frame(wave: Wave) -> None:
    """Judge the frame and keep it; killed in the midst of it, it is all done anew."""
    assert wave.drawn_at is not None, "set when the drawing began"
    with reserving():
        # Whoever is invited after this moment has a greater number: those are looked at again.
        seen = Invitation.objects.aggregate(last=Max("pk"))["last"] or 0
    with running.checkpoint():  # a worker that lost the job meanwhile deletes nothing
        FrameSlice.objects.filter(wave=wave).delete()
    plan = _plan(wave, wave.plan_kept, wave.drawn_at)
    policy = Policy.of(wave.policy_kept)
    frame, sample = _drawn(wave, plan, wave.plan_kept, policy, wave.drawn_at)
    hashes = []
    channel = frame.channel[sample.disposition == int(Disposition.PLANNED)]
    before = 0
    for number, start in enumerate(range(0, len(frame.ids), SLICE)):
        part = slice(start, start + SLICE)
        disposition = sample.disposition[part]
        mine = slice(before, before + int(np.count_nonzero(disposition == Disposition.PLANNED)))
        before = mine.stop
        people = People(
            frame.ids[part],
            disposition,
            frame.stratum[part],
            channel[mine],
            sample.weight[mine],
        )
        packed = pack(people)
        hashes.append(packed.sha256)
        with running.checkpoint():
            FrameSlice.objects.create(
                wave=wave,
                number=number,
                first_contact=packed.first,
                last_contact=packed.last,
                count=packed.count,
                packed=packed.data,
            )
        running.progress(start, len(frame.ids), "keeping the frame")
    with running.checkpoint():
        locked = held_wave(wave.pk)
        if locked.state != WaveState.DRAWING or locked.digest is not None:
            raise _Stopped
        Stratum.objects.filter(wave=wave).delete()
        Stratum.objects.bulk_create(
            [
                Stratum(
                    wave=wave,
                    number=number,
                    codes=stratum.codes,
                    label=stratum.label[:300],
                    size=stratum.size,
                    eligible=stratum.eligible,
                    wanted=stratum.wanted,
                    drawn=stratum.drawn,
                )
                for number, stratum in enumerate(sample.strata)
            ]
        )
        labels = {number: stratum.label for number, stratum in enumerate(sample.strata)}
        locked.digest = digest(hashes, seed=wave.seed, strata=labels)
        locked.frame_size, locked.eligible = len(frame.ids), sample.eligible
        locked.drawn, locked.seen = sample.drawn, seen
        locked.dry_run = trying.summary(
            frame, sample, plan, policy=wave.policy_kept, at=wave.drawn_at.isoformat()
        )
        locked.save()
    wave.refresh_from_db()


def _invite(wave: Wave, *, at: datetime) -> None:
    """Write the invitations of a kept frame, from where it stopped, a short transaction a time."""
    assert wave.drawn_at is not None, "set when the drawing began"
    due = max(wave.starts_at or wave.drawn_at, wave.drawn_at)
    others = _Others(wave)
    done, per_row = wave.written, 0.00003
    for people in _left(wave, done):
        start = 0
        while start < len(people.ids):
            rows = _MOST_ROWS
            if connection.vendor == "sqlite":
                rows = min(rows, max(50, int(_SECONDS / per_row)))
            part = slice(start, start + rows)
            some = People(
                people.ids[part],
                people.disposition[part],
                people.stratum[part],
                people.channel[part],
                people.weight[part],
            )
            begun = time.thread_time()
            with running.checkpoint():
                wait_for_turn()
                ours = Wave.objects.filter(pk=wave.pk, state=WaveState.DRAWING, written=done)
                if not ours.update(written=done + len(some.ids)):
                    raise _Stopped
                held = others.held_back(some.ids.tolist(), due)
                _write(wave, some, due)
                clocks_touched(some.ids.tolist(), invited=due)
                _hold_back(wave, held, at=at)
            per_row = 0.5 * per_row + 0.5 * (time.thread_time() - begun) / len(some.ids)
            done += len(some.ids)
            start += rows
            running.progress(done, wave.drawn, "inviting")


def _left(wave: Wave, done: int) -> Iterator[People]:
    """Yield the drawn of each slice that are not invited yet, in the order of their ids."""
    slices = FrameSlice.objects.filter(wave=wave).order_by("number")
    for one in slices.iterator(chunk_size=4):
        people = unpack(one.first_contact, one.count, bytes(one.packed))
        mine = people.drawn
        number = int(np.count_nonzero(mine))
        skipped = min(done, number)
        done -= skipped
        if skipped < number:
            yield People(
                people.ids[mine][skipped:],
                people.disposition[mine][skipped:],
                people.stratum[mine][skipped:],
                people.channel[skipped:],
                people.weight[skipped:],
            )


def _write(wave: Wave, people: People, due: datetime) -> None:
    columns = (
        "wave_id, contact_id, channel, stratum, event, weight, disposition, reminders, "
        "due_at, changed_at"
    )
    moment = connection.ops.adapt_datetimefield_value(due)
    changed = connection.ops.adapt_datetimefield_value(wave.drawn_at)
    planned = int(Disposition.PLANNED)
    lists = [
        people.ids.tolist(),
        people.channel.tolist(),
        people.stratum.tolist(),
        people.weight.tolist(),
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                f"INSERT INTO outreach_invitation ({columns}) "
                f"VALUES ({wave.pk}, %s, %s, %s, 0, %s, {planned}, 0, %s, %s)",
                [(*row, moment, changed) for row in zip(*lists, strict=True)],
            )
            return
        cursor.execute(
            f"INSERT INTO outreach_invitation ({columns}) "
            f"SELECT {wave.pk}, t.c, t.ch, t.st, 0, t.w, {planned}, 0, %s, %s FROM "
            "unnest(%s::bigint[], %s::smallint[], %s::integer[], %s::bigint[]) AS t(c, ch, st, w)",
            [due, wave.drawn_at, *lists],
        )


class _Others:
    """Whom others have asked since the frame was judged: those are judged again, in our turn."""

    def __init__(self, wave: Wave) -> None:
        self._wave = wave
        self._policy = Policy.of(wave.policy_kept)
        self._wanted = frames.ways_wanted(Choices.of(wave.plan_kept).every)
        self._seen = wave.seen
        self._contacts: set[int] = set()
        self._accounts: set[int] = set()
        self._households: set[int] = set()

    def held_back(self, ids: list[int], due: datetime) -> dict[Disposition, list[int]]:
        """Return those who may not be asked any more, by the reason; the others are counted in."""
        held: dict[Disposition, list[int]] = {}
        self._look()
        if not (again := self._concerned(ids)):
            return held
        assert self._wave.drawn_at is not None, "set when the drawing began"
        at = self._wave.drawn_at
        known = known_of(again, self._wave.survey, self._policy, at)
        for contact in (known.contacts[pk] for pk in again):
            facts = known.facts(contact, self._wanted)
            verdict = may_ask(facts, self._policy, None, second(at))
            if verdict.disposition is None:
                known.invited(contact, due)
            else:
                held.setdefault(verdict.disposition, []).append(contact.pk)
        return held

    def _look(self) -> None:
        new = Invitation.objects.filter(pk__gt=self._seen).exclude(wave=self._wave).order_by("pk")
        rows = new.values_list("pk", "contact_id", "contact__account_id", "contact__household")
        for pk, contact, account, household in rows.iterator(chunk_size=_FOREIGN_AT_ONCE):
            self._seen = pk
            self._contacts.add(contact)
            if account is not None and self._policy.cap_account is not None:
                self._accounts.add(account)
            if household is not None and self._policy.cap_household is not None:
                self._households.add(household)

    def _concerned(self, ids: list[int]) -> list[int]:
        if not (self._accounts or self._households):
            return sorted(self._contacts.intersection(ids))
        rows = Contact.objects.filter(pk__in=ids).values_list("pk", "account_id", "household")
        return sorted(
            pk
            for pk, account, household in rows
            if pk in self._contacts or account in self._accounts or household in self._households
        )


def _hold_back(wave: Wave, held: Mapping[Disposition, list[int]], *, at: datetime) -> None:
    for disposition, contacts in held.items():
        those = Invitation.objects.filter(wave=wave, contact__in=contacts)
        ids = list(those.values_list("pk", flat=True))
        dispose(ids, disposition, why="asked meanwhile by another", by="system", at=at)


@transaction.atomic
def _finish(wave: Wave, *, at: datetime) -> None:
    locked = held_wave(wave.pk)
    if locked.state != WaveState.DRAWING:
        return
    locked.state = WaveState.DRAWN
    locked.save(update_fields=["state"])
    detail = {
        "frame": locked.frame_size,
        "eligible": locked.eligible,
        "drawn": locked.drawn,
        "digest": bytes(locked.digest or b"").hex(),
    }
    audit("drawn", locked, by=SYSTEM, at=at, detail=detail)


@transaction.atomic
def _back_to_draft(wave_id: int, problem: str) -> None:
    """Let a wave that cannot be drawn be a draft again, with the reason; nobody was invited."""
    locked = held_wave(wave_id)
    if locked.state == WaveState.DRAWING and not locked.written:
        FrameSlice.objects.filter(wave=locked).delete()
        locked.state, locked.problem = WaveState.DRAFT, problem
        locked.save(update_fields=["state", "problem"])
