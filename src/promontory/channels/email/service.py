"""One adapter for every mail service that django-anymail knows; `services` names them.

Mail goes out through anymail's backend, built from our settings and not from Django's; what a
service calls back with is checked and read by anymail's webhook views, called as plain objects.
So no signal is needed, and two accounts with one service can stand side by side.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest

from promontory.channels.configuration import setting
from promontory.channels.contract import (
    Callback,
    Capabilities,
    Fault,
    Forged,
    Inbound,
    Means,
    Message,
    NotSent,
    Provider,
    Receipt,
    State,
    StatusUpdate,
)
from promontory.channels.email.bounces import Read, is_hard, read_mail
from promontory.channels.email.building import build, recipient
from promontory.errors import BadInput
from promontory.http import PASSING, PERHAPS_DONE, retry_after

REFERENCE = "promontory_reference"
"""The name under which our reference travels through a service and comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """What every mail service wants to know."""

    api_key: str = setting("API key", secret=True)
    webhook_secret: str = setting(
        "Webhook secret",
        secret=True,
        default="",
        help="What the service signs its reports with. If it signs nothing, a user:password of "
        "yours that stands in the address the service calls.",
    )
    api_url: str = setting(
        "API address", default="", help="Empty for the service's usual one; for another region."
    )


REPORTING = Capabilities(
    channel="email",
    address="email",
    reports_delivery=True,
    signs_callbacks=True,
    carries_scores=True,
    carries_html=True,
)
TWO_WAY = replace(REPORTING, two_way=True)
"""Mail that customers write comes in as well, at the same address with /inbound at its end.

Only where anymail checks such a call by the secret we have."""


class MailService(Provider):
    """A mail service, described by the class attributes of each one in `services`."""

    capabilities = REPORTING
    settings_class: ClassVar[type[Any]] = ServiceSettings
    settings: ServiceSettings

    module: ClassVar[str]
    """anymail's modules of this service: backends.<module> and webhooks.<module>."""
    prefix: ClassVar[str]
    """What the names of its webhook views begin with."""
    sends: ClassVar[Mapping[str, str]] = {"api_key": "api_key"}
    """Our setting → the backend's, where it has one to give."""
    hears: ClassVar[Mapping[str, str]] = {"webhook_secret": "webhook_secret"}
    """Our setting → the webhook view's. `webhook_secret` there is HTTP basic authentication."""
    combined: ClassVar[bool] = False
    """One webhook for reports and incoming mail."""
    carries_reference: ClassVar[bool] = True

    def __init__(self, settings: ServiceSettings, means: Means | None = None) -> None:
        super().__init__(settings, means)
        self._backend: Any = None

    @staticmethod
    def hard(raw: Any) -> bool | None:
        """Whether a report says in its own words that the address never takes mail; None: unsaid.

        Unsaid, the mail server's enhanced status code in it decides.
        """
        return None

    # Sending

    def open(self) -> None:
        """Start a session with the service's API."""
        from importlib import import_module

        module = import_module(f"anymail.backends.{self.module}")
        options = {theirs: getattr(self.settings, ours) for ours, theirs in self.sends.items()}
        options |= {"api_url": self.settings.api_url} if self.settings.api_url else {}
        with _quietly():
            self._backend = module.EmailBackend(
                **options,
                send_defaults={},
                ignore_unsupported_features=True,
                ignore_recipient_status=False,
            )
        self._backend.open()
        session = getattr(self._backend, "session", None)
        if session is not None:
            session.trust_env = False  # no proxy and no password from the environment
            session.max_redirects = 0

    def close(self) -> None:
        """End the session."""
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.close()

    def send(self, message: Message) -> Receipt:
        """Hand one mail to the service."""
        mail: Any = build(message, to=recipient(message))
        # The service makes these two itself, and some refuse a mail that brings its own.
        mail.extra_headers = {
            name: value
            for name, value in mail.extra_headers.items()
            if name not in {"Message-ID", "Date"}
        }
        mail.metadata = {REFERENCE: message.reference} if self.carries_reference else {}
        if self._backend is None:
            self.open()
        self._hand_over(mail)
        return Receipt(str(mail.anymail_status.message_id or ""))

    def _hand_over(self, mail: Any) -> None:
        import requests
        from anymail import exceptions

        try:
            self._backend.send_messages([mail])
        except (exceptions.AnymailRecipientsRefused, exceptions.AnymailInvalidAddress) as error:
            detail = f"{self.title} refused the address: {error}"
            raise NotSent(detail, permanent=True, fault=Fault.RECIPIENT) from error
        except exceptions.AnymailRequestsAPIError as error:
            raise self._failure(error) from error
        except (exceptions.AnymailError, ValueError) as error:
            raise NotSent(str(error), permanent=True, fault=Fault.MESSAGE) from error
        except requests.RequestException as error:
            raise self._lost(error) from error
        except (LookupError, TypeError, AttributeError) as error:
            detail = f"{self.title} took the mail and answered something unreadable."
            raise NotSent(detail, permanent=False, ambiguous=True, fault=Fault.SERVICE) from error

    def _failure(self, error: Any) -> NotSent:
        status = error.status_code
        if status is None:
            return self._lost(error)
        passing = status in PASSING
        service = passing or status in {301, 302, 303, 307, 308, 401, 402, 403, 404}
        headers = {name.lower(): value for name, value in error.response.headers.items()}
        return NotSent(
            f"{self.title} answered {status}: {error.response.text[:300]}",
            permanent=not passing,
            # What a 2xx answer says unreadably may well have been done.
            ambiguous=status in PERHAPS_DONE or status < 300,
            retry_after=retry_after(headers) if passing else None,
            fault=Fault.SERVICE if service else Fault.MESSAGE,
            code=str(status),
        )

    def _lost(self, error: Exception) -> NotSent:
        """A connection that never stood is passing; one that broke later leaves us in the dark."""
        import requests
        from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

        cause = error.__cause__ or error
        reason = getattr(cause.args[0] if cause.args else None, "reason", cause)
        unconnected = isinstance(reason, NewConnectionError | ConnectTimeoutError)
        return NotSent(
            f"{self.title} could not be reached: {type(error).__name__}",
            permanent=isinstance(error, requests.TooManyRedirects),
            ambiguous=not unconnected,
            fault=Fault.SERVICE,
        )

    # Hearing back

    def verify(self, callback: Callback) -> None:
        """Check the signature (or the password in the address) by anymail's own rules."""
        if not self.settings.webhook_secret:
            raise Forged(
                f"{self.title} has no webhook secret here, so nobody can tell its calls from "
                "anybody else's.",
                remedy="Set one and tell it to the service.",
            )
        self._check(callback)

    def _check(self, callback: Callback) -> None:
        if _is_inbound(callback) and not self.capabilities.two_way:
            raise Forged(f"{self.title} brings no mail here.")
        try:
            self._view(callback).run_validators(_request(callback))
        except (
            SuspiciousOperation,
            ImproperlyConfigured,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
        ) as error:
            raise Forged(f"This call did not come from {self.title}.") from error

    def statuses(self, callback: Callback) -> list[StatusUpdate]:
        """Return what the service reports of our mails."""
        updates = [
            update
            for event in self._events(callback)
            if (update := self._update(event, callback)) is not None
        ]
        for read in self._mails(callback):
            updates.extend(read.statuses)
        return updates

    def inbound(self, callback: Callback) -> list[Inbound]:
        """Return what people wrote to us through the service."""
        return [each for read in self._mails(callback) for each in read.inbound]

    def _view(self, callback: Callback) -> Any:
        from importlib import import_module

        module = import_module(f"anymail.webhooks.{self.module}")
        kind = "Inbound" if _is_inbound(callback) else "Tracking"
        name = f"{self.prefix}{'Combined' if self.combined else kind}WebhookView"
        options = {theirs: getattr(self.settings, ours) for ours, theirs in self.hears.items()}
        options |= {"webhook_url": callback.url} if self.combined else {}
        with _quietly():
            return getattr(module, name)(**options)

    def _parsed(self, callback: Callback) -> list[Any]:
        try:
            return list(self._view(callback).parse_events(_request(callback)))
        except Exception as error:
            # Whatever shape anymail did not expect; it comes from outside and is no bug of ours.
            raise BadInput(f"A report of {self.title} cannot be read: {error}") from error

    def _events(self, callback: Callback) -> list[Any]:
        if _is_inbound(callback):
            return []
        return [event for event in self._parsed(callback) if hasattr(event, "recipient")]

    def _mails(self, callback: Callback) -> Iterator[Read]:
        if not self.capabilities.two_way or not (self.combined or _is_inbound(callback)):
            return
        for event in self._parsed(callback):
            if (mail := getattr(event, "message", None)) is not None:
                to = getattr(mail, "envelope_recipient", None) or ""
                yield read_mail(mail.as_bytes(), at=event.timestamp or callback.at, recipient=to)

    def _update(self, event: Any, callback: Callback) -> StatusUpdate | None:
        words = f"{event.description or ''} {event.mta_response or ''}".strip()
        state = _state(event.event_type, event.reject_reason)
        if state is None:
            return None
        hard = self.hard(event.esp_event)
        suppressed = event.event_type == "rejected" and state == State.BOUNCED
        bounced = suppressed or (is_hard(words) if hard is None else hard)
        final = {State.COMPLAINED, State.OPTED_OUT}
        return StatusUpdate(
            state,
            event.timestamp or callback.at,
            reference=str((event.metadata or {}).get(REFERENCE, "")),
            provider_id=str(event.message_id or ""),
            address=str(event.recipient or ""),
            permanent=state in final or (state == State.BOUNCED and bounced),
            detail=" ".join(words.split())[:500],
            event_id=str(event.event_id or ""),
        )


REPORTS = {
    "delivered": State.DELIVERED,
    "bounced": State.BOUNCED,
    "deferred": State.DEFERRED,
    "complained": State.COMPLAINED,
    "unsubscribed": State.OPTED_OUT,
    "rejected": State.FAILED,
    "failed": State.FAILED,
}
REASONS = {
    # Why a service would not even try: because of what it remembers about the address.
    "invalid": State.BOUNCED,
    "bounced": State.BOUNCED,
    "spam": State.COMPLAINED,
    "unsubscribed": State.OPTED_OUT,
}


def _state(event_type: str, reason: str | None) -> State | None:
    """Return our state of an anymail event; opens and clicks are nobody's business."""
    if event_type == "rejected":
        return REASONS.get(reason or "", State.FAILED)
    return REPORTS.get(event_type)


def _is_inbound(callback: Callback) -> bool:
    return urlsplit(callback.url).path.rstrip("/").endswith("/inbound")


def _request(callback: Callback) -> WSGIRequest:
    """Return the callback as a request of Django's, which is what anymail reads."""
    address = urlsplit(callback.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": callback.method.upper(),
        "PATH_INFO": address.path or "/",
        "QUERY_STRING": address.query,
        "SERVER_NAME": address.hostname or "localhost",
        "SERVER_PORT": str(address.port or (443 if address.scheme == "https" else 80)),
        "wsgi.url_scheme": address.scheme or "https",
        "wsgi.input": BytesIO(callback.body),
        "CONTENT_LENGTH": str(len(callback.body)),
        "CONTENT_TYPE": callback.header("content-type"),
    }
    for name, value in callback.headers.items():
        environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
    return WSGIRequest(environ)


@contextmanager
def _quietly() -> Iterator[None]:
    """Silence anymail's warnings of views without a password; `verify` refuses those by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
