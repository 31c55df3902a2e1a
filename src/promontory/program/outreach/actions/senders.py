"""Setting up senders: whose settings are stored encrypted, and whose secrets never come back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from promontory.channels.configuration import form_fields, settings_from
from promontory.channels.contract import Message, NotSent
from promontory.channels.providers import providers
from promontory.errors import BadInput, Conflict, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.models import Delivery, Sender
from promontory.program.outreach.queries import senders as queries
from promontory.program.outreach.rules import senders as rules

FASTEST = 10_000.0


@transaction.atomic
def add_sender(
    *,
    name: str,
    provider: str,
    values: Mapping[str, Any],
    address: str = "",
    per_second: float = 10,
    key: str = "",
    by: Viewer,
    at: datetime,
) -> Sender:
    """Set up a sender; the first of its channel becomes the channel's default."""
    by.must(Can.SEND)
    kind = providers.get(provider)
    if not kind.capabilities.pushes:
        raise BadInput(f"“{kind.title}” sends nothing, so there is nothing to set up.")
    settings_from(kind.settings_class, values)
    key = key or _fresh_key(name)
    if Sender.objects.filter(key=key).exists():
        raise Conflict(f"There is a sender “{key}” already.", remedy="Choose another key.")
    channel = kind.capabilities.channel
    made = Sender.objects.create(
        key=key,
        name=name,
        channel=channel,
        provider=provider,
        address=_one_line(address),
        settings=rules.seal(values, master=settings.MASTER_KEY, key=key),
        per_second=_rate(per_second),
        is_default=not Sender.objects.filter(channel=channel, is_default=True).exists(),
        created_at=at,
    )
    audit("add sender", made, by=by, at=at, detail={"key": key, "provider": provider})
    return made


@transaction.atomic
def change_sender(
    sender: Sender,
    *,
    name: str | None = None,
    values: Mapping[str, Any] | None = None,
    address: str | None = None,
    per_second: float | None = None,
    is_active: bool | None = None,
    by: Viewer,
    at: datetime,
) -> Sender:
    """Change what is given of a sender; a secret left empty stays as it is."""
    by.must(Can.SEND)
    held = Sender.objects.select_for_update().get(pk=sender.pk)
    if values is not None:
        merged = _merged(held, values)
        held.settings = rules.seal(merged, master=settings.MASTER_KEY, key=held.key)
    if name is not None:
        held.name = name
    if address is not None:
        held.address = _one_line(address)
    if per_second is not None:
        held.per_second = _rate(per_second)
    if is_active is not None:
        held.is_active = is_active
        held.is_default = held.is_default and is_active
    held.save()
    changed = {"settings": values is not None, "is_active": held.is_active}
    audit("change sender", held, by=by, at=at, detail={"key": held.key, **changed})
    return held


@transaction.atomic
def make_default(sender: Sender, *, by: Viewer, at: datetime) -> None:
    """Let a channel's messages go out by this sender from now on."""
    by.must(Can.SEND)
    if not sender.is_active:
        raise Conflict(f"“{sender.name}” is switched off.", remedy="Switch it on first.")
    Sender.objects.filter(channel=sender.channel, is_default=True).update(is_default=False)
    Sender.objects.filter(pk=sender.pk).update(is_default=True)
    audit("make default sender", sender, by=by, at=at, detail={"key": sender.key})


@transaction.atomic
def keep_here(channel: str, *, by: Viewer, at: datetime) -> None:
    """Let a channel's messages be kept in the outbox from now on instead of going out."""
    by.must(Can.SEND)
    for sender in Sender.objects.filter(channel=channel, is_default=True):
        Sender.objects.filter(pk=sender.pk).update(is_default=False)
        audit("end default sender", sender, by=by, at=at, detail={"key": sender.key})


@transaction.atomic
def remove_sender(sender: Sender, *, by: Viewer, at: datetime) -> None:
    """Remove a sender that never sent anything; one that did can only be switched off."""
    by.must(Can.SEND)
    if Delivery.objects.filter(sender=sender).exists():
        raise Conflict(f"“{sender.name}” has sent messages.", remedy="Switch it off instead.")
    audit("remove sender", sender, by=by, at=at, detail={"key": sender.key})
    sender.delete()


def try_sender(sender: Sender, *, to: str, by: Viewer, at: datetime) -> str:
    """Send one test message to an address and return the provider's name for it.

    What stands in the way is said in the provider's own words.
    """
    by.must(Can.SEND)
    kind = providers.get(sender.provider)
    message = Message(
        to=_one_line(to),
        reference=f"test-{secrets.token_hex(6)}",
        at=at,
        sender=sender.address,
        subject=f"A test of “{sender.name}”",
        text="This message shows that the sender works. Nothing has to be done.",
    )
    try:
        with queries.provider_of(sender, kind.capabilities.channel) as provider:
            receipt = provider.send(message)
    except NotSent as failure:
        raise Conflict(
            f"The test message did not go out. {failure.detail}",
            remedy="Check the settings, then try again.",
        ) from failure
    with transaction.atomic():
        audit("try sender", sender, by=by, at=at, detail={"key": sender.key})
    return receipt.provider_id


def _merged(sender: Sender, values: Mapping[str, Any]) -> dict[str, Any]:
    kind = providers.get(sender.provider)
    stored = queries.opened_settings(sender)
    left_empty = {
        each.name
        for each in form_fields(kind.settings_class)
        if each.secret and values.get(each.name, "") == ""
    }
    merged = stored | {name: value for name, value in values.items() if name not in left_empty}
    settings_from(kind.settings_class, merged)
    return merged


def _fresh_key(name: str) -> str:
    word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:20]
    # It is in the address at which the provider reports; the signature guards it, not its secrecy.
    return f"{word or 'sender'}-{secrets.token_hex(3)}"


def _rate(per_second: float) -> float:
    if not 0 < per_second <= FASTEST:
        raise BadInput(
            "The rate is a number of messages a second above 0.", place=Place(field="per_second")
        )
    return per_second


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text or "\0" in text:
        raise BadInput("An address has one line.", place=Place(field="address"))
    return text.strip()
