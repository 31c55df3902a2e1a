"""The web link: nothing is sent, the customer comes."""

from __future__ import annotations

from promontory.channels.contract import Capabilities, Message, Provider, Receipt, ReceiptState


class WebLink(Provider):
    """The invitation is a link or QR code that somebody else hands over."""

    title = "Web link and QR code"
    capabilities = Capabilities(channel="web", pushes=False, two_way=False)

    def send(self, message: Message) -> Receipt:
        """Make nothing go out; the link is ready as soon as the invitation is."""
        return Receipt(message.reference, ReceiptState.KEPT)
