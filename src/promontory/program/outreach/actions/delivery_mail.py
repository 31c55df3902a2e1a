"""Mail that comes back by itself: bounces, complaints, unsubscriptions, and what people write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from promontory.channels.email.bounces import read_mail
from promontory.program.outreach.actions import outbox
from promontory.program.outreach.actions.delivery_statuses import Taken, take_statuses
from promontory.program.outreach.queries import senders


@dataclass(frozen=True, slots=True)
class MailTaken:
    """What a mail was: reports about messages, and what people wrote that is kept."""

    reports: Taken
    kept: int


def take_mail(raw: bytes, *, recipient: str = "", at: datetime) -> MailTaken:
    """Act on one raw mail. `recipient` is the envelope's, where the mail server tells it.

    What a machine wrote by itself (out of office) is neither an answer nor a bounce, and dropped.
    """
    read = read_mail(raw, at=at, recipient=recipient)
    reports = take_statuses("email", read.statuses, at=at)
    written = [each for each in read.inbound if not each.automatic]
    kept = outbox.hear(senders.default_of("email"), "email", written, at=at)
    return MailTaken(reports, len(kept))
