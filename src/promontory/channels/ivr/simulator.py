"""Calls that ring nowhere: the pages show them as a keypad to press."""

from __future__ import annotations

import hashlib

from promontory.channels.contract import (
    Capabilities,
    Message,
    NotSent,
    Provider,
    Receipt,
    ReceiptState,
)
from promontory.channels.sms.phone import NoPhone, read_phone


class VoiceSimulator(Provider):
    """Keeps every call with whatever `means.keep` is; nothing leaves the installation."""

    title = "Simulator (nothing leaves this machine)"
    capabilities = Capabilities(channel="ivr", address="phone", two_way=True, local=True)

    def send(self, message: Message) -> Receipt:
        """Keep the call; a number that cannot be rung is refused here too."""
        phone = read_phone(message.to)
        if isinstance(phone, NoPhone):
            raise NotSent(phone.reason, permanent=True)
        digest = hashlib.sha256(message.reference.encode()).hexdigest()
        provider_id = f"CALL{digest[:28]}"
        self.means.keep(message, provider_id)
        return Receipt(provider_id, ReceiptState.KEPT)
