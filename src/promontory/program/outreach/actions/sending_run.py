"""A run of the sending job: everything of one lane of a wave that is due now, in chunks.

For each chunk: who sleeps is put off, who may not be asked any more is held back, the rest are
written to one after the other at the rate the sender allows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import get_ident
from time import sleep

from django.conf import settings
from django.db import transaction

from promontory.channels.contract import Means, Message, NotSent, Provider
from promontory.errors import Refusal
from promontory.jobs import Rate, rates, running
from promontory.jobs.errors import Ended
from promontory.jobs.rules import is_passing
from promontory.program.customers import actions as customers
from promontory.program.customers.codes import WAY_OF_CHANNEL, Way
from promontory.program.customers.models import Contact
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.actions import delivery, outbox
from promontory.program.outreach.actions.dispositions import dispose
from promontory.program.outreach.actions.sending import pause_for
from promontory.program.outreach.actions.sending_later import SEND_LANE
from promontory.program.outreach.codes import DeliveryState, Disposition
from promontory.program.outreach.models import Delivery, Invitation, Sender, Wave
from promontory.program.outreach.queries import senders
from promontory.program.outreach.queries.messages import Letterheads, Recipient, recipients
from promontory.program.outreach.queries.sending import (
    CHANNEL_NAMES,
    Due,
    due,
    live_runs,
    quiet_hours,
    run_name,
    still_allowed,
)
from promontory.program.outreach.rules import messages
from promontory.program.outreach.rules.sending_hours import next_allowed
from promontory.program.outreach.rules.sending_outcomes import (
    MOST_IN_A_ROW,
    Again,
    GivenUp,
    Stop,
    Unknown,
    after_failure,
)

CHUNK = 200
SECONDS_A_CHUNK = 5
LONGEST_WAIT = 60.0
MOMENT = 0.02


@dataclass
class Road:
    """One channel of a run: who sends, and what a local provider kept of the last message."""

    channel: str
    sender: Sender | None
    provider: Provider
    kept: list[tuple[Message, str]]
    is_open: bool = False

    @property
    def per_second(self) -> float | None:
        """How many messages a second may go out; None where nothing leaves this machine."""
        return (
            None if self.provider.capabilities.local or not self.sender else self.sender.per_second
        )


@dataclass
class Run:
    """One run: its wave, its name in the deliveries, its clock, and how it has fared so far."""

    wave: Wave
    name: str
    clock: Callable[[], datetime]
    nap: Callable[[float], None]
    heads: Letterheads
    roads: dict[str, Road] = field(default_factory=dict)
    sent: int = 0
    in_a_row: int = 0
    stopped: bool = False

    def wait(self, seconds: float) -> None:
        """Wait, and stop waiting when the job is to stop."""
        while seconds > 0:
            self.nap(min(seconds, 1.0))
            seconds -= 1.0
            if seconds > 0:
                running.progress(self.sent, note="sending")

    def stop(self, why: str) -> None:
        """Let the wave pause itself."""
        pause_for(self.wave.pk, why=why)
        self.stopped = True


def send_lane(
    wave_id: int,
    *,
    lane: int = 0,
    lanes: int = 1,
    clock: Callable[[], datetime],
    nap: Callable[[float], None] = sleep,
) -> int:
    """Send what one lane of a wave has due, until nothing is, and return how many were sent."""
    wave = Wave.objects.select_related("survey", "version", "plan").get(pk=wave_id)
    run = Run(wave, present_run(), clock, nap, Letterheads(wave))
    recover(at=clock())
    try:
        while not run.stopped and delivery.may_go_on(wave_id):
            chunk = due(wave_id, lane=lane, lanes=lanes, limit=CHUNK, at=clock())
            if not chunk:
                break
            _send_chunk(run, chunk)
            running.progress(run.sent, note="sending")
    except Ended:
        raise
    except Exception as error:
        # Begun anew every minute, a fault of ours would be met every minute.
        if not is_passing(error):
            pause_for(wave_id, why=f"Its messages cannot be made. {type(error).__name__}: {error}")
        raise
    finally:
        for road in run.roads.values():
            road.provider.close()
    return run.sent


def present_run() -> str:
    """Return the name of the run that this thread is in."""
    now = running.current.get()
    return run_name(now.job, now.fence) if now else f"direct.{get_ident()}"


def recover(*, at: datetime) -> int:
    """Settle what dead runs have left behind; returns how many deliveries became unknown."""
    return delivery.recover(live_runs(SEND_LANE), at=at)


def _send_chunk(run: Run, chunk: Sequence[Due]) -> None:
    """Send one chunk and bring what became of it to its invitations."""
    at = run.clock()
    people = recipients([each.contact for each in chunk])
    awake = _put_off(chunk, people, at)
    allowed = _hold_back(awake, at)
    failing: list[tuple[int, Way, str]] = []
    try:
        for channel, some in _by_channel(allowed).items():
            road = _road(run, channel)
            if road is None:
                break
            reachable = _reachable(road, some, people, at)
            for part in _at_rate(run, road, reachable):
                _send_part(run, road, part, people, failing)
                if run.stopped:
                    break
    finally:
        run.sent += delivery.settle(run.name, at=run.clock()).get(DeliveryState.SENT, 0)
        _mark_failing(failing, at=run.clock())


def _put_off(chunk: Sequence[Due], people: dict[int, Recipient], at: datetime) -> list[Due]:
    """Put off those whose clocks say it is a quiet hour; return the others."""
    quiet = quiet_hours()
    later: dict[datetime, list[Due]] = defaultdict(list)
    awake = []
    for each in chunk:
        person = people.get(each.contact)
        then = next_allowed(at, person.zone, *quiet) if person else at
        if then > at:
            later[then].append(each)
        else:
            awake.append(each)
    for then, some in later.items():
        with transaction.atomic():
            waiting = [each.delivery for each in some if each.delivery is not None]
            fresh = [each.invitation for each in some if each.delivery is None]
            Delivery.objects.filter(pk__in=waiting).update(due_at=then)
            Invitation.objects.filter(pk__in=fresh).update(due_at=then)
    return awake


def _hold_back(awake: Sequence[Due], at: datetime) -> list[Due]:
    """Hold back those who may not be asked any more since they were drawn; return the others."""
    held = still_allowed([each.invitation for each in awake], at=at)
    ended: dict[Disposition, list[int]] = defaultdict(list)
    for each in awake:
        if each.invitation in held and each.number == 0:
            ended[held[each.invitation]].append(each.invitation)
    with transaction.atomic():
        for disposition, invitations in ended.items():
            dispose(invitations, disposition, by=delivery.BY, at=at)
        _skip([each for each in awake if each.invitation in held], "held back since", at)
    return [each for each in awake if each.invitation not in held]


def _reachable(
    road: Road, some: Sequence[Due], people: dict[int, Recipient], at: datetime
) -> list[Due]:
    """Give up those who have no address any more; return the others."""
    kind = road.provider.capabilities.address
    gone = [
        each
        for each in some
        if each.contact not in people or not people[each.contact].address(kind)
    ]
    if gone:
        with transaction.atomic():
            fresh = [each.invitation for each in gone if each.number == 0]
            why = "no address any more"
            dispose(fresh, Disposition.UNREACHABLE, why=why, by=delivery.BY, at=at)
            _skip(gone, why, at)
    lost = {each.invitation for each in gone}
    return [each for each in some if each.invitation not in lost]


def _skip(some: Sequence[Due], why: str, at: datetime) -> None:
    waiting = [each.delivery for each in some if each.delivery is not None]
    if waiting:
        rows = Delivery.objects.filter(pk__in=waiting, state=DeliveryState.QUEUED)
        rows.update(state=DeliveryState.SKIPPED, detail=why, changed_at=at)


def _by_channel(some: Sequence[Due]) -> dict[str, list[Due]]:
    found: dict[str, list[Due]] = defaultdict(list)
    for each in some:
        found[CHANNEL_NAMES[each.channel]].append(each)
    return found


def _road(run: Run, channel: str) -> Road | None:
    """Return the way out of a channel; where there is none the wave pauses."""
    if channel not in run.roads:
        kept: list[tuple[Message, str]] = []
        sender = senders.default_of(channel)
        means = Means(keep=lambda message, provider_id: kept.append((message, provider_id)))
        try:
            provider = senders.provider_of(sender, channel, means)
        except Refusal as refusal:
            run.stop(str(refusal))
            return None
        run.roads[channel] = Road(channel, sender, provider, kept)
    return run.roads[channel]


def _at_rate(run: Run, road: Road, some: Sequence[Due]) -> Iterator[Sequence[Due]]:
    """Yield parts as the sender's rate allows them; all workers share what it allows."""
    rate = road.per_second
    if rate is None or road.sender is None:
        yield some
        return
    size = max(1, min(len(some), int(rate * SECONDS_A_CHUNK)))
    for start in range(0, len(some), size):
        part = some[start : start + size]
        span = timedelta(seconds=len(part) / rate)
        at = run.clock()
        slot = rates.book(Rate(f"sender:{road.sender.pk}", count=1, per=span), at=at)
        run.wait((slot - at).total_seconds())
        yield part


def _send_part(
    run: Run,
    road: Road,
    part: Sequence[Due],
    people: dict[int, Recipient],
    failing: list[tuple[int, Way, str]],
) -> None:
    sender = road.sender.pk if road.sender else None
    before: delivery.Result | None = None
    began = run.clock()
    try:
        for position, each in enumerate(part):
            if road.per_second:
                turn = began + timedelta(seconds=position / road.per_second)
                seconds = (turn - run.clock()).total_seconds()
                if seconds > MOMENT and before is not None:
                    _record(before)
                    before = None
                run.wait(seconds)
            if not _opened(run, road):
                return
            person = people[each.contact]
            message = _message(run, road, each, person)
            claimed = delivery.claim(
                each, sender=sender, run=run.name, before=before, at=run.clock()
            )
            before = None
            if claimed is None:
                if not delivery.may_go_on(run.wave.pk):
                    run.stopped = True
                    return
                _skip([each], "no longer to be sent", run.clock())
                continue
            before = _hand_over(run, road, claimed, each, message, person, failing)
            if run.stopped:
                return
    finally:
        if before is not None:
            _record(before)


def _record(result: delivery.Result) -> None:
    with transaction.atomic():
        delivery.record(result)


def _opened(run: Run, road: Road) -> bool:
    """Connect if that was not done yet; a service that cannot be reached pauses the wave."""
    while not road.is_open:
        try:
            road.provider.open()
            road.is_open = True
        except NotSent as failure:
            run.in_a_row += 1
            if failure.permanent or run.in_a_row >= MOST_IN_A_ROW:
                run.stop(f"{_who(road)} cannot be reached. {failure.detail}")
                return False
            run.wait(_pause(run.in_a_row, failure))
            if not delivery.may_go_on(run.wave.pk):
                run.stopped = True
                return False
    return True


def _hand_over(
    run: Run,
    road: Road,
    claimed: int,
    each: Due,
    message: Message,
    person: Recipient,
    failing: list[tuple[int, Way, str]],
) -> delivery.Result:
    """Hand one claimed message over and return what became of it."""
    road.kept.clear()
    try:
        receipt = road.provider.send(message)
    except NotSent as failure:
        return _failed(run, road, claimed, each, failure, failing)
    run.in_a_row = 0
    kept = None
    if road.kept:
        said, provider_id = road.kept[-1]
        kept = outbox.kept_of(
            said,
            provider_id,
            channel=road.channel,
            key=person.key,
            person=person.person,
            delivery=claimed,
            sender=road.sender,
        )
    return delivery.Result(
        claimed, DeliveryState.SENT, run.clock(), provider_id=receipt.provider_id, kept=kept
    )


def _failed(
    run: Run,
    road: Road,
    claimed: int,
    each: Due,
    failure: NotSent,
    failing: list[tuple[int, Way, str]],
) -> delivery.Result:
    at = run.clock()
    match after_failure(failure, tries=each.tries + 1):
        case Unknown(why):
            # A service that keeps silent must not swallow a whole wave, one message after another.
            _trouble(run, road, failure, why)
            return delivery.Result(claimed, DeliveryState.UNKNOWN, at, detail=why)
        case GivenUp(why, is_address):
            run.in_a_row = 0
            if is_address:
                failing.append((each.contact, WAY_OF_CHANNEL.get(road.channel, Way.NONE), why))
            state = DeliveryState.BOUNCED if is_address else DeliveryState.FAILED
            return delivery.Result(claimed, state, at, detail=why)
        case Stop(why):
            run.stop(f"{_who(road)} refuses everything we send. {why}")
            return delivery.Result(claimed, DeliveryState.QUEUED, at, detail=why, due_at=at)
        case Again(after, why, is_service):
            if is_service:
                _trouble(run, road, failure, why)
            due_at = at + after
            return delivery.Result(claimed, DeliveryState.QUEUED, at, detail=why, due_at=due_at)


def _trouble(run: Run, road: Road, failure: NotSent, why: str) -> None:
    """Wait after a service's own trouble; too much of it in a row, and the wave pauses."""
    run.in_a_row += 1
    if run.in_a_row >= MOST_IN_A_ROW:
        run.stop(f"{_who(road)} has failed {run.in_a_row} times in a row. {why}")
    else:
        run.wait(_pause(run.in_a_row, failure))


def _pause(in_a_row: int, failure: NotSent) -> float:
    return min(max(2.0**in_a_row, failure.retry_after or 0), LONGEST_WAIT)


def _who(road: Road) -> str:
    return f"“{road.sender.name}”" if road.sender else f"The outbox ({road.channel})"


def _message(run: Run, road: Road, each: Due, person: Recipient) -> Message:
    """Return what one customer is sent."""
    head = run.heads.of(person.language, road.sender)
    where = messages.links(each.invitation, base=settings.PUBLIC_URL, key=settings.TOKEN_KEY)
    ref = messages.reference(each.invitation, each.number, key=settings.TOKEN_KEY)
    callbacks = (
        f"{settings.PUBLIC_URL}/in/{road.channel}/{road.sender.key if road.sender else 'local'}"
    )
    if road.channel == "email":
        filled = messages.mail(
            head, messages.Person(person.email, person.name), where, number=each.number
        )
        headers, return_path = messages.mail_headers(head, where, ref=ref)
        return Message(
            to=person.email,
            reference=ref,
            at=run.clock(),
            sender=head.sender,
            subject=filled.subject,
            text=filled.text,
            html=filled.html,
            headers=headers,
            language=head.language,
            return_path=return_path,
            status_url=f"{callbacks}/status",
        )
    return Message(
        to=person.phone,
        reference=ref,
        at=run.clock(),
        sender=road.sender.address if road.sender else "",
        text=messages.text_message(head, where) if road.channel == "sms" else messages.call(head),
        language=head.language,
        status_url=f"{callbacks}/status",
        answer_url=f"{callbacks}/answer?call={ref}",
    )


def _mark_failing(failing: Sequence[tuple[int, Way, str]], *, at: datetime) -> None:
    for contact, way, why in failing:
        found = Contact.objects.filter(pk=contact, details__isnull=False).first()
        if found is not None and way:
            customers.mark_failing(found, way, note=why, by=SYSTEM, at=at)
