"""How a message is kept here: as JSON, encrypted with the key of the one it is for or from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from promontory.channels.contract import Inbound, Message
from promontory.program.ledger.vault import open_bytes, seal_bytes

_PLACE = b"outbox"
_PERSON = b"outbox"


def seal(said: Mapping[str, Any], key: bytes) -> bytes:
    """Return a message as it may be stored."""
    return seal_bytes(key, json.dumps(dict(said), ensure_ascii=False).encode(), _PLACE)


def unseal(sealed: bytes, key: bytes) -> dict[str, Any]:
    """Return a message that was sealed."""
    return dict(json.loads(open_bytes(key, sealed, _PLACE)))


def house_key(master: bytes) -> bytes:
    """Return the key for messages to staff, and from people whom we do not know."""
    return hashlib.blake2b(master, digest_size=32, person=_PERSON).digest()


def of_message(message: Message, provider_id: str) -> dict[str, Any]:
    """Return what is kept of a message that would have been sent."""
    return {
        "to": message.to,
        "from": message.sender,
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "headers": dict(message.headers),
        "language": message.language,
        "return_path": message.return_path,
        "reference": message.reference,
        "answer_url": message.answer_url,
        "provider_id": provider_id,
    }


def of_inbound(inbound: Inbound) -> dict[str, Any]:
    """Return what is kept of a message that a customer sent."""
    return {
        "from": inbound.from_,
        "to": inbound.to,
        "text": inbound.text,
        "provider_id": inbound.provider_id,
        "reference": inbound.reference,
        "automatic": inbound.automatic,
        "opt_out": inbound.opt_out,
        "data": dict(inbound.data),
        "at": inbound.at.isoformat(),
    }


def inbound_of(kept: Mapping[str, Any]) -> Inbound:
    """Return a kept message of a customer as it arrived."""
    return Inbound(
        from_=kept["from"],
        to=kept["to"],
        text=kept["text"],
        provider_id=kept["provider_id"],
        at=datetime.fromisoformat(kept["at"]),
        reference=kept["reference"],
        automatic=kept["automatic"],
        opt_out=kept["opt_out"],
        data=kept["data"],
    )
