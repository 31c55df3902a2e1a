"""A message in the two forms it is sent in: bytes for a server, Django's mail for a service.

A mail that cannot be built is the message's fault and permanent.
"""

from __future__ import annotations

from email.utils import format_datetime, parseaddr

from django.core.mail import EmailMultiAlternatives

from promontory.channels.contract import Fault, Message, NotSent
from promontory.channels.email.addresses import validate_address
from promontory.channels.email.references import message_id
from promontory.channels.email.writing import write
from promontory.errors import BadInput

LINEBREAKS = frozenset("\r\n")


def recipient(message: Message) -> str:
    """Return the address to send to, or raise `NotSent` if it is none."""
    try:
        return validate_address(message.to)
    except BadInput as refusal:
        raise NotSent(str(refusal), permanent=True, fault=Fault.RECIPIENT) from refusal


def domain_of(sender: str) -> str:
    """Return the domain of a From address, display name or not."""
    return parseaddr(sender)[1].rpartition("@")[2].lower()


def envelope_sender(message: Message) -> str:
    """Return where bounces go: the return path, else the From address."""
    return message.return_path or parseaddr(message.sender)[1]


def build(message: Message, *, to: str) -> EmailMultiAlternatives:
    """Return Django's form of a message."""
    for name, value in (("From", message.sender), ("Subject", message.subject)):
        if LINEBREAKS & set(value):
            raise _unfit(f"The {name} of the mail has a line break in it.")
    domain = domain_of(message.sender)
    if not domain:
        raise _unfit("The mail has no sender.")
    headers = {
        **message.headers,
        "Date": format_datetime(message.at),
        "Message-ID": message_id(message.reference, domain),
        "Content-Language": message.language,
    }
    mail = EmailMultiAlternatives(message.subject, message.text, message.sender, [to])
    mail.extra_headers = headers
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def to_bytes(message: Message, *, to: str, eight_bit: bool = True) -> bytes:
    """Return the mail as bytes; without `eight_bit` (no 8BITMIME) everything in it is ASCII."""
    domain = domain_of(message.sender)
    if not domain:
        raise _unfit("The mail has no sender.")
    return write(message, to=to, domain=domain, eight_bit=eight_bit)


def _unfit(detail: str) -> NotSent:
    return NotSent(detail, permanent=True, fault=Fault.MESSAGE)
