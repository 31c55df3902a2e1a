"""What can be asked about cases: which are open, whose they are, and one with all that belongs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from promontory.errors import NotFound
from promontory.program.followup.models import Case, Note
from promontory.program.ledger import actions as ledger
from promontory.program.ledger.vault import open_bytes
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.models import User
from promontory.program.outreach import tokens
from promontory.program.responses import queries as responses
from promontory.program.surveys.models import Survey

PURPOSE = "case"
_OWNER_BITS = 32


@dataclass(frozen=True, slots=True)
class NoteShown:
    """One note, opened."""

    text: str
    by: str
    at: datetime


def cases(*, viewer: Viewer, state: str = "open", mine: bool = False) -> QuerySet[Case]:
    """Return the cases this viewer may see, the longest waiting first."""
    viewer.must(Can.FOLLOW_UP)
    seen = responses.visible(viewer)
    found = Case.objects.filter(response__in=seen).select_related(
        "response__survey", "response__account", "response__contact", "owner"
    )
    if state == "open":
        found = found.filter(called_at=None)
    elif state == "called":
        found = found.exclude(called_at=None)
    if mine:
        found = found.filter(owner=viewer.user_id)
    return found.order_by("-called_at", "-id") if state == "called" else found.order_by("id")


def case(number: int, *, viewer: Viewer) -> Case:
    """Return one case."""
    found = cases(viewer=viewer, state="all").filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such case.", remedy="See the list of cases.")
    return found


def token_of(case: Case) -> str:
    """Return the secret in the mail's link, by which its owner says that they called.

    It is the present owner's alone: whoever the case was taken from calls in nobody's name.
    """
    return tokens.make(case.pk << _OWNER_BITS | (case.owner_id or 0), settings.TOKEN_KEY, PURPOSE)


def case_of(token: str) -> Case | None:
    """Return the case a mailed link is for; None for one that is not ours, or no longer."""
    number = tokens.read(token, settings.TOKEN_KEY, PURPOSE)
    if number is None:
        return None
    case, owner = number >> _OWNER_BITS, number & (1 << _OWNER_BITS) - 1
    found = Case.objects.select_related("response__survey", "owner")
    return found.filter(pk=case, owner=owner).first()


def notes(case: Case) -> list[NoteShown]:
    """Return the notes on a case, oldest first; none that an erasure has closed."""
    kept = list(case.notes.all())
    key = key_of(case) if kept else None
    if key is None:
        return []
    return [NoteShown(_opened(note, key), note.by, note.at) for note in kept]


def key_of(case: Case) -> bytes | None:
    """Return the key the notes of a case are encrypted with: its person's; None once erased."""
    contact = case.response.contact
    if contact is None:
        return settings.NOTES_KEY
    return ledger.keys_of([contact.person_id]).get(contact.person_id)


def place_of(case: Case) -> bytes:
    """Return what ties a note to its case, so that it opens nowhere else."""
    return b"note of case %d" % case.pk


def _opened(note: Note, key: bytes) -> str:
    return open_bytes(key, bytes(note.sealed), place_of(note.case)).decode()


def owner_for(survey: Survey) -> User | None:
    """Return who is told of a low score: the survey's owner, else who runs the programme."""
    if survey.owner is not None and survey.owner.is_active:
        return survey.owner
    for role in ("owner", "administrator"):
        found = User.objects.filter(
            Q(memberships__unit=None), is_active=True, memberships__role=role
        ).order_by("id")
        if first := found.first():
            return first
    return None
