"""Text messages that go nowhere: the pages show them as a phone would, and answer as a customer."""

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


class Simulator(Provider):
    """Keeps every text with whatever `means.keep` is; nothing leaves the installation."""

    title = "Simulator (nothing leaves this machine)"
    capabilities = Capabilities(
        channel="sms", address="phone", two_way=True, max_length=1600, local=True
    )

    def send(self, message: Message) -> Receipt:
        """Keep the text; a number that no provider would take is refused here too."""
        phone = read_phone(message.to)
        if isinstance(phone, NoPhone):
            raise NotSent(phone.reason, permanent=True)
        digest = hashlib.sha256(message.reference.encode()).hexdigest()
        provider_id = f"SIM{digest[:29]}"
        self.means.keep(message, provider_id)
        return Receipt(provider_id, ReceiptState.KEPT)
