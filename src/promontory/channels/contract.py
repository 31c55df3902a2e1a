"""What every channel is asked to do, and what it says in return.

A new provider is one class and one line in `channels/providers.py`:

    class Pigeon(Provider):
        title = "Carrier pigeon"
        settings_class = PigeonSettings          # a frozen dataclass of `setting(...)` fields
        capabilities = Capabilities(channel="pigeon", address="loft")
        def send(self, message: Message) -> Receipt: ...

Plain values in and out; no Django, no database, no clock: the time comes with the message and
with the callback. A provider never repeats a send by itself. Whether to try again is decided by
its caller, from the flags of `NotSent`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, ClassVar, NoReturn, Self

from promontory.channels.configuration import NoSettings
from promontory.errors import NotAllowed, PromontoryError
from promontory.http import Caller, CallFailed, shared


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do; the same for every instance of it."""

    channel: str
    """The channel it serves: email, sms, ivr, web or in_app."""
    address: str = ""
    """What it sends to: "email", "phone", or nothing where the customer comes by themselves."""
    pushes: bool = True
    """Something goes out; otherwise `send` only makes ready what the customer will come to."""
    two_way: bool = False
    """What the customer writes back arrives as `Inbound`."""
    reports_delivery: bool = False
    """What became of a message arrives later as `StatusUpdate`."""
    signs_callbacks: bool = False
    """Callbacks carry a proof of origin, so that a forged one is refused."""
    carries_scores: bool = False
    """The scale itself can be put into the message, one link a score."""
    carries_html: bool = False
    max_length: int | None = None
    """The longest text in characters, where there is a limit."""
    local: bool = False
    """Nothing leaves the installation: an outbox or a simulator to try things out."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person; `reference` is ours and comes back in every status."""

    to: str
    reference: str
    at: datetime
    sender: str = ""
    """From whom: an address ("Acme <ask@acme.example>"), a number, or the provider's default."""
    text: str = ""
    subject: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    return_path: str = ""
    """E-mail: the envelope sender, to which bounces come back."""
    status_url: str = ""
    """Where the provider should report what became of it."""
    answer_url: str = ""
    """Phone: where the provider asks what to say when somebody picks up."""


class ReceiptState(StrEnum):
    """How far a message came while we waited."""

    ACCEPTED = "accepted"
    """The provider took it over and answers for it."""
    KEPT = "kept"
    """Nothing goes out: it waits for the customer, or in a local outbox."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message over; `provider_id` is its own name for it."""

    provider_id: str
    state: ReceiptState = ReceiptState.ACCEPTED


class State(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    """Not yet; the provider keeps trying."""
    BOUNCED = "bounced"
    """The address would not take it; `permanent` says whether it ever will."""
    FAILED = "failed"
    """It did not go out, and that is not the address's fault."""
    UNREACHED = "unreached"
    """Phone: busy, not picked up, or a machine answered."""
    COMPLAINED = "complained"
    """The customer called it spam: never write to them again."""
    OPTED_OUT = "opted_out"
    """The customer unsubscribed at the provider."""


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """What became of one message; found by our reference, the provider's id, or the address."""

    state: State
    at: datetime
    reference: str = ""
    provider_id: str = ""
    address: str = ""
    permanent: bool = False
    detail: str = ""
    event_id: str = ""
    """The provider's name for this report, where it has one: the same one twice is one report."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a customer sent us; `provider_id` makes a repeated callback recognisable."""

    from_: str
    to: str
    text: str
    provider_id: str
    at: datetime
    reference: str = ""
    """Our reference of the message it answers, where the provider or the mail says so."""
    automatic: bool = False
    """A machine wrote it (out of office, auto-reply): neither an answer nor a bounce."""
    opt_out: bool = False
    """The provider itself has taken it for a STOP word."""
    data: Mapping[str, str] = field(default_factory=dict)
    """What else the provider said: digits pressed, the address of a recording …"""


@dataclass(frozen=True, slots=True)
class Callback:
    """A provider's request to us, as it arrived; header names are in lower case."""

    method: str
    url: str
    """The full public address, with its query: signatures cover it."""
    at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    form: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """Return a header's value, or an empty string."""
        return self.headers.get(name.lower(), "")


class Fault(StrEnum):
    """What stood in the way, so that one wrong password does not condemn a thousand addresses."""

    RECIPIENT = "recipient"
    """This address: others may well be reached."""
    MESSAGE = "message"
    """This message: its size, content or sender were refused."""
    SERVICE = "service"
    """The provider or our account with it: every other message would fare the same. Stop."""


class NotSent(PromontoryError):
    """The message did not go out, or (`ambiguous`) nobody can say whether it did.

    An ambiguous send is never repeated by itself. A passing one (not `permanent`) may be tried
    again after `retry_after` seconds.
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool,
        ambiguous: bool = False,
        retry_after: float | None = None,
        fault: Fault = Fault.RECIPIENT,
        code: str = "",
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.retry_after = retry_after
        self.fault = fault
        self.code = code

    @classmethod
    def after(cls, failure: CallFailed, *, fault: Fault | None = None, code: str = "") -> Self:
        """Return what a failed call to a provider means for the message.

        Without a better word from the provider: passing failures, refused credentials and an
        address where it is not to be had are the service's, any other refusal is the message's.
        """
        status = failure.status
        refused = status is not None and status >= 400 and status not in {401, 402, 403, 404}
        by_default = Fault.MESSAGE if failure.permanent and refused else Fault.SERVICE
        return cls(
            failure.detail,
            permanent=failure.permanent,
            ambiguous=failure.ambiguous,
            retry_after=failure.retry_after,
            fault=fault or by_default,
            code=code,
        )


class Forged(NotAllowed):
    """A callback that does not come from the provider it names, or cannot prove it."""

    slug = "forged"


def forget(message: Message, provider_id: str) -> None:
    """Keep nothing: what a provider without an outbox does with a message that went out."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the installation lends a provider."""

    keep: Callable[[Message, str], None] = forget
    """Where local providers (outbox, simulator) put a message and its provider id."""
    http: Caller = field(default_factory=shared)
    """How to call out; it knows what inside our own network may be called."""


class Provider(ABC):
    """One way to send and to hear back. Use it as a context manager around a chunk of sends.

    `settings` is an instance of `settings_class`, a frozen dataclass (see `configuration`), from
    which a settings page is drawn.
    """

    title: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    settings_class: ClassVar[type[Any]] = NoSettings

    def __init__(self, settings: Any = None, means: Means | None = None) -> None:
        self.settings = self.settings_class() if settings is None else settings
        self.means = means or Means()

    def open(self) -> None:  # noqa: B027 - most providers have no connection to keep
        """Connect; raises `NotSent` (fault: service) if that fails."""

    def close(self) -> None:  # noqa: B027
        """Let the connection go; never raises."""

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def send(self, message: Message) -> Receipt:
        """Send one message once; raises `NotSent`."""

    def verify(self, callback: Callback) -> None:
        """Raise `Forged` unless the callback comes from this provider."""
        self._takes_none()

    def statuses(self, callback: Callback) -> list[StatusUpdate]:
        """Return what a verified callback says of messages; an empty list if nothing."""
        return []

    def inbound(self, callback: Callback) -> list[Inbound]:
        """Return what customers wrote, according to a verified callback."""
        return []

    def _takes_none(self) -> NoReturn:
        raise Forged(f"{self.title} never calls back.", remedy="Nothing was recorded.")
