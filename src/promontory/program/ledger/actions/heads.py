"""Signing what the chain is, for those outside who will hold us to it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from promontory.errors import Conflict
from promontory.program.ledger import anchors, queries
from promontory.program.ledger.models import Head, Installation
from promontory.program.ledger.rules import utc


def sign_head(*, at: datetime, using: str = "default") -> anchors.Anchor:
    """Sign the chain's present head, keep it, and add it to `anchors/heads.jsonl`.

    Signed again with nothing new, the anchor of before is returned.
    """
    now = queries.head(using=using)
    if not now.position:
        raise Conflict("There is nothing to sign: the ledger has no sealed entry.")
    latest = queries.latest_anchor(using=using)
    if latest is None or (latest.position, latest.hash) != (now.position, now.hash.hex()):
        latest = anchors.sign(
            settings.SIGNING_KEY,
            installation=str(Installation.objects.using(using).get(pk=1).uuid),
            position=now.position,
            hash=now.hash,
            at=utc(at),
        )
        with transaction.atomic(using=using):
            Head.objects.using(using).create(
                position=now.position,
                hash=now.hash,
                at=utc(at),
                signature=bytes.fromhex(latest.signature),
                public_key=bytes.fromhex(latest.public_key),
            )
    # Also when a crash came between the row and its line.
    file = queries.heads_file()
    if anchors.last_line(file) != latest.document():
        anchors.append_line(file, latest.document())
    return latest
