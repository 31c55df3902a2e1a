"""What the doors hold of a person, taken away when they are erased."""

from __future__ import annotations

from datetime import datetime

from promontory.program.answering.models import Conversation, Intake, Trace
from promontory.program.outreach.models import Invitation


def forget_person(person_id: int, *, by: str, at: datetime) -> None:
    """Delete what was kept and not settled, and what was talked; runs within the erasure."""
    invitations = list(
        Invitation.objects.filter(contact__person=person_id).values_list("pk", flat=True)
    )
    Intake.objects.filter(invitation__in=invitations).delete()
    Trace.objects.filter(invitation__in=invitations).delete()
    Conversation.objects.filter(contact__person=person_id).delete()
