"""Who chooses about being asked."""

from __future__ import annotations

from dataclasses import dataclass

from promontory.errors import NotFound
from promontory.program.answering.queries.invitations import invitation_of
from promontory.program.answering.queries.papers import version_paper
from promontory.program.answering.queries.wording import sheet
from promontory.program.answering.rules.looks import Sheet
from promontory.program.answering.rules.paper import language_for
from promontory.program.customers.codes import Way
from promontory.program.outreach.models import Invitation
from promontory.program.surveys.codes import CHANNELS


@dataclass(frozen=True, slots=True)
class Chooser:
    """A customer who came by the link of an invitation, to choose how they may be asked."""

    invitation: int
    open_ways: Way
    sheet: Sheet
    brand: str
    languages: tuple[Sheet, ...]


def chooser(token: str, *, chosen: str = "", accepted: str) -> Chooser:
    """Return who comes by this link; a survey that is closed changes nothing about it."""
    number = invitation_of(token)
    found = Invitation.objects.select_related("wave__survey", "wave__version", "contact__person")
    invitation = found.filter(pk=number).first() if number is not None else None
    if (
        invitation is None
        or invitation.contact.person.erased_at is not None
        # A site that does not sign says who is there without proof: its token chooses nothing.
        or invitation.channel == CHANNELS["in_app"]
    ):
        raise NotFound("This link leads to no invitation.")
    paper = version_paper(invitation.wave.survey, invitation.wave.version)
    language = language_for(paper.languages, chosen, invitation.contact.language, accepted=accepted)
    return Chooser(
        invitation=invitation.pk,
        open_ways=Way.ALL & ~Way(invitation.contact.closed),
        sheet=sheet(paper, language),
        brand=paper.brand,
        languages=tuple(sheet(paper, each) for each in paper.languages),
    )
