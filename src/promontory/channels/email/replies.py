"""What an SMTP server's reply means: pure judgement of step, code and enhanced code (RFC 3463)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from promontory.channels.contract import Fault, NotSent

ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})\b")
RELAYING = re.compile(r"relay|authenticat", re.IGNORECASE)


class Step(StrEnum):
    """How far the conversation had come."""

    CONNECT = "connect"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    """After DATA; before the reply to the mail itself nothing has been handed over."""
    CONTENT = "content"
    """The reply to the mail itself."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply: 550 5.1.1 No such user."""

    code: int
    text: str

    @property
    def enhanced(self) -> tuple[int, int, int] | None:
        found = ENHANCED.match(self.text)
        return (int(found[1]), int(found[2]), int(found[3])) if found else None


def refusal(step: Step, reply: Reply) -> NotSent:
    """Return what a 4xx or 5xx reply means for the message, and for those after it."""
    fault = _fault(step, reply)
    return NotSent(
        f"{reply.code} {reply.text}".strip(),
        # A service that says no today (password, relaying) is mended by a person and tried again.
        permanent=reply.code >= 500,
        fault=fault,
        code=str(reply.code),
    )


def _fault(step: Step, reply: Reply) -> Fault:
    if reply.code == 421 or step in {Step.CONNECT, Step.LOGIN}:
        return Fault.SERVICE
    if reply.code in {530, 534, 535, 538, 454}:
        return Fault.SERVICE
    subject, detail = reply.enhanced[1:] if reply.enhanced else (None, None)
    if subject == 1 and detail in {7, 8}:  # bad sender's address
        return Fault.SERVICE
    if step == Step.SENDER:
        return Fault.MESSAGE if reply.code == 552 or (subject, detail) == (3, 4) else Fault.SERVICE
    if step == Step.RECIPIENT:
        return _recipients_fault(reply, subject, detail)
    # After DATA: some servers look the recipient up only now, and say so with 5.1.x.
    return Fault.RECIPIENT if subject == 1 else Fault.MESSAGE


def _recipients_fault(reply: Reply, subject: int | None, detail: int | None) -> Fault:
    """An address is condemned for what is said about it, not for what is said about us.

    Nor for a mailbox that is full today (x.2.2), or too small for this mail (x.2.3).
    """
    if RELAYING.search(reply.text):
        return Fault.SERVICE
    passing = subject == 7 or (subject, detail) in {(2, 2), (2, 3)}
    return Fault.MESSAGE if passing else Fault.RECIPIENT
