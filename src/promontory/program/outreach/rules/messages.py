"""What a message says: the wording of a survey version in one language, with a person's links.

Everything that is the same for all who are asked in one language is prepared once (`Letterhead`);
a message is then made by filling slots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from functools import cached_property

from promontory.channels.email.headers import survey_headers
from promontory.channels.email.layouts import InvitationTexts, Scale, invitation
from promontory.channels.email.references import bounce_address
from promontory.channels.email.template import Filled, MailTemplate
from promontory.program.outreach import tokens

DELIVERY = "delivery"
MOST_DELIVERIES = 16
"""An invitation and its reminders: their number is the last four bits of a reference."""
NOWHERE = "outbox.invalid"
"""The domain we write from before we have one (RFC 2606): nothing ever leaves from it."""
_ANCHORS = {"nps": "recommend", "csat": "csat", "ces": "ces"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The first question of a version as it stands in a message, and its scale if it has one."""

    metric: str
    text: str
    texts: Mapping[str, str]
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Letterhead:
    """Everything about a survey's messages in one language that is the same for everybody."""

    language: str
    direction: str
    texts: Mapping[str, str]
    asked: Asked
    brand: str
    programme: str
    promise: str
    sender: str
    is_test: bool = False

    @property
    def values(self) -> dict[str, str]:
        return {"brand": self.brand}

    def say(self, key: str) -> str:
        """Return a text with the brand in it; empty where there is none."""
        return self.texts.get(key, "").replace("{brand}", self.brand)

    @property
    def question(self) -> str:
        text = self.asked.texts.get(self.language) or ""
        if not text and self.asked.metric == "nps":
            text = self.texts.get("recommend.question", "")
        return (text or self.asked.text).replace("{brand}", self.brand)

    @property
    def scale(self) -> Scale | None:
        low, high = self.asked.low, self.asked.high
        if low is None or high is None:
            return None
        anchor = _ANCHORS.get(self.asked.metric, "recommend")
        return Scale(low, high, self.say(f"{anchor}.low"), self.say(f"{anchor}.high"))

    @cached_property
    def domain(self) -> str:
        """The domain the mails come from, to which bounces return."""
        return parseaddr(self.sender)[1].rpartition("@")[2].lower()

    @cached_property
    def invitation(self) -> MailTemplate:
        """The invitation, compiled once."""
        return self._compiled("mail.subject", "mail.body")

    @cached_property
    def reminder(self) -> MailTemplate:
        """The reminder, compiled once."""
        return self._compiled("mail.reminder_subject", "mail.reminder_body")

    def _compiled(self, subject: str, body: str) -> MailTemplate:
        test = f"[{self.say('page.test')}] " if self.is_test else ""
        texts = InvitationTexts(
            subject=test + self.say(subject),
            preheader=self.say("mail.preheader"),
            brand=self.brand,
            promise=self.promise,
            why=self.say("mail.why"),
            sender_line=self.brand,
            opt_out=self.say("mail.opt_out"),
            preferences=self.say("mail.preferences"),
            greeting=self.say("mail.greeting_name"),
            unnamed_greeting=self.say("mail.greeting"),
            body=self.say(body),
            question=self.question,
            button=self.say("mail.answer"),
        )
        return invitation(
            texts,
            language=self.language,
            direction=self.direction,
            scale=self.scale,
            values=self.values,
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a message is for."""

    to: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses in one person's messages."""

    answer: str
    opt_out: str
    preferences: str


def links(invitation: int, *, base: str, key: bytes) -> Links:
    """Return where one invitation is answered, refused for good, and set up."""
    token = tokens.make(invitation, key)
    return Links(f"{base}/r/{token}", f"{base}/u/{token}", f"{base}/p/{token}")


def reference(invitation: int, number: int, *, key: bytes) -> str:
    """Return our name for one delivery, as it comes back from providers and in bounces."""
    return tokens.make(invitation * MOST_DELIVERIES + number, key, DELIVERY)


def read_reference(text: str, *, key: bytes) -> tuple[int, int] | None:
    """Return invitation and number of a delivery from our name for it; None if it is not ours."""
    found = tokens.read(text, key, DELIVERY)
    return None if found is None else divmod(found, MOST_DELIVERIES)


def language_for(wished: str, offered: Sequence[str]) -> str:
    """Return the offered language nearest to the wished one.

    The very language, then one of the same tongue, then the survey's first, then English.
    """
    if wished in offered:
        return wished
    same = [each for each in offered if wished and _tongue(each) == _tongue(wished)]
    return (same or [*offered, "en"])[0]


def falls_back(wished: str, language: str) -> bool:
    """Say whether somebody who wished for one language gets quite another."""
    return bool(wished) and _tongue(wished) != _tongue(language)


def _tongue(language: str) -> str:
    return language.split("-")[0].lower()


def mail(head: Letterhead, person: Person, where: Links, *, number: int) -> Filled:
    """Return subject, text and HTML of an invitation (number 0) or a reminder."""
    template = head.reminder if number else head.invitation
    values = {
        "name": person.name,
        "answer_url": where.answer,
        "opt_out_url": where.opt_out,
        "preferences_url": where.preferences,
        **head.values,
    }
    return template.fill({name: values.get(name, "") for name in template.slots | {"name"}})


def mail_headers(head: Letterhead, where: Links, *, ref: str) -> tuple[Mapping[str, str], str]:
    """Return the headers of a survey mail, and the envelope sender to which it bounces."""
    headers = survey_headers(
        unsubscribe_url=where.opt_out,
        reference=ref,
        domain=head.domain,
        programme=head.programme,
        brand=head.brand,
    )
    return headers, bounce_address(ref, head.domain)


def text_message(head: Letterhead, where: Links) -> str:
    """Return what an SMS asks; a survey that asks something else than the score sends its link."""
    if head.asked.metric == "nps":
        said = head.say("sms.ask")
    else:
        said = f"{head.brand}: {head.question} {where.answer}"
    return f"[{head.say('page.test')}] {said}" if head.is_test else said


def call(head: Letterhead) -> str:
    """Return how a call begins; the rest is said when somebody picks up."""
    return " ".join(head.say(key) for key in ("voice.greeting", "voice.question", "voice.keys"))


def from_address(sender: str, brand: str, host: str) -> str:
    """Return who a mail comes from: the sender's address, else the brand at our own host."""
    if parseaddr(sender)[1]:
        return sender
    named = "." in host and not host.rpartition(".")[2].isdecimal()
    return formataddr((" ".join(brand.split()), f"survey@{host if named else NOWHERE}"))
