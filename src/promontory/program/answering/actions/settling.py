"""Turning what was kept into responses, in the order in which it came or, nameless, in none."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction

from promontory.errors import Conflict, NotFound, Refusal
from promontory.program.answering.actions.blurring import Blur, shuffled
from promontory.program.answering.actions.intake import NewAct, opened
from promontory.program.answering.actions.shaping import Dimensions, identity, mask_of, shaped
from promontory.program.answering.actions.together import settle_together
from promontory.program.answering.codes import Act
from promontory.program.answering.models import Intake, Quarantine, Trace
from promontory.program.answering.queries.holding import held
from promontory.program.answering.queries.papers import paper
from promontory.program.answering.queries.patience import in_company, in_turn, ready
from promontory.program.answering.rules.paper import Paper
from promontory.program.answering.rules.scanning import Touch, is_scanner
from promontory.program.answering.rules.submission import verbatim
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach import actions as outreach
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Invitation, OpenLink
from promontory.program.responses import actions as responses
from promontory.program.responses.codes import Excluded
from promontory.program.responses.models import Response
from promontory.program.responses.queries.finding import by_given_id, comment_of
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import SurveyVersion

log = logging.getLogger("promontory.answering")

AT_ONCE = 100
"""So many acts are settled together; it keeps SQLite's writer for some tens of milliseconds."""

ONE_BY_ONE = 16
"""So many of those that need a closer look share a transaction, for the same reason."""

IN_COMPANY = 32
"""So many nameless acts share a transaction: the more, the less can be told of any one."""

_LOCK = 0x50524F4D_494E544B  # "PROMINTK"


def settle(*, limit: int = 1_000, at: datetime) -> int:
    """Settle up to so many acts, the oldest first, and return how many were settled.

    Each is settled whole or not at all, whenever the process is killed. One that cannot be stays,
    with the reason, and holds up none of the others. Under an anonymous promise answers wait until
    they have company.
    """
    done = 0
    while done < limit:
        with transaction.atomic():
            if not _alone():
                return done
            rows = list(in_turn()[:AT_ONCE])
            settled, tried = _settle_all(rows, at=at)
            Intake.objects.filter(pk__in=settled).delete()
        done += len(settled)
        if len(rows) < AT_ONCE and tried == len(rows):
            break
    while done < limit and (waited := ready(at=at)):
        with transaction.atomic():
            if not _alone():
                return done
            done += _settle_nameless(waited[0], at=at)
    _forget_traces(at=at)
    return done


def _settle_nameless(survey: int, *, at: datetime) -> int:
    """Settle some of what waits for an anonymous survey, and return how many acts are dealt with.

    Nobody can tell afterwards by the order of the responses or of anything else whose is which.
    """
    rows = shuffled(list(in_company(survey)[:IN_COMPANY]))
    held({row.invitation for row in rows if row.invitation is not None})
    blur, settled = Blur(), []
    for row in rows:
        try:
            act = opened(row)
        except Refusal as error:
            _leave(row, error)
            continue
        if _settled(row, act, at=at, blur=blur):
            settled.append(row.pk)
    blur.tell()
    Intake.objects.filter(pk__in=settled).delete()
    return len(rows)


def _settle_all(rows: Sequence[Intake], *, at: datetime) -> tuple[list[int], int]:
    """Settle the plain ones together and the first others one by one.

    Return which rows were settled, and how many were tried.
    """
    people = held({row.invitation for row in rows if row.invitation is not None})
    acts = {}
    for row in rows:
        try:
            acts[row.pk] = opened(row)
        except Refusal as error:
            _leave(row, error)
    readable = [row for row in rows if row.pk in acts]
    places = settle_together([acts[row.pk] for row in readable], people, at=at)
    settled = [row.pk for n, row in enumerate(readable) if n in places]
    others = [row for n, row in enumerate(readable) if n not in places][:ONE_BY_ONE]
    settled += [row.pk for row in others if _settled(row, acts[row.pk], at=at)]
    return settled, len(rows) - len(readable) + len(places) + len(others)


def _alone() -> bool:
    """Whether nobody else settles: two would meet each other's acts out of order."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _settled(row: Intake, act: NewAct, *, at: datetime, blur: Blur | None = None) -> bool:
    try:
        with transaction.atomic():
            _settle(act, at=at, blur=blur)
    except (OperationalError, InternalError, InterfaceError):
        raise  # the database's trouble, not the act's: all of them wait
    except Exception as error:
        # One act that nobody foresaw must not hold up those behind it.
        if not isinstance(error, Refusal):
            log.exception("Act %s could not be settled.", row.pk)
        _leave(row, error)
        return False
    return True


def _leave(row: Intake, error: Exception) -> None:
    row.problem = str(error)[:300] or type(error).__name__
    row.save(update_fields=["problem"])


def _settle(act: NewAct, *, at: datetime, blur: Blur | None) -> None:
    invitation = None
    if act.invitation is not None:
        found = Invitation.objects.select_related("wave__survey", "contact__person")
        invitation = found.filter(pk=act.invitation).first()
        if invitation is None:
            raise NotFound(f"There is no invitation {act.invitation}.")
        if blur is not None:
            invitation.disposition = blur.now(invitation)
    match act.act:
        case Act.SHOWN if invitation:
            _dispose(invitation, Disposition.SHOWN, act)
            if act.channel == CHANNELS["in_app"] and not invitation.wave.is_test:
                # Elsewhere machines look, too; in an app it was a person who was interrupted.
                outreach.clocks_touched([invitation.contact_id], shown=act.received_at)
        case Act.DISMISSED if invitation:
            if _dispose(invitation, Disposition.REFUSED, act, why="dismissed"):
                outreach.clocks_touched([invitation.contact_id], dismissed=act.received_at)
        case Act.CLICKED if invitation:
            _click(invitation, act)
        case Act.PARTIAL | Act.COMPLETE:
            _answer(invitation, act, at=at, blur=blur)
        case _:
            raise NotFound("Nobody was invited to this.")


def _click(invitation: Invitation, act: NewAct) -> None:
    if act.score is None:
        return
    scanner = _touch(invitation, act.score, act, is_click=True)
    _dispose(invitation, Disposition.CLICKED, act, why="several scores opened" if scanner else "")
    # What a machine clicked says nothing about the person; and where nobody may know who gave
    # which score, not even the one that was clicked stays beside a name.
    is_anonymous = invitation.wave.survey.promise == "anonymous"
    score = None if scanner or is_anonymous else act.score
    Invitation.objects.filter(pk=invitation.pk).update(score_clicked=score)


def _answer(invitation: Invitation | None, act: NewAct, *, at: datetime, blur: Blur | None) -> None:
    version = SurveyVersion.objects.select_related("survey").get(pk=act.version)
    asked = paper(version)
    is_complete = act.act is Act.COMPLETE
    there = by_given_id(asked.survey, identity(asked, act))
    if there is None:
        if _is_erased(invitation):
            return  # who asked to be forgotten is not asked, nor heard, by an old link
        there = _record(version, asked, act, invitation, at=at)
    else:
        comment = verbatim(asked, act.words)
        if act.adds and comment and (before := comment_of(there)):
            comment = f"{before}\n{comment}"
        said = responses.Revision(act.answers, comment, act.words, is_complete)
        responses.revise(there.pk, said, by=responses.RESPONDENT, at=at)
    if invitation is not None:
        to = _follow(invitation, act, asked, there, is_complete=is_complete, at=at)
        if blur is not None:
            blur.keep(invitation, *to, act.received_at)
        else:
            outreach.clocks_touched([invitation.contact_id], answered=act.received_at)
            _dispose(invitation, to[0], act, why=to[1])


def _follow(
    invitation: Invitation,
    act: NewAct,
    asked: Paper,
    response: Response,
    *,
    is_complete: bool,
    at: datetime,
) -> tuple[Disposition, str]:
    """Return where its answer brings an invitation, and why; take a machine's out of the count."""
    score = act.answers.get(asked.score.key) if asked.score else None
    if score is not None and _touch(invitation, score, act):
        responses.exclude([response.pk], reason=Excluded.SCANNER, by=SYSTEM, at=at)
        who = None if asked.promise == "anonymous" else invitation
        Quarantine.objects.get_or_create(response=response, defaults={"invitation": who, "at": at})
        return Disposition.QUARANTINED, "several scores within seconds"
    if invitation.disposition == Disposition.QUARANTINED:
        return Disposition.QUARANTINED, ""
    return (Disposition.ANSWERED if is_complete else Disposition.PARTIAL), ""


def _record(
    version: SurveyVersion,
    asked: Paper,
    act: NewAct,
    invitation: Invitation | None,
    *,
    at: datetime,
) -> Response:
    if invitation is not None:
        link, mask = None, mask_of(invitation, asked)
    else:
        link = OpenLink.objects.filter(pk=act.link).first() if act.link is not None else None
        if link is None:
            raise Conflict(f"The link {act.link} is gone.", remedy="Its answer is kept here.")
        mask = Excluded.TEST if link.is_test else Excluded.NONE
    new = shaped(version, asked, act, invitation, link, Dimensions(), mask=mask)
    return responses.record(new, refresh=False, by=responses.RESPONDENT, at=at)


def _is_erased(invitation: Invitation | None) -> bool:
    return invitation is not None and invitation.contact.person.erased_at is not None


def _dispose(invitation: Invitation, to: Disposition, act: NewAct, *, why: str = "") -> bool:
    return bool(outreach.dispose([invitation.pk], to, why=why, by="respondent", at=act.received_at))


def _touch(invitation: Invitation, score: int, act: NewAct, *, is_click: bool = False) -> bool:
    """Remember a score and say whether a machine must have touched it."""
    now = Touch(score, act.session, act.received_at, is_click)
    traces = Trace.objects.filter(invitation=invitation.pk)
    before = [Touch(t.score, t.session, t.at, t.is_click) for t in traces]
    if now not in before:
        Trace.objects.create(
            invitation=invitation.pk,
            score=score,
            session=act.session,
            is_click=is_click,
            at=act.received_at,
        )
    return is_scanner(now, before, timedelta(seconds=settings.SCANNER_SECONDS))


def _forget_traces(*, at: datetime) -> None:
    long_ago = at - timedelta(seconds=settings.SCANNER_SECONDS + 60)
    Trace.objects.filter(at__lt=long_ago).delete()
