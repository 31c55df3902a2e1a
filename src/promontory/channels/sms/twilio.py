"""Text messages by Twilio: REST to send, signed callbacks for status and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from promontory.channels.configuration import setting
from promontory.channels.contract import (
    Callback,
    Capabilities,
    Inbound,
    Message,
    Provider,
    Receipt,
    State,
    StatusUpdate,
)
from promontory.channels.sms import twilio_account as account


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """An account, and the number or the messaging service that sends."""

    account_sid: str = setting("Account SID", help="Begins with AC; on the console's first page.")
    auth_token: str = setting(
        "Auth token", help="It also proves that callbacks are Twilio's.", secret=True
    )
    sender: str = setting(
        "Sender", help="A number (+44…), a sender name, or a messaging service (MG…)."
    )
    api: str = setting(
        "API address", help="Another one for another region.", default="https://api.twilio.com"
    )


_ADDRESS_GONE = {"30005", "30006", "21610", "21614", "21211"}
"""Unknown number, landline or unreachable carrier, opted out, not a mobile, not a number."""
_NOT_THE_ADDRESS = {"30001", "30002", "30007", "30009", "30010", "30034"}
"""Queue overflow, account suspended, filtered, missing segment, price, not registered."""


class Twilio(Provider):
    """Sends by the Messages resource; "delivered" comes from the carrier, where it reports."""

    title = "Twilio"
    settings_class = TwilioSettings
    settings: TwilioSettings
    capabilities = Capabilities(
        channel="sms",
        address="phone",
        two_way=True,
        reports_delivery=True,
        signs_callbacks=True,
        max_length=1600,
    )

    def send(self, message: Message) -> Receipt:
        """Hand one text over; a time-out is ambiguous, and Twilio knows no idempotency key."""
        sender = message.sender or self.settings.sender
        form: dict[str, Any] = {"To": message.to, "Body": message.text}
        form["MessagingServiceSid" if sender.startswith("MG") else "From"] = sender
        if message.status_url:
            form["StatusCallback"] = account.with_reference(message.status_url, message.reference)
        return Receipt(str(account.post(self.settings, self.means, "Messages", form)["sid"]))

    def verify(self, callback: Callback) -> None:
        """Check X-Twilio-Signature."""
        account.verify(self.settings, callback)

    def statuses(self, callback: Callback) -> list[StatusUpdate]:
        """Read a StatusCallback; steps on the way ("queued", "sent") are no news."""
        form = callback.form
        status, code = form.get("MessageStatus", ""), form.get("ErrorCode", "")
        state = _state(status, code)
        if state is None or not form.get("MessageSid"):
            return []
        return [
            StatusUpdate(
                state,
                callback.at,
                reference=account.reference_in(callback.url),
                provider_id=form["MessageSid"],
                address=form.get("To", ""),
                permanent=state is State.OPTED_OUT or code in _ADDRESS_GONE,
                detail=f"{status}, error {code}" if code else status,
                event_id=f"{form['MessageSid']}:{status}",
            )
        ]

    def inbound(self, callback: Callback) -> list[Inbound]:
        """Read what a customer wrote."""
        form = callback.form
        if "MessageStatus" in form or "Body" not in form or not form.get("MessageSid"):
            return []
        return [
            Inbound(
                from_=form.get("From", ""),
                to=form.get("To", ""),
                text=form["Body"],
                provider_id=form["MessageSid"],
                at=callback.at,
                opt_out=form.get("OptOutType") == "STOP",
            )
        ]


def _state(status: str, code: str) -> State | None:
    if status in {"delivered", "read"}:
        return State.DELIVERED
    if status not in {"undelivered", "failed"}:
        return None
    if code == account.OPTED_OUT:
        return State.OPTED_OUT
    if code in _NOT_THE_ADDRESS:
        return State.FAILED
    return State.BOUNCED if status == "undelivered" or code in _ADDRESS_GONE else State.FAILED
