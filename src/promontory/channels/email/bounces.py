"""Mail that comes back: bounces, complaints, unsubscriptions, answers, and machines' replies.

    read = read_mail(raw, at=now, recipient="bounce+…@example.org")
    read.statuses, read.inbound

In order: a complaint (ARF, RFC 5965), an unsubscription by mail, a delivery report (RFC 3464), the
bounces of mailers that follow no standard (flufl.bounce), an automatic reply (RFC 3834), and what
is left was written by a person. Our own reference is looked for first, in the address it came to
and in the Message-ID of what was sent; an address named in a report is only the second witness.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parseaddr

from promontory.channels.contract import Inbound, State, StatusUpdate
from promontory.channels.email.references import BOUNCE, MESSAGE, UNSUBSCRIBE, find

LARGEST = 10_000_000
RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "X-Envelope-To", "To", "Cc")
AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autorespons", "X-Auto-Reply-From")
MAILERS = re.compile(r"^(mailer-daemon|postmaster|mail-?daemon|bounces?)\b", re.IGNORECASE)
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
NO_SUCH_MAILBOX = re.compile(r"\b55[013]\b")
TEXT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Read:
    """What one mail to us was: reports of deliveries, or something somebody wrote."""

    statuses: tuple[StatusUpdate, ...] = ()
    inbound: tuple[Inbound, ...] = ()


def read_mail(raw: bytes, *, at: datetime, recipient: str = "") -> Read:
    """Return what a mail says. `recipient` is the envelope's, where the mail server tells it."""
    parsed = message_from_bytes(raw[:LARGEST], policy=policy.compat32)
    mail = _Mail(parsed, at, recipient)
    if mail.is_complaint():
        return Read(statuses=tuple(mail.complaint()))
    if reference := mail.reference(UNSUBSCRIBE):
        return Read(statuses=(StatusUpdate(State.OPTED_OUT, at, reference, permanent=True),))
    if found := tuple(mail.delivery_report()):
        return Read(statuses=found)
    if mail.is_automatic():
        return Read(inbound=(mail.inbound(automatic=True),))
    if mail.looks_like_a_bounce() and (found := tuple(mail.nonstandard_bounce())):
        return Read(statuses=found)
    # To a bounce address nobody writes; what is unclear there is not taken for an answer.
    unclear = bool(mail.reference(BOUNCE)) or mail.looks_like_a_bounce()
    return Read(inbound=(mail.inbound(automatic=unclear),))


def read_bounce(raw: bytes, *, at: datetime, recipient: str = "") -> list[StatusUpdate]:
    """Return what a mail reports of deliveries; an empty list if it is no report."""
    return list(read_mail(raw, at=at, recipient=recipient).statuses)


class _Mail:
    """One mail and the questions asked of it."""

    def __init__(self, mail: Message, at: datetime, recipient: str) -> None:
        self.mail = mail
        self.at = at
        self.recipient = recipient

    def header(self, name: str) -> str:
        return str(self.mail.get(name, ""))

    def reference(self, kind: str) -> str:
        """Return our reference in the address the mail came to."""
        addresses = [self.recipient, *(self.header(name) for name in RECIPIENT_HEADERS)]
        return next((found for each in addresses if (found := find(each, kind))), "")

    def sent_reference(self) -> str:
        """Return our reference, from the address or from the mail that is being reported on."""
        if known := self.reference(BOUNCE):
            return known
        for part in self.mail.walk():
            if part is not self.mail and (found := find(str(part.get("Message-ID", "")), MESSAGE)):
                return found
            if part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers"}:
                body = part.get_payload(decode=True)
                if isinstance(body, bytes) and (found := find(body.decode("latin-1"), MESSAGE)):
                    return found
        threaded = f"{self.header('In-Reply-To')} {self.header('References')}"
        return find(threaded, MESSAGE)

    def is_complaint(self) -> bool:
        report = str(self.mail.get_param("report-type", "")).lower()
        return self.mail.get_content_type() == "multipart/report" and report == "feedback-report"

    def complaint(self) -> Iterator[StatusUpdate]:
        fields = self._fields("message/feedback-report")
        kind = fields.get("feedback-type", "abuse").lower()
        if kind not in {"abuse", "fraud", "other", "opt-out"}:
            return  # not-spam, virus … say nothing about the customer's wishes
        yield StatusUpdate(
            State.COMPLAINED,
            self.at,
            reference=self.sent_reference(),
            address=_address(fields.get("original-rcpt-to", "")),
            permanent=True,
            detail=f"feedback report: {kind}",
        )

    def delivery_report(self) -> Iterator[StatusUpdate]:
        """Yield one update for each recipient an RFC 3464 report speaks of."""
        for part in self.mail.walk():
            if part.get_content_type() != "message/delivery-status":
                continue
            blocks = part.get_payload()
            for block in blocks if isinstance(blocks, list) else []:
                if isinstance(block, Message) and block.get("Action"):
                    yield self._reported(block)

    def _reported(self, block: Message) -> StatusUpdate:
        action = str(block["Action"]).strip().lower()
        status = str(block.get("Status", ""))
        diagnosis = " ".join(str(block.get("Diagnostic-Code", "")).split())
        said = _most_exact(status, diagnosis)
        state = {"delayed": State.DEFERRED, "failed": State.BOUNCED}.get(action, State.DELIVERED)
        return StatusUpdate(
            state,
            self.at,
            reference=self.sent_reference(),
            address=_address(
                str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
            ),
            permanent=state == State.BOUNCED and is_hard(said, diagnosis),
            detail=f"{said} {diagnosis}".strip()[:500],
        )

    def nonstandard_bounce(self) -> Iterator[StatusUpdate]:
        """Yield what flufl.bounce recognises of mailers that follow no standard."""
        from flufl.bounce import all_failures

        passing, permanent = all_failures(self.mail)
        update = StatusUpdate(State.BOUNCED, self.at, reference=self.sent_reference())
        for address in sorted(permanent):
            yield replace(update, address=_words(address), permanent=True)
        for address in sorted(passing - permanent):
            yield replace(update, address=_words(address), state=State.DEFERRED)

    def is_automatic(self) -> bool:
        """Whether a machine wrote it and it reports no delivery: out of office, ticket opened."""
        submitted = self.header("Auto-Submitted").split(";")[0].strip().lower()
        if submitted and submitted != "no":
            return True
        if any(self.mail.get(name) for name in AUTOMATIC_HEADERS):
            return True
        return self.header("Precedence").strip().lower() in {"auto_reply", "bulk", "junk", "list"}

    def looks_like_a_bounce(self) -> bool:
        if self.header("Return-Path").strip() == "<>" or self.reference(BOUNCE):
            return True
        return bool(MAILERS.match(parseaddr(self.header("From"))[1]))

    def inbound(self, *, automatic: bool) -> Inbound:
        to = self.recipient or next(
            (a for _, a in getaddresses([self.header("To"), self.header("Delivered-To")]) if a), ""
        )
        return Inbound(
            from_=parseaddr(self.header("From"))[1],
            to=to,
            text=self._text(),
            provider_id=self.header("Message-ID").strip(),
            at=self.at,
            reference=self.sent_reference(),
            automatic=automatic,
        )

    def _text(self) -> str:
        for part in self.mail.walk():
            if part.get_content_type() == "text/plain":
                body = part.get_payload(decode=True)
                charset = part.get_content_charset() or "utf-8"
                try:
                    return _words(body, charset)[:TEXT_LIMIT].strip()
                except LookupError:
                    return _words(body)[:TEXT_LIMIT].strip()
        return ""

    def _fields(self, content_type: str) -> dict[str, str]:
        for part in self.mail.walk():
            if part.get_content_type() == content_type:
                inner = part.get_payload()
                block = inner[0] if isinstance(inner, list) and inner else inner
                if isinstance(block, str):
                    block = message_from_bytes(block.encode("utf-8", "replace"))
                if isinstance(block, Message):
                    return {name.lower(): str(value).strip() for name, value in block.items()}
        return {}


def is_hard(status: str, diagnosis: str = "") -> bool:
    """Whether an enhanced status code says that this address will never take mail.

    Only what is said of the address counts: it does not exist (5.1.x), is closed (5.2.0, 5.2.1) or
    its domain leads nowhere (5.4.4). A full mailbox (5.2.2), a mail too large (5.2.3), a network
    fault (5.3.x) or a refusal of policy (5.7.x) are reasons not to reach somebody today, or not
    with this mail. The empty 5.0.0 says nothing; there the plain reply code decides.
    """
    found = STATUS.search(status)
    if not found or found[1] != "5":
        return False
    subject, detail = int(found[2]), int(found[3])
    if (subject, detail) == (0, 0):
        return bool(NO_SUCH_MAILBOX.search(diagnosis))
    if subject == 1:
        return detail not in {7, 8}
    return (subject, detail) in {(2, 0), (2, 1), (4, 4)}


def _most_exact(status: str, diagnosis: str) -> str:
    """Return the server's own enhanced code where the report has only the vague 5.0.0."""
    own = STATUS.search(status)
    remote = STATUS.search(diagnosis)
    if remote and (not own or own[0] in {"5.0.0", "4.0.0"}):
        return remote[0]
    return own[0] if own else ""


def _address(field: str) -> str:
    """Return the address in `rfc822; somebody@example.org`."""
    return field.rpartition(";")[2].strip().strip("<>")


def _words(value: object, charset: str = "utf-8") -> str:
    return value.decode(charset, "replace") if isinstance(value, bytes) else str(value)
