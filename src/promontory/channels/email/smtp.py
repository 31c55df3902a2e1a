"""Mail over SMTP: one connection kept for a chunk, and an exact account of how far each mail came.

Until the server has said 354 to DATA nothing was handed over, and a lost connection is passing.
From the first byte of the mail to the reply nobody can know: that is `ambiguous`, and such a mail
is never sent again by itself.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.mail.utils import DNS_NAME

from promontory.channels.configuration import setting
from promontory.channels.contract import (
    Capabilities,
    Fault,
    Means,
    Message,
    NotSent,
    Provider,
    Receipt,
)
from promontory.channels.email.addresses import needs_utf8
from promontory.channels.email.building import domain_of, envelope_sender, recipient, to_bytes
from promontory.channels.email.references import message_id
from promontory.channels.email.replies import Reply, Step, refusal

Lost = (OSError, smtplib.SMTPServerDisconnected)


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where the mail server is and how to sign in."""

    host: str = setting("Server", help="For example smtp.example.org.")
    port: int = setting("Port", default=587, help="Usually 587, or 465 with TLS from the start.")
    security: str = setting(
        "Encryption",
        default="starttls",
        choices=("starttls", "tls", "none"),
        help="None only for a server on this very machine.",
    )
    username: str = setting("User name", default="", help="Empty if the server asks for none.")
    password: str = setting("Password", default="", secret=True)
    timeout: int = setting("Time-out in seconds", default=30)
    hello: str = setting(
        "Name of this machine", default="", help="What we call ourselves; empty for its own name."
    )
    authority_file: str = setting(
        "Certificate authority",
        default="",
        help="A file with your own certificate authority, where the server has no public one.",
    )


class Smtp(Provider):
    """Any mail server; bounces come back as mail and are read by `bounces.read_mail`."""

    title = "Mail server (SMTP)"
    capabilities = Capabilities(
        channel="email",
        address="email",
        two_way=True,
        reports_delivery=True,
        carries_scores=True,
        carries_html=True,
    )
    settings_class: ClassVar[type[Any]] = SmtpSettings
    settings: SmtpSettings

    def __init__(self, settings: SmtpSettings, means: Means | None = None) -> None:
        super().__init__(settings, means)
        self._server: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, encrypt and sign in."""
        self.close()
        try:
            self._server = self._connect()
            self._sign_in(self._server)
        except NotSent:
            self.close()
            raise
        except smtplib.SMTPResponseException as refused:
            self.close()
            raise refusal(Step.LOGIN, _reply(refused.smtp_code, refused.smtp_error)) from refused
        except ssl.SSLCertVerificationError as error:
            self.close()
            detail = f"The certificate of {self.settings.host} is not to be trusted: {error}"
            raise NotSent(detail, permanent=True, fault=Fault.SERVICE) from error
        except (*Lost, smtplib.SMTPException) as error:
            self.close()
            detail = f"{self.settings.host} cannot be reached: {error}"
            raise NotSent(detail, permanent=False, fault=Fault.SERVICE) from error

    def close(self) -> None:
        """Say goodbye if the server still listens."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(*Lost, smtplib.SMTPException):
                server.quit()
            server.close()

    def send(self, message: Message) -> Receipt:
        """Hand one mail over; raises `NotSent`, `ambiguous` if the server may have it."""
        to = recipient(message)
        kept = self._server is not None
        try:
            return self._hand_over(message, to)
        except NotSent as failure:
            # A connection kept too long is hung up between two mails. Nothing had been handed over.
            hung_up = failure.fault == Fault.SERVICE and not failure.permanent
            if not (kept and hung_up) or failure.ambiguous:
                raise
        return self._hand_over(message, to)

    def _hand_over(self, message: Message, to: str) -> Receipt:
        server = self._ready()
        if needs_utf8(to) and not server.has_extn("smtputf8"):
            detail = "The mail server cannot write to addresses with letters outside ASCII."
            raise NotSent(detail, permanent=True, fault=Fault.RECIPIENT)
        content = to_bytes(message, to=to, eight_bit=server.has_extn("8bitmime"))
        try:
            self._envelope(server, envelope_sender(message), to, content)
            self._content(server, content)
        except NotSent as failure:
            self._recover(server, failure)
            raise
        return Receipt(message_id(message.reference, domain_of(message.sender)))

    def _ready(self) -> smtplib.SMTP:
        if self._server is None:
            self.open()
        if self._server is None:
            raise AssertionError("open() either connects or raises")
        return self._server

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        name = settings.hello or DNS_NAME.get_fqdn()
        if settings.security == "tls":
            return smtplib.SMTP_SSL(
                settings.host, settings.port, name, timeout=settings.timeout, context=self._trust()
            )
        return smtplib.SMTP(settings.host, settings.port, name, timeout=settings.timeout)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self.settings.security == "starttls":
            if not server.has_extn("starttls"):
                detail = f"{self.settings.host} offers no encryption. Nothing was sent."
                raise NotSent(detail, permanent=True, fault=Fault.SERVICE)
            server.starttls(context=self._trust())
            server.ehlo_or_helo_if_needed()
        if self.settings.username:
            server.login(self.settings.username, self.settings.password)

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.settings.authority_file or None)

    def _envelope(self, server: smtplib.SMTP, sender: str, to: str, content: bytes) -> None:
        """Say from whom and to whom, and ask to hand the content over."""
        options = [f"size={len(content)}"] if server.has_extn("size") else []
        options += ["BODY=8BITMIME"] if server.has_extn("8bitmime") else []
        options += ["SMTPUTF8"] if needs_utf8(to) else []
        try:
            server.command_encoding = "utf-8" if needs_utf8(to) else "ascii"
            _expect(Step.SENDER, server.mail(sender, options), 250)
            _expect(Step.RECIPIENT, server.rcpt(to), 250, 251)
            _expect(Step.DATA, server.docmd("DATA"), 354)
        except Lost as error:
            detail = f"{self.settings.host} hung up before it had the mail: {error}"
            raise NotSent(detail, permanent=False, fault=Fault.SERVICE) from error

    def _content(self, server: smtplib.SMTP, content: bytes) -> None:
        """Hand the content over. From here on a silence is ambiguous."""
        try:
            server.send(_dotted(content))
            reply = server.getreply()
        except Lost as error:
            detail = f"{self.settings.host} hung up before it confirmed the mail: {error}"
            raise NotSent(detail, permanent=False, ambiguous=True, fault=Fault.SERVICE) from error
        _expect(Step.CONTENT, reply, 250)

    def _recover(self, server: smtplib.SMTP, failure: NotSent) -> None:
        """Leave the connection fit for the next mail, or let it go."""
        try:
            if failure.fault != Fault.SERVICE and server.docmd("RSET")[0] == 250:
                return
        except Lost:
            pass
        self.close()


def _dotted(content: bytes) -> bytes:
    """Return the content with its own leading dots doubled and the dot that ends it."""
    content = content.replace(b"\r\n.", b"\r\n..")
    content = b"." + content if content.startswith(b".") else content
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")


def _expect(step: Step, said: tuple[int, bytes], *wanted: int) -> None:
    code, text = said
    if code not in wanted:
        raise refusal(step, _reply(code, text))


def _reply(code: int, text: bytes | str) -> Reply:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Reply(code, " ".join(words.split()))
