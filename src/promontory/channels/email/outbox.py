"""The embedded default: mail goes nowhere but into an outbox that the pages show."""

from __future__ import annotations

from promontory.channels.contract import Capabilities, Message, Provider, Receipt, ReceiptState
from promontory.channels.email.building import domain_of, recipient, to_bytes
from promontory.channels.email.references import message_id


class Outbox(Provider):
    """Keeps every mail with whatever `means.keep` is; nothing leaves the installation."""

    title = "Outbox (nothing leaves this machine)"
    capabilities = Capabilities(
        channel="email",
        address="email",
        carries_scores=True,
        carries_html=True,
        local=True,
    )

    def send(self, message: Message) -> Receipt:
        """Keep the mail, once it has been built as for a real server: what cannot be is refused."""
        to_bytes(message, to=recipient(message))
        provider_id = message_id(message.reference, domain_of(message.sender))
        self.means.keep(message, provider_id)
        return Receipt(provider_id, ReceiptState.KEPT)
