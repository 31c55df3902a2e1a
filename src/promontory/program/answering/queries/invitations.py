"""What a link leads to: an invitation or an open link, and whether it may still be answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from promontory.errors import NotFound
from promontory.program.answering.queries.papers import version_paper
from promontory.program.answering.rules.paper import Paper
from promontory.program.outreach import tokens
from promontory.program.outreach.codes import Disposition, WaveState
from promontory.program.outreach.models import Invitation, OpenLink
from promontory.program.surveys.codes import CHANNELS

# Large, and in memory already or for the eyes of others.
_NOT_ASKED = (
    "wave__plan_kept",
    "wave__policy_kept",
    "wave__dry_run",
    "wave__version__wording",
    "wave__version__overrides",
    "contact__details",
)

_APP = "app"
_UNTIL_BITS = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked, by name or by an open link: the paper, and how far they are.

    `shut` is "" while it may be answered, else why not: expired or closed.
    """

    paper: Paper
    shut: str
    is_test: bool
    language: str
    channel: int
    disposition: Disposition | None = None
    invitation: int | None = None
    contact: int | None = None
    link: int | None = None
    kind: str = ""


def invitation_of(token: str) -> int | None:
    """Return which invitation a token is for, None when it is not one of ours."""
    return tokens.read(token, settings.TOKEN_KEY)


def app_token(invitation: int, *, expires: datetime) -> str:
    """Return the secret by which an app or a site answers for an invitation until it expires.

    It opens no page: whoever reads it in an app's memory has no link to the customer's choices.
    """
    until = int(expires.timestamp())
    return tokens.make(invitation << _UNTIL_BITS | until, settings.TOKEN_KEY, _APP)


def read_app_token(token: str) -> tuple[int, datetime] | None:
    """Return which invitation an app's token is for and when it expires; None: not one of ours."""
    found = tokens.read(token, settings.TOKEN_KEY, _APP)
    if found is None:
        return None
    until = found & (1 << _UNTIL_BITS) - 1
    return found >> _UNTIL_BITS, datetime.fromtimestamp(until, UTC)


def by_token(token: str, *, at: datetime) -> Asked:
    """Return who is asked by this link, or refuse one that is not ours."""
    number = invitation_of(token)
    if number is None:
        raise NotFound("This link leads to no invitation.")
    return by_invitation(number, at=at)


def by_invitation(number: int, *, at: datetime) -> Asked:
    """Return who is asked by an invitation."""
    found = Invitation.objects.select_related(
        "wave__survey", "wave__version", "contact__person"
    ).defer(*_NOT_ASKED)
    invitation = found.filter(pk=number).first()
    if invitation is None:
        raise NotFound("This invitation is gone.")
    return asked_by(invitation, at=at)


def asked_by(invitation: Invitation, *, at: datetime) -> Asked:
    """Return the same of an invitation that is at hand."""
    wave = invitation.wave
    return Asked(
        paper=version_paper(wave.survey, wave.version),
        shut=_shut(invitation, at),
        is_test=wave.is_test,
        language=invitation.contact.language,
        channel=invitation.channel,
        disposition=Disposition(invitation.disposition),
        invitation=invitation.pk,
        contact=invitation.contact_id,
    )


def by_link(key: str, *, at: datetime) -> Asked:
    """Return what an open link or a kiosk asks, or refuse one that is not there."""
    link = OpenLink.objects.select_related("survey").filter(key=key).first()
    if link is None:
        raise NotFound("There is no such link.")
    ended = link.closed_at is not None or link.survey.closed_at is not None
    expired = link.closes_at is not None and link.closes_at <= at
    return Asked(
        paper=version_paper(link.survey, None),
        shut="closed" if ended else "expired" if expired else "",
        is_test=link.is_test,
        language="",
        channel=CHANNELS["kiosk" if link.kind == "kiosk" else "web"],
        link=link.pk,
        kind=link.kind,
    )


def _shut(invitation: Invitation, at: datetime) -> str:
    wave = invitation.wave
    if invitation.contact.person.erased_at is not None or invitation.disposition < 30:
        return "closed"
    if wave.state in {WaveState.CANCELLED, WaveState.CLOSED} or wave.survey.closed_at is not None:
        return "closed"
    if invitation.disposition == Disposition.CANCELLED:
        return "closed"
    return "expired" if wave.closes_at is not None and wave.closes_at <= at else ""
