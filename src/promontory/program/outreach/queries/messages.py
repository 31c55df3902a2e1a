"""What goes into messages: the wording of a wave's survey, and the people they are for."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings

from promontory.program.customers.models import Contact
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import open_bytes
from promontory.program.organization import queries as organization
from promontory.program.outreach.models import Sender, Wave
from promontory.program.outreach.queries import senders
from promontory.program.outreach.rules import messages as rules
from promontory.program.outreach.rules.sending_hours import zone_of
from promontory.program.surveys.codes import SCALES
from promontory.program.surveys.models import Survey, SurveyVersion
from promontory.program.surveys.queries import wording


@dataclass(frozen=True, slots=True)
class Recipient:
    """One customer as far as writing to them needs: addresses, language, zone and key."""

    contact: int
    person: int
    key: bytes
    email: str
    phone: str
    name: str
    language: str
    zone: ZoneInfo

    def address(self, kind: str) -> str:
        """Return where a message of that kind of address goes; empty where there is none."""
        return {"email": self.email, "phone": self.phone}.get(kind, "")


def recipients(contacts: Collection[int]) -> dict[int, Recipient]:
    """Return those of these customers who can still be written to; the erased cannot."""
    rows = list(
        Contact.objects.filter(pk__in=contacts, details__isnull=False).values_list(
            "pk", "person_id", "details", "language", "zone"
        )
    )
    ours = organization.organization()
    at_home = ours.zone if ours else ""
    keys = ledger.keys_of(person for _, person, *_ in rows)
    return {
        contact: _recipient(contact, person, keys[person], bytes(details), language, zone, at_home)
        for contact, person, details, language, zone in rows
        if person in keys and details is not None
    }


def _recipient(
    contact: int,
    person: int,
    key: bytes,
    details: bytes,
    language: str,
    zone: str,
    at_home: str,
) -> Recipient:
    known = json.loads(open_bytes(key, details, b"contact"))
    return Recipient(
        contact=contact,
        person=person,
        key=key,
        email=known.get("email", ""),
        phone=known.get("phone", ""),
        name=known.get("name", ""),
        language=language,
        zone=zone_of(zone, at_home),
    )


class Letterheads:
    """The letterheads of one wave, each made once: by language and by who sends."""

    def __init__(self, wave: Wave) -> None:
        self._wave = wave
        self._version = wave.version or _published(wave.survey)
        self._made: dict[tuple[str, str], rules.Letterhead] = {}

    @property
    def version(self) -> SurveyVersion | None:
        """The version that is asked; None before one is published."""
        return self._version

    def languages(self) -> list[str]:
        """Return the languages the version speaks, its first one first."""
        return list(self._version.languages) if self._version else []

    def of(self, wished: str, sender: Sender | None) -> rules.Letterhead:
        """Return the letterhead for somebody who wishes for that language."""
        language = rules.language_for(wished, self.languages())
        address = sender.address if sender else ""
        made = self._made.get((language, address))
        if made is None:
            made = self._made[language, address] = self._make(language, address)
        return made

    def _make(self, language: str, address: str) -> rules.Letterhead:
        survey = self._wave.survey
        ours = organization.organization()
        brand = survey.brand or (ours.name if ours else "")
        published = self._version.wording if self._version else {}
        registers = self._version.registers if self._version else {}
        # What the publication leaves open is as it is said now, or stands in from English.
        register = registers.get(language)
        now = wording.words(language, register) if register else wording.words(language)
        texts = {**wording.shipped_words("en").texts, **now.texts, **published.get(language, {})}
        return rules.Letterhead(
            language=language,
            direction=now.direction,
            texts=texts,
            asked=self._asked(),
            brand=brand,
            programme=survey.key,
            promise=texts.get(f"promise.{survey.promise}", ""),
            sender=rules.from_address(address, brand, urlsplit(settings.PUBLIC_URL).hostname or ""),
            is_test=self._wave.is_test,
        )

    def _asked(self) -> rules.Asked:
        questions = list(self._version.questions.all()) if self._version else []
        scored = [each for each in questions if each.metric] or questions
        if not scored:
            return rules.Asked("", "", {})
        first = scored[0]
        low, high = SCALES.get(first.metric, (None, None))
        if first.kind != "scale":
            low = high = None
        return rules.Asked(first.metric, first.text, first.texts, low, high)


def _published(survey: Survey) -> SurveyVersion | None:
    found = survey.versions.filter(published_at__isnull=False)
    return found.order_by("-number").first()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a wave says in one language, before anybody gets it."""

    language: str
    name: str
    note: str
    direction: str
    subject: str
    text: str
    sms: str


def previews(wave: Wave) -> list[Preview]:
    """Return what a wave will say in each of its languages; the links lead nowhere."""
    heads = Letterheads(wave)
    found = []
    for language in heads.languages() or ["en"]:
        head = heads.of(language, senders.default_of("email"))
        where = rules.links(0, base=settings.PUBLIC_URL, key=settings.TOKEN_KEY)
        mail = rules.mail(head, rules.Person("", ""), where, number=0)
        sms = rules.text_message(head, where)
        said = wording.shipped_words(language)
        found.append(
            Preview(
                language=language,
                name=said.own_name if said.source == "exact" else language,
                note=said.note,
                direction=head.direction,
                subject=mail.subject,
                text=mail.text,
                sms=sms,
            )
        )
    return found
