"""What an act becomes as a response: under which id, with which labels, of whom."""

from __future__ import annotations

from functools import cached_property

from promontory.program.answering.actions.intake import NewAct
from promontory.program.answering.codes import Act
from promontory.program.answering.rules.paper import Paper
from promontory.program.answering.rules.submission import verbatim
from promontory.program.customers.models import Dimension
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Invitation, OpenLink
from promontory.program.responses import actions as responses
from promontory.program.responses.codes import Excluded
from promontory.program.surveys.codes import CHANNELS
from promontory.program.surveys.models import SurveyVersion

_NAMES = {code: name for name, code in CHANNELS.items()}


class Dimensions:
    """The dimensions there are, asked for once and only if somebody wants to know."""

    @cached_property
    def known(self) -> set[str]:
        return {dimension.key for dimension in self._all}

    @cached_property
    def declared(self) -> set[str]:
        return {str(dimension.pk) for dimension in self._all if dimension.is_declared}

    @cached_property
    def _all(self) -> list[Dimension]:
        return list(Dimension.objects.all())


def identity(asked: Paper, act: NewAct) -> str:
    """Return what makes all acts of one answer one response.

    Under an anonymous promise it is the page's own random number: by nothing that is kept can the
    answer be brought back to the invitation.
    """
    if act.link is not None:
        return f"link {act.link} {act.session}"
    if asked.promise == "anonymous":
        return f"anonymous {act.session}"
    return f"invitation {act.invitation}"


def shaped(
    version: SurveyVersion,
    asked: Paper,
    act: NewAct,
    invitation: Invitation | None,
    link: OpenLink | None,
    dimensions: Dimensions,
    *,
    mask: Excluded,
) -> responses.NewResponse:
    """Return the response that an act is the first of."""
    labels = {**(link.attributes if link else {}), **act.attributes}
    contact = invitation.contact if invitation else None
    codes = dict(contact.attributes) if contact else {}
    is_named = asked.promise != "anonymous"
    if codes and not is_named:
        codes = {pk: code for pk, code in codes.items() if pk in dimensions.declared}
    return responses.NewResponse(
        survey=version.survey,
        version=version,
        answers=act.answers,
        answered_at=min(act.answered_at or act.received_at, act.received_at),
        given_id=identity(asked, act),
        contact=contact,
        account=contact.account.key if contact and contact.account and is_named else "",
        comment=verbatim(asked, act.words) or "",
        language=act.language,
        channel=_NAMES[act.channel],
        attributes={k: v for k, v in labels.items() if k in dimensions.known} if labels else {},
        mask=mask,
        invitation=invitation,
        weight=invitation.weight if invitation else 1_000_000,
        is_partial=act.act is Act.PARTIAL,
        codes=codes,
        words=act.words,
    )


def mask_of(invitation: Invitation, asked: Paper) -> Excluded:
    """Return why the first answer to an invitation does not count, if it does not."""
    mask = Excluded.TEST if invitation.wave.is_test else Excluded.NONE
    answered = {Disposition.PARTIAL, Disposition.ANSWERED, Disposition.QUARANTINED}
    if asked.promise == "anonymous" and invitation.disposition in answered:
        # A second anonymous answer that came by one person's link.
        mask |= Excluded.DUPLICATE
    return mask
