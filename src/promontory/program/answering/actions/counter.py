"""Taking answers over the counter: many requests, one thread that writes, one commit for all.

While a commit waits for the disk the next requests gather; so their number at a time grows with
the load by itself, and each waits for one commit and a half. Whoever is served has an answer that
is durable and, if it was a plain one, counted already.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue

from django.db import connections, transaction

from promontory.errors import Refusal
from promontory.program.answering.actions.intake import NewAct, keep
from promontory.program.answering.actions.together import settle_together
from promontory.program.answering.queries.holding import held, waiting
from promontory.program.answering.queries.invitations import Asked, asked_by
from promontory.program.outreach.models import Invitation, Site

log = logging.getLogger("promontory.answering")

AT_ONCE = 64
PATIENCE_SECONDS = 30.0

Read = Callable[[Asked, Site | None, datetime], NewAct | None]


@dataclass(slots=True)
class Sent:
    """What somebody sent by an invitation, still to be read.

    `read` makes an act of it, given who is asked and the site it came by; None (or a refusal):
    this is nothing for the counter.
    """

    invitation: int
    read: Read
    site: str = ""
    act: NewAct | None = None
    _served: threading.Lock = field(default_factory=threading.Lock)


def receive(sent: Sequence[Sent], *, at: datetime) -> None:
    """Read what was sent, make it durable, and put the act of each beside it.

    Plain answers are settled in the same transaction; the others are kept, to be settled soon, and
    the nameless with others of theirs.
    """
    taken: list[tuple[Sent, NewAct]] = []
    with transaction.atomic():
        people = held({each.invitation for each in sent})
        sites = _sites({each.site for each in sent if each.site})
        for each in sent:
            invitation = people.get(each.invitation)
            if invitation is None or (each.site and each.site not in sites):
                continue
            try:
                act = each.read(asked_by(invitation, at=at), sites.get(each.site), at)
            except Refusal:
                continue
            if act is not None:
                taken.append((each, act))
        # Nobody overtakes what they said before and is not settled yet.
        behind = waiting(people) if taken else set()
        ahead = [
            act
            for _, act in taken
            if act.invitation not in behind and not _is_nameless(people[act.invitation or 0])
        ]
        done = settle_together(ahead, people, at=at) if ahead else set()
        settled = {id(ahead[place]) for place in done}
        if left := [act for _, act in taken if id(act) not in settled]:
            keep(left)
    # Not before the commit: what is not durable is not acknowledged.
    for each, act in taken:
        each.act = act


def _is_nameless(invitation: Invitation) -> bool:
    # Settled as they come, such answers would be in the order of those who gave them.
    return invitation.wave.survey.promise == "anonymous"


def _sites(keys: Collection[str]) -> dict[str, Site]:
    if not keys:
        return {}
    return {site.key: site for site in Site.objects.filter(key__in=keys, is_active=True)}


class Counter:
    """The thread that writes, and the queue before it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._queue: SimpleQueue[Sent | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="counter", daemon=True)

    def start(self) -> Counter:
        self._thread.start()
        return self

    def stop(self, *, timeout: float = 5) -> None:
        """Stop after those who are in the queue now."""
        self._queue.put(None)
        self._thread.join(timeout)

    def serve(self, sent: Sent) -> NewAct | None:
        """Wait until it is durable and return the act; None: it has to be taken another way."""
        sent._served.acquire()
        self._queue.put(sent)
        if not sent._served.acquire(timeout=PATIENCE_SECONDS):
            return None
        return sent.act

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._next()
            try:
                if batch:
                    receive(batch, at=self._clock())
            except Exception:
                # Each of them is now taken by itself, as if there were no counter.
                log.exception("The counter stumbled over %s answers; it goes on.", len(batch))
                connections.close_all()
            finally:
                for sent in batch:
                    sent._served.release()
        connections.close_all()

    def _next(self) -> tuple[list[Sent], bool]:
        found = self._queue.get()
        batch: list[Sent] = []
        try:
            while found is not None:
                batch.append(found)
                if len(batch) >= AT_ONCE:
                    return batch, True
                found = self._queue.get_nowait()
        except Empty:
            return batch, True
        return batch, False
