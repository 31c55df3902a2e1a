"""The mail that tells the owner of a case."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from promontory.channels.contract import Message
from promontory.channels.email.headers import notice_headers
from promontory.channels.email.layouts import LetterTexts, letter
from promontory.program.followup import queries
from promontory.program.followup.models import Case
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.queries.senders import default_of
from promontory.program.responses import queries as responses


def low_score(case: Case, *, viewer: Viewer, at: datetime) -> Message:
    """Return the mail to a case's owner: who, how low, what they said, and “I called”.

    It says no more than the owner may see in the pages.
    """
    assert case.owner is not None
    facts: list[tuple[str, str]] = []
    values = {
        "called_url": f"{settings.PUBLIC_URL}/c/{queries.token_of(case)}",
        "case_url": f"{settings.PUBLIC_URL}/cases/{case.pk}",
        "comment": "",
    }
    if viewer.may(Can.SEE_ANSWERS):
        shown = responses.one(case.response_id, viewer=viewer)
        values |= {
            "customer": shown.person.get("name", "") or shown.person.get("email", ""),
            "account": shown.account,
            "phone": shown.person.get("phone", ""),
            "email": shown.person.get("email", ""),
            "comment": shown.comment,
        }
    labels = {
        "customer": "Customer",
        "account": "Account",
        "phone": "Telephone",
        "email": "E-mail",
        "comment": "They wrote",
    }
    facts = [(label, f"{{{name}}}") for name, label in labels.items() if values.get(name)]
    who = values.get("customer") or values.get("account") or "A customer"
    values["who"], values["score"] = who, str(case.score)
    values["survey"] = case.response.survey.name
    texts = LetterTexts(
        subject="{who} gave {score} of 10",
        preheader="Somebody owes them a call.",
        brand="Promontory",
        heading="{who} gave {score} of 10",
        paragraphs=("In “{survey}”. Please call them, and say here that you did.",),
        facts=tuple(facts),
        buttons=(("I called", "called_url"), ("Open the case", "case_url")),
        why="You get this because you own this survey, or this case.",
    )
    made = letter(texts, language="en", direction="ltr").fill(values)
    sender = default_of("email")
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    # On a machine without a name of its own the mail goes no further than the outbox.
    domain = host if "." in host.strip("0123456789.") else "outbox.invalid"
    return Message(
        to=case.owner.email,
        sender=(sender and sender.address) or f"Promontory <promontory@{domain}>",
        reference=f"case-{case.pk}-{case.owner_id}",
        at=at,
        subject=made.subject,
        text=made.text,
        html=made.html,
        headers=notice_headers(),
    )
