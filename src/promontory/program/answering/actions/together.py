"""Settling many acts with the same few statements: those that are what nearly all are.

That is a page that was seen, and the first answer to an invitation. What needs a closer look (a
second answer, several scores of one invitation, a link without an invitation) is left to be
settled one by one.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction

from promontory.errors import Refusal
from promontory.program.answering.actions.intake import NewAct
from promontory.program.answering.actions.shaping import Dimensions, mask_of, shaped
from promontory.program.answering.codes import Act
from promontory.program.answering.models import Trace
from promontory.program.answering.queries.papers import paper, published
from promontory.program.answering.rules.paper import Paper
from promontory.program.answering.rules.scanning import Touch, is_scanner
from promontory.program.outreach import actions as outreach
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Invitation
from promontory.program.responses import actions as responses
from promontory.program.responses.actions.writing import insert_rows
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import SurveyVersion

log = logging.getLogger("promontory.answering")

_CLOSE = timedelta(seconds=1)
_ANSWERS = {Act.PARTIAL, Act.COMPLETE}
_CLICKED = Disposition.CLICKED
# No answer of theirs is recorded; and a score that was clicked would show.
_UNANSWERED = {
    Disposition.PLANNED,
    Disposition.SENT,
    Disposition.DELIVERED,
    Disposition.DELIVERY_UNKNOWN,
    Disposition.SHOWN,
    Disposition.CLICKED,
}


@dataclass(frozen=True, slots=True)
class _First:
    """The first answer to an invitation."""

    act: NewAct
    invitation: Invitation
    asked: Paper
    version: SurveyVersion

    @property
    def score(self) -> int | None:
        return self.act.answers.get(self.asked.score.key) if self.asked.score else None

    @property
    def touch(self) -> Touch | None:
        score = self.score
        if score is None:
            return None
        return Touch(score, self.act.session, self.act.received_at)


def settle_together(
    acts: Sequence[NewAct], people: Mapping[int, Invitation], *, at: datetime
) -> set[int]:
    """Settle those of these acts that are plain, and return which: their places in the sequence.

    The others are left as they were, and come after those of the same invitation that are settled.
    """
    often = Counter(act.invitation for act in acts)
    plain = [
        n
        for n, act in enumerate(acts)
        if act.invitation in people and often[act.invitation] == 1 and _is_plain(act)
    ]
    done: set[int] = set()
    for some in _close(plain, acts):
        try:
            with transaction.atomic():
                done |= _settle(some, acts, people, at=at)
        except (OperationalError, InternalError, InterfaceError):
            raise
        except Exception as error:
            # One of them; settled one by one it turns out which.
            if not isinstance(error, Refusal):
                log.exception("%s acts could not be settled together.", len(some))
    return done


def _is_plain(act: NewAct) -> bool:
    if act.act is Act.SHOWN:
        return act.channel != CHANNELS["in_app"]
    return act.act in _ANSWERS and not act.adds


def _close(places: Sequence[int], acts: Sequence[NewAct]) -> Iterator[list[int]]:
    """Yield the places of acts that came within a second: what is told of them has one instant."""
    some: list[int] = []
    for place in places:
        if some and abs(acts[place].received_at - acts[some[0]].received_at) > _CLOSE:
            yield some
            some = []
        some.append(place)
    if some:
        yield some


def _settle(
    places: Sequence[int],
    acts: Sequence[NewAct],
    people: Mapping[int, Invitation],
    *,
    at: datetime,
) -> set[int]:
    then = max(acts[n].received_at for n in places)
    seen = [n for n in places if acts[n].act is Act.SHOWN]
    if seen:
        _dispose([acts[n].invitation or 0 for n in seen], Disposition.SHOWN, then)
    firsts = _firsts([n for n in places if acts[n].act in _ANSWERS], acts, people)
    if firsts:
        _answer(list(firsts.values()), then, at=at)
    return {*seen, *firsts}


def _firsts(
    places: Sequence[int], acts: Sequence[NewAct], people: Mapping[int, Invitation]
) -> dict[int, _First]:
    """Return those that are the first answer of somebody who is no machine, by their places."""
    found: dict[int, _First] = {}
    papers: dict[tuple[int, int], tuple[SurveyVersion, Paper] | None] = {}
    for n in places:
        invitation, version = people[acts[n].invitation or 0], acts[n].version
        if invitation.disposition not in _UNANSWERED or invitation.contact.person.erased_at:
            continue
        if (key := (invitation.wave_id, version)) not in papers:
            papers[key] = _paper(version, invitation)
        if (printed := papers[key]) is not None:
            found[n] = _First(acts[n], invitation, printed[1], printed[0])
    clicked = [o.invitation.pk for o in found.values() if o.invitation.disposition == _CLICKED]
    touched = _touches(clicked) if clicked else {}
    within = timedelta(seconds=settings.SCANNER_SECONDS)
    return {
        n: one
        for n, one in found.items()
        if one.invitation.pk not in touched
        or (touch := one.touch) is None
        or not is_scanner(touch, touched[one.invitation.pk], within)
    }


def _paper(version: int, invitation: Invitation) -> tuple[SurveyVersion, Paper] | None:
    found = published(version)
    if found is None:
        return None
    found.survey = invitation.wave.survey
    return found, paper(found)


def _answer(firsts: Sequence[_First], then: datetime, *, at: datetime) -> None:
    dimensions = Dimensions()
    news = [
        shaped(
            one.version,
            one.asked,
            one.act,
            one.invitation,
            None,
            dimensions,
            mask=mask_of(one.invitation, one.asked),
        )
        for one in firsts
    ]
    responses.record_all(news, by=responses.RESPONDENT, at=at)
    outreach.clocks_touched({one.invitation.contact_id for one in firsts}, answered=then)
    traces = [
        (one.invitation.pk, touch.score, touch.session, False, _moment(touch.at))
        for one in firsts
        if (touch := one.touch) is not None
    ]
    with connection.cursor() as cursor:
        insert_rows(cursor, Trace, ("invitation", "score", "session", "is_click", "at"), traces)
    for act, to in ((Act.COMPLETE, Disposition.ANSWERED), (Act.PARTIAL, Disposition.PARTIAL)):
        _dispose([one.invitation.pk for one in firsts if one.act.act is act], to, then)


def _dispose(numbers: Sequence[int], to: Disposition, then: datetime) -> None:
    if numbers:
        outreach.dispose(numbers, to, by="respondent", at=then)


def _moment(at: datetime) -> Any:
    """Return an instant as this database keeps it; statements of our own pass no adapters."""
    return connection.ops.adapt_datetimefield_value(at)


def _touches(numbers: Collection[int]) -> dict[int, list[Touch]]:
    found: defaultdict[int, list[Touch]] = defaultdict(list)
    for trace in Trace.objects.filter(invitation__in=numbers):
        found[trace.invitation].append(Touch(trace.score, trace.session, trace.at, trace.is_click))
    return found
