"""A real SMTP server (aiosmtpd) in a thread, which can be told how to misbehave."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from promontory.channels.contract import Message
from promontory.channels.email.smtp import Smtp, SmtpSettings

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def message(to: str = "amal@example.org", reference: str = "ref-1", **more: Any) -> Message:
    given: dict[str, Any] = {
        "sender": "Acme <ask@acme.example>",
        "subject": "How did we do?",
        "text": "Grüße\n.\n",
        "return_path": "bounce+x@acme.example",
        **more,
    }
    return Message(to=to, reference=reference, at=AT, **given)


@dataclass
class Misbehaviour:
    """What the server says at which step; a string is a reply, a callable is done instead."""

    mail: str = ""
    rcpt: dict[str, str] = field(default_factory=dict)
    data: str = ""
    die_at: str = ""
    """Hang up at "mail", "rcpt", "data" (before 354) or "content" (mail taken, not confirmed)."""
    silent_at: str = ""


@dataclass
class Box:
    """What arrived."""

    bad: Misbehaviour = field(default_factory=Misbehaviour)
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    sessions: set[Any] = field(default_factory=set)

    @property
    def mails(self) -> list[EmailMessage]:
        return [
            message_from_bytes(content, policy=policy.default)  # type: ignore[misc]
            for _, _, content in self.taken
        ]


class Handler:
    def __init__(self, box: Box) -> None:
        self.box = box

    async def step(self, name: str, server: SMTP, reply: str) -> str:
        bad = self.box.bad
        if bad.die_at == name:
            bad.die_at = ""
            server.transport.close()
        if bad.silent_at == name:
            await asyncio.sleep(2)
        return reply

    async def handle_MAIL(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.box.sessions.add(session.peer)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        said, self.box.bad.mail = self.box.bad.mail, ""
        if said.startswith(("4", "5")):
            envelope.mail_from = None
        return await self.step("mail", server, said or "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        said = self.box.bad.rcpt.get(address, "")
        if not said:
            envelope.rcpt_tos.append(address)
        return await self.step("rcpt", server, said or "250 OK")

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        said = self.box.bad.data
        if not said:
            self.box.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return await self.step("content", server, said or "250 OK queued")


class Server(SMTP):
    """Hangs up at DATA if told so: aiosmtpd has no hook before its 354."""

    async def smtp_DATA(self, arg: str) -> None:
        box = self.event_handler.box
        if box.bad.die_at == "data":
            box.bad.die_at = ""
            self.transport.close()
            return
        await super().smtp_DATA(arg)


class MailServer(Controller):
    def __init__(self, box: Box, **options: Any) -> None:
        self.options = options
        super().__init__(Handler(box), hostname="127.0.0.1", port=0, ssl_context=None)

    def factory(self) -> SMTP:
        return Server(self.handler, hostname="mail.test", **self.options)

    def _trigger_server(self) -> None:
        # aiosmtpd knocks at the port it was given; ours was chosen by the system.
        sockets = getattr(self.server, "sockets", ())
        self.port = int(sockets[0].getsockname()[1])
        super()._trigger_server()


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def smtp(box: Box) -> Iterator[Smtp]:
    """An Smtp provider beside a plain server; `box` shows what arrived."""
    yield from _serving(box, security="none")


@pytest.fixture
def seven_bit(box: Box) -> Iterator[Smtp]:
    yield from _serving(box, security="none", decode_data=True)


@pytest.fixture
def starttls(box: Box, certificate: Path) -> Iterator[Smtp]:
    yield from _serving(
        box,
        security="starttls",
        authority=certificate,
        username="ask",
        password="right",
        tls_context=_server_side(certificate),
        require_starttls=True,
        authenticator=_knows_ask,
        auth_required=True,
    )


def _knows_ask(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ask", b"right")
    return AuthResult(success=known, handled=known)


def _serving(
    box: Box,
    *,
    security: str,
    authority: Path | None = None,
    username: str = "",
    password: str = "",
    **options: Any,
) -> Iterator[Smtp]:
    server = MailServer(box, enable_SMTPUTF8=False, **options)
    server.start()
    settings = SmtpSettings(
        host="localhost" if authority else "127.0.0.1",
        port=server.port,
        security=security,
        username=username,
        password=password,
        timeout=1,
        hello="promontory.test",
        authority_file=str(authority or ""),
    )
    provider = Smtp(settings)
    yield provider
    provider.close()
    server.stop(no_assert=True)


def _server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of our own for localhost, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path
