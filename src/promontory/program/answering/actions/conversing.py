"""A conversation by text message: what was heard moves it on, what it says back is sent after."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from promontory.channels.contract import Inbound, Message, NotSent
from promontory.channels.sms import conversation as sms
from promontory.channels.sms.keywords import Keyword, keyword_in
from promontory.jobs import actions as jobs
from promontory.jobs.errors import Retry
from promontory.program.answering.actions.intake import NewAct, keep
from promontory.program.answering.codes import Act
from promontory.program.answering.models import Conversation, Heard
from promontory.program.answering.queries.invitations import Asked, by_invitation
from promontory.program.answering.queries.wording import sheet
from promontory.program.answering.rules.paper import language_for
from promontory.program.customers import actions as customers
from promontory.program.customers import queries as known
from promontory.program.customers.codes import Way
from promontory.program.customers.models import Contact
from promontory.program.outreach.actions import outbox
from promontory.program.outreach.actions.sending_optout import opt_out_contact
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Invitation, OutboxMessage
from promontory.program.outreach.queries.outbox import heard
from promontory.program.responses.actions import RESPONDENT
from promontory.program.surveys.codes import CHANNELS

log = logging.getLogger("promontory.answering")

SMS = CHANNELS["sms"]
_NEVER = timedelta(days=365)
_ASKED = [
    d
    for d in Disposition
    if Disposition.SENT <= d < Disposition.CANCELLED and d != Disposition.UNDELIVERABLE
]


@transaction.atomic
def hear_text(message: int, *, at: datetime) -> None:
    """Take a customer's text message, once: record what it answers and queue what we say back."""
    inbound = heard(message)
    if inbound is None or inbound.automatic or not _first_time("text", str(message), at=at):
        return
    contact = known.find_contact({"phone": inbound.from_})
    if contact is None:
        log.info("Message %s came from a number that nobody of ours has.", message)
        return
    found = _conversations(contact, at=at)
    states = [sms.Conversation.read(each.state["talk"]) for each in found]
    which = sms.whose(states, at=inbound.at)
    if which is None:
        _keyword_alone(contact, inbound, at=at)
        return
    _take(found[which], states, which, inbound, contact, at=at)
    if _is_anonymous(found[which]):
        # What was promised to stay nameless must not stay readable beside the number.
        OutboxMessage.objects.filter(pk=message).delete()


def _take(
    row: Conversation,
    states: Sequence[sms.Conversation],
    which: int,
    inbound: Inbound,
    contact: Contact,
    *,
    at: datetime,
) -> None:
    asked = by_invitation(row.invitation_id, at=at)
    score = asked.paper.score
    low, high = (score.low, score.high) if score else (0, 10)
    language = language_for(asked.paper.languages, contact.language)
    others = any(
        each.stage is sms.Stage.ASKED and at <= each.closes_at
        for n, each in enumerate(states)
        if n != which
    )
    # Each message is heard once already; the provider's own numbers need not be remembered twice.
    said = sms.Said(inbound.provider_id, inbound.text, inbound.at)
    state = states[which]
    step = sms.hear(state, said, ask=sms.Ask(language, low, high), others_open=others)
    _record(row, asked, step, contact, language, at=at)
    row.state = row.state | {"talk": step.state.as_dict()}
    if asked.paper.promise == "anonymous" and step.state.stage is sms.Stage.DONE:
        row.state = {"talk": replace(step.state, score=None).as_dict(), "session": ""}
    row.expires_at, row.changed_at = step.state.expires_at, at
    row.save(update_fields=["state", "expires_at", "changed_at"])
    if step.replies:
        task = import_string("promontory.program.answering.tasks.send_replies")
        given = {"conversation": row.pk, "keys": [str(key) for key in step.replies]}
        jobs.enqueue(task, kwargs=given, at=at)


def _record(
    row: Conversation,
    asked: Asked,
    step: sms.Step,
    contact: Contact,
    language: str,
    *,
    at: datetime,
) -> None:
    answers: dict[str, int | None] = {}
    comments: list[str] = []
    for effect in step.effects:
        match effect:
            case sms.ScoreGiven(value) if asked.paper.score:
                answers[asked.paper.score.key] = value
            case sms.CommentGiven(text):
                comments.append(text)
            case sms.OptedOut():
                opt_out_contact(contact, Way.SMS, source="keyword", by=RESPONDENT, at=at)
            case sms.OptedIn():
                customers.say(
                    contact, Way.SMS, is_given=True, source="keyword", by=RESPONDENT, at=at
                )
            case _:
                pass
    reason = next((ask.key for ask in asked.paper.asks if ask.kind == "text"), "reason")
    if (answers or comments) and row.state.get("session") and not asked.shut:
        done = step.state.stage is sms.Stage.DONE
        act = NewAct(
            act=Act.COMPLETE if done else Act.PARTIAL,
            survey=asked.paper.survey,
            version=asked.paper.version,
            session=row.state["session"],
            channel=SMS,
            received_at=at,
            invitation=row.invitation_id,
            language=language,
            answers=answers,
            words={reason: "\n".join(comments)} if comments else {},
            adds=True,
        )
        keep([act])


def send_replies(conversation: int, keys: Sequence[str], *, at: datetime) -> None:
    """Send what the conversation says back; raises `Retry` while it may still go out."""
    row = Conversation.objects.select_related("contact").filter(pk=conversation).first()
    details = known.opened_details(row.contact) if row else {}
    if row is None or not details.get("phone"):
        return
    asked = by_invitation(row.invitation_id, at=at)
    words = sheet(asked.paper, language_for(asked.paper.languages, row.contact.language))
    for number, key in enumerate(keys):
        text = words.texts.get(key, "")
        if not text:
            continue
        text = text.replace("{brand}", asked.paper.brand)
        message = Message(
            to=details["phone"],
            reference=f"reply-{conversation}-{row.changed_at.timestamp():.0f}-{number}",
            at=at,
            text=text.replace("{contact}", settings.PUBLIC_URL),
            language=words.language,
        )
        try:
            outbox.send_to_contact("sms", row.contact, message)
        except NotSent as error:
            if not error.permanent and not error.ambiguous:
                raise Retry(error.detail) from error
            log.warning("A reply of conversation %s did not go out: %s", conversation, error.detail)


def _conversations(contact: Contact, *, at: datetime) -> list[Conversation]:
    """Return the conversations with a number, begun now where a question was sent and none is."""
    asked = Invitation.objects.select_related("wave").filter(
        contact=contact, channel=SMS, disposition__in=_ASKED, invited_at__gt=at - _NEVER
    )
    begun = {each.invitation_id for each in Conversation.objects.filter(contact=contact)}
    for invitation in asked.exclude(pk__in=begun).order_by("pk")[:20]:
        since = invitation.invited_at or invitation.due_at
        closes = invitation.wave.closes_at or since + timedelta(days=30)
        talk = sms.begin(at=since, closes_at=closes)
        Conversation.objects.create(
            invitation=invitation,
            contact=contact,
            channel=SMS,
            address_index=bytes(contact.phone_index or b""),
            state={"talk": talk.as_dict(), "session": secrets.token_urlsafe(18)},
            expires_at=talk.expires_at,
            changed_at=at,
        )
    mine = Conversation.objects.select_for_update().filter(contact=contact, channel=SMS)
    return list(mine.order_by("pk"))


def _keyword_alone(contact: Contact, inbound: Inbound, *, at: datetime) -> None:
    """Take STOP from who was never asked by text: it holds all the same."""
    said = keyword_in(inbound.text, language=contact.language or "en", opted_out=False)
    if inbound.opt_out or said is Keyword.STOP:
        opt_out_contact(contact, Way.SMS, source="keyword", by=RESPONDENT, at=at)


def _is_anonymous(row: Conversation) -> bool:
    return row.invitation.wave.survey.promise == "anonymous"


def _first_time(sender: str, provider_id: str, *, at: datetime) -> bool:
    """Whether this is heard for the first time; from now on it is not."""
    try:
        with transaction.atomic():
            Heard.objects.create(sender=sender, provider_id=provider_id[:200], at=at)
    except IntegrityError:
        return False
    return True


@transaction.atomic
def forget_talks(*, at: datetime) -> int:
    """Take out of conversations what was promised to stay nameless, once they are over."""
    over = Conversation.objects.filter(
        expires_at__lt=at, invitation__wave__survey__promise="anonymous"
    ).exclude(state__session="")
    some = list(over[:500])
    for row in some:
        talk = row.state.get("talk")
        kept = replace(sms.Conversation.read(talk), score=None).as_dict() if talk else None
        row.state = {"talk": kept, "session": ""}
        row.save(update_fields=["state"])
    Heard.objects.filter(at__lt=at - timedelta(days=90)).delete()
    return len(some)
