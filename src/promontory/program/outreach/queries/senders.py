"""By which senders we send, and how each is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from promontory.channels.configuration import FormField, form_fields
from promontory.channels.contract import Means, Provider
from promontory.channels.providers import build, providers
from promontory.errors import NotFound
from promontory.program.organization.access import Can, Viewer
from promontory.program.outreach.models import Sender
from promontory.program.outreach.rules import senders as rules


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting of a sender as it may be shown: of a secret only whether there is one."""

    field: FormField
    value: Any
    is_set: bool


def senders(*, viewer: Viewer) -> QuerySet[Sender]:
    """Return every sender, by channel."""
    viewer.must(Can.SEND)
    return Sender.objects.order_by("channel", "name")


def sender(key: str, *, viewer: Viewer) -> Sender:
    """Return the sender of that key."""
    viewer.must(Can.SEND)
    return active_or_not(key)


def active_or_not(key: str) -> Sender:
    """Return the sender of that key, for doors that verify who calls by its settings."""
    found = Sender.objects.filter(key=key).first()
    if found is None:
        raise NotFound(f"There is no sender “{key}”.")
    return found


def default_of(channel: str) -> Sender | None:
    """Return the sender that a channel's messages go out by; None: they are kept here."""
    found = Sender.objects.filter(channel=channel, is_default=True, is_active=True)
    return found.first()


def local_of(channel: str) -> str | None:
    """Return the key of the provider that keeps a channel's messages here, if there is one."""
    for key, kind in providers.items():
        if kind.capabilities.channel == channel and kind.capabilities.local:
            return key
    return None


def provider_of(sender: Sender | None, channel: str, means: Means | None = None) -> Provider:
    """Return the provider a message of this channel goes to; without a sender, the local one."""
    if sender is not None:
        return build(sender.provider, opened_settings(sender), means)
    local = local_of(channel)
    if local is None:
        raise NotFound(
            f"Nothing sends by {channel} yet.", remedy="Set up a sender under Ask → Senders."
        )
    return build(local, {}, means)


def opened_settings(sender: Sender) -> dict[str, Any]:
    """Return a sender's settings in the clear, secrets included, to send with them."""
    sealed = bytes(sender.settings) if sender.settings is not None else None
    return rules.unseal(sealed, master=settings.MASTER_KEY, key=sender.key)


def shown_settings(sender: Sender, *, viewer: Viewer) -> list[Shown]:
    """Return a sender's settings without its secrets."""
    viewer.must(Can.SEND)
    values = opened_settings(sender)
    fields = form_fields(providers.get(sender.provider).settings_class)
    return [_shown(each, values) for each in fields]


def _shown(field: FormField, values: Mapping[str, Any]) -> Shown:
    value = values.get(field.name, field.default)
    return Shown(field, "" if field.secret else value, bool(value))
