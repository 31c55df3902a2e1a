"""Calls by Twilio: REST to place them, TwiML to speak, signed callbacks for what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from promontory.channels.configuration import setting
from promontory.channels.contract import (
    Callback,
    Capabilities,
    Fault,
    Inbound,
    Message,
    NotSent,
    Provider,
    Receipt,
    State,
    StatusUpdate,
)
from promontory.channels.ivr.flow import Answered, Event, Pressed, Recorded
from promontory.channels.sms import twilio_account as account


@dataclass(frozen=True, slots=True)
class TwilioVoiceSettings:
    """An account, and the number that calls."""

    account_sid: str = setting("Account SID", help="Begins with AC; on the console's first page.")
    auth_token: str = setting(
        "Auth token", help="It also proves that callbacks are Twilio's.", secret=True
    )
    sender: str = setting("Calling number", help="A number of the account: +44…")
    rings_s: int = setting("Seconds to let it ring", default=25)
    detect_machines: bool = setting(
        "Hang up on answering machines", help="Twilio charges for finding out.", default=True
    )
    api: str = setting(
        "API address", help="Another one for another region.", default="https://api.twilio.com"
    )


_UNREACHED = {"busy", "no-answer", "canceled"}


class TwilioVoice(Provider):
    """Places calls; the conversation itself is `flow`, spoken by `markup.twiml`."""

    title = "Twilio Voice"
    settings_class = TwilioVoiceSettings
    settings: TwilioVoiceSettings
    capabilities = Capabilities(
        channel="ivr",
        address="phone",
        two_way=True,
        reports_delivery=True,
        signs_callbacks=True,
    )

    def send(self, message: Message) -> Receipt:
        """Place a call; when somebody picks up Twilio asks `answer_url` what to say."""
        if not message.answer_url:
            raise NotSent(
                "A call needs an address that says what to speak.",
                permanent=True,
                fault=Fault.SERVICE,
            )
        form: dict[str, Any] = {
            "To": message.to,
            "From": message.sender or self.settings.sender,
            "Url": account.with_reference(message.answer_url, message.reference),
            "Method": "POST",
            "Timeout": str(self.settings.rings_s),
        }
        if message.status_url:
            form["StatusCallback"] = account.with_reference(message.status_url, message.reference)
            form["StatusCallbackEvent"] = "completed"
        if self.settings.detect_machines:
            form["MachineDetection"] = "Enable"
        return Receipt(str(account.post(self.settings, self.means, "Calls", form)["sid"]))

    def verify(self, callback: Callback) -> None:
        """Check X-Twilio-Signature."""
        account.verify(self.settings, callback)

    def statuses(self, callback: Callback) -> list[StatusUpdate]:
        """Read the StatusCallback of a call that ended."""
        form = callback.form
        status = form.get("CallStatus", "")
        state = _state(status, form.get("AnsweredBy", ""))
        if state is None or not form.get("CallSid"):
            return []
        code = form.get("ErrorCode", "")
        return [
            StatusUpdate(
                state,
                callback.at,
                reference=account.reference_in(callback.url),
                provider_id=form["CallSid"],
                address=form.get("To", ""),
                permanent=False,
                detail=" ".join(part for part in (status, form.get("AnsweredBy"), code) if part),
                event_id=f"{form['CallSid']}:{status}",
            )
        ]

    def inbound(self, callback: Callback) -> list[Inbound]:
        """Read a step of the call: keys pressed, silence, or a recorded reason."""
        form = callback.form
        heard = event(callback)
        if heard is None or isinstance(heard, Answered):
            return []
        return [
            Inbound(
                from_=form.get("To", ""),
                to=form.get("From", ""),
                text=heard.keys,
                provider_id=form["CallSid"],
                at=callback.at,
                reference=account.reference_in(callback.url),
                data={"recording": heard.address} if isinstance(heard, Recorded) else {},
            )
        ]


def event(callback: Callback) -> Event | None:
    """What a voice callback says happened, for `flow.step`; None if the call has ended."""
    form = callback.form
    if "CallSid" not in form:
        return None
    if "RecordingUrl" in form:
        return Recorded(
            form["RecordingUrl"],
            int(form.get("RecordingDuration") or 0),
            form.get("TranscriptionText", ""),
            # Twilio says "hangup" where no key ended the recording.
            form.get("Digits", "") if form.get("Digits", "") in {"#", "*"} else "",
        )
    if _state(form.get("CallStatus", ""), "") is not None:
        return None
    if "Digits" in form:
        return Pressed(form["Digits"])
    return Answered(machine=is_machine(form.get("AnsweredBy", "")))


def is_machine(answered_by: str) -> bool:
    """Whether Twilio heard a machine; "unknown" is taken for a person."""
    return answered_by.startswith("machine") or answered_by == "fax"


def _state(status: str, answered_by: str) -> State | None:
    if status == "completed":
        return State.UNREACHED if is_machine(answered_by) else State.DELIVERED
    if status in _UNREACHED:
        return State.UNREACHED
    return State.FAILED if status == "failed" else None
