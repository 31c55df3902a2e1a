"""In an app of ours: nothing is sent, the widget asks the server."""

from __future__ import annotations

from promontory.channels.contract import Capabilities, Message, Provider, Receipt, ReceiptState


class InApp(Provider):
    """The invitation waits until the customer's app or browser asks for it."""

    title = "In-app widget"
    capabilities = Capabilities(channel="in_app", pushes=False, carries_scores=True)

    def send(self, message: Message) -> Receipt:
        """Make nothing go out; the widget fetches the question when the customer is there."""
        return Receipt(message.reference, ReceiptState.KEPT)
