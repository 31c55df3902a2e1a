"""Text messages by Telnyx: JSON to send, callbacks signed with Ed25519.

Signed is "timestamp|body"; a callback older than five minutes is refused, so that none is replayed.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from promontory.channels.configuration import setting
from promontory.channels.contract import (
    Callback,
    Capabilities,
    Fault,
    Forged,
    Inbound,
    Message,
    NotSent,
    Provider,
    Receipt,
    State,
    StatusUpdate,
)
from promontory.channels.sms.twilio_account import reference_in, with_reference
from promontory.http import CallFailed

TOLERANCE_S = 300


@dataclass(frozen=True, slots=True)
class TelnyxSettings:
    """An account's key, its public key for callbacks, and the number that sends."""

    api_key: str = setting("API key", secret=True)
    public_key: str = setting("Public key", help="Account settings, Keys & Credentials.")
    sender: str = setting("Sender", help="A number (+44…) or a sender name.")
    messaging_profile: str = setting("Messaging profile", help="Needed by names.", default="")
    api: str = setting("API address", default="https://api.telnyx.com")


_RECIPIENT = {"40300", "40310", "40001", "40008", "40012"}
"""Opted out, not a number, not routable, undeliverable, not a mobile."""
_STATES = {
    "delivered": State.DELIVERED,
    "delivery_failed": State.BOUNCED,
    "sending_failed": State.FAILED,
    "delivery_unconfirmed": None,
}


class Telnyx(Provider):
    """Sends by the v2 messages resource."""

    title = "Telnyx"
    settings_class = TelnyxSettings
    settings: TelnyxSettings
    capabilities = Capabilities(
        channel="sms",
        address="phone",
        two_way=True,
        reports_delivery=True,
        signs_callbacks=True,
        max_length=1600,
    )

    def send(self, message: Message) -> Receipt:
        """Hand one text over."""
        sent: dict[str, Any] = {
            "from": message.sender or self.settings.sender,
            "to": message.to,
            "text": message.text,
        }
        if self.settings.messaging_profile:
            sent["messaging_profile_id"] = self.settings.messaging_profile
        if message.status_url:
            sent["webhook_url"] = with_reference(message.status_url, message.reference)
        try:
            answer = self.means.http.call(
                "POST",
                f"{self.settings.api.rstrip('/')}/v2/messages",
                json=sent,
                headers={"Authorization": f"Bearer {self.settings.api_key}"},
            )
        except CallFailed as failure:
            raise _refusal(failure) from failure
        try:
            return Receipt(str(answer.json()["data"]["id"]))
        except (CallFailed, KeyError, TypeError) as error:
            raise NotSent(
                "Telnyx took the message and gave no receipt.", permanent=True, ambiguous=True
            ) from error

    def verify(self, callback: Callback) -> None:
        """Check telnyx-signature-ed25519 and that the callback is fresh."""
        stamp = callback.header("telnyx-timestamp")
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.settings.public_key))
            given = base64.b64decode(callback.header("telnyx-signature-ed25519"))
            key.verify(given, stamp.encode() + b"|" + callback.body)
            age = abs(callback.at.timestamp() - int(stamp))
        except (InvalidSignature, ValueError, binascii.Error):
            raise Forged(
                "This callback is not signed by Telnyx.", remedy="Nothing was recorded."
            ) from None
        if age > TOLERANCE_S:
            raise Forged("This callback is too old: it may be a repeated one.")

    def statuses(self, callback: Callback) -> list[StatusUpdate]:
        """Read a "message.finalized"; what comes before it is no news."""
        event = _event(callback)
        if event.get("event_type") != "message.finalized":
            return []
        payload = event["payload"]
        codes = [str(each.get("code", "")) for each in payload.get("errors") or []]
        found = []
        for to in payload.get("to") or []:
            state = _STATES.get(to.get("status"))
            if state is None:
                continue
            opted_out = "40300" in codes
            found.append(
                StatusUpdate(
                    State.OPTED_OUT if opted_out else state,
                    _moment(event, callback),
                    reference=reference_in(callback.url),
                    provider_id=str(payload["id"]),
                    address=to.get("phone_number", ""),
                    permanent=bool(_RECIPIENT & set(codes)),
                    detail=", ".join([to["status"], *codes]),
                    event_id=str(event.get("id", "")),
                )
            )
        return found

    def inbound(self, callback: Callback) -> list[Inbound]:
        """Read a "message.received"."""
        event = _event(callback)
        if event.get("event_type") != "message.received":
            return []
        payload = event["payload"]
        to = payload.get("to") or [{}]
        return [
            Inbound(
                from_=payload["from"]["phone_number"],
                to=to[0].get("phone_number", ""),
                text=payload.get("text") or "",
                provider_id=str(payload["id"]),
                at=callback.at,
            )
        ]


def _event(callback: Callback) -> dict[str, Any]:
    try:
        event = json.loads(callback.body)["data"]
    except (ValueError, KeyError, TypeError):
        return {}
    return event if isinstance(event, dict) else {}


def _moment(event: dict[str, Any], callback: Callback) -> datetime:
    try:
        return datetime.fromisoformat(str(event["occurred_at"]))
    except (KeyError, ValueError):
        return callback.at


def _refusal(failure: CallFailed) -> NotSent:
    code = ""
    if failure.answer is not None:
        try:
            code = str(failure.answer.json()["errors"][0]["code"])
        except (CallFailed, KeyError, IndexError, TypeError):
            code = ""
    return NotSent.after(failure, fault=Fault.RECIPIENT if code in _RECIPIENT else None, code=code)
