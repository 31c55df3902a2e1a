"""The sites and apps that may ask: a public key, a secret, the origins each asks from."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from promontory.errors import BadInput, Place
from promontory.program.ledger.vault import open_bytes, seal_bytes
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.models import Site

_PLACE = b"site"


@transaction.atomic
def make_site(
    *, name: str, origins: Sequence[str], needs_signature: bool, by: Viewer, at: datetime
) -> tuple[Site, str]:
    """Make a site, and return it with its secret, shown this once."""
    by.must(Can.SEND)
    if not name.strip():
        raise BadInput("A site needs a name.", place=Place(field="name"))
    secret = secrets.token_hex(32)
    site = Site.objects.create(
        key=f"s{secrets.token_hex(8)}",
        name=name.strip()[:200],
        origins=clean_origins(origins),
        secret=seal_bytes(_key(), secret.encode(), _PLACE),
        needs_signature=needs_signature,
        created_at=at,
    )
    audit("make site", site, by=by, at=at, detail={"name": site.name, "origins": site.origins})
    return site, secret


@transaction.atomic
def change_site(
    site: Site,
    *,
    origins: Sequence[str],
    needs_signature: bool,
    is_active: bool,
    by: Viewer,
    at: datetime,
) -> Site:
    """Change from where a site asks, whether it must sign, and whether it may ask at all."""
    by.must(Can.SEND)
    held = Site.objects.select_for_update().get(pk=site.pk)
    held.origins, held.needs_signature = clean_origins(origins), needs_signature
    held.is_active = is_active
    held.save(update_fields=["origins", "needs_signature", "is_active"])
    detail = {"origins": held.origins, "signature": needs_signature, "active": is_active}
    audit("change site", held, by=by, at=at, detail=detail)
    return held


@transaction.atomic
def new_secret(site: Site, *, by: Viewer, at: datetime) -> str:
    """Give a site another secret, shown this once; the old one is worth nothing from now on."""
    by.must(Can.SEND)
    secret = secrets.token_hex(32)
    sealed = seal_bytes(_key(), secret.encode(), _PLACE)
    Site.objects.filter(pk=site.pk).update(secret=sealed)
    audit("new secret", site, by=by, at=at)
    return secret


def is_signed(site: Site, said: str, signature: str) -> bool:
    """Whether a customer's number was signed with the site's secret (hex HMAC-SHA-256)."""
    secret = open_bytes(_key(), bytes(site.secret), _PLACE)
    wanted = hmac.new(secret, said.encode(), "sha256").hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.strip().lower().encode())


def clean_origins(origins: Sequence[str]) -> list[str]:
    """Return addresses as the origins a browser names, or refuse what is none."""
    clean = []
    for given in origins:
        parts = urlsplit(given.strip().lower())
        if not given.strip():
            continue
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise BadInput(
                f"“{given}” is not an origin.",
                remedy="Give one such as https://app.example.org, without a path.",
                place=Place(field="origins"),
            )
        clean.append(f"{parts.scheme}://{parts.netloc}")
    return sorted(set(clean))


def _key() -> bytes:
    return blake2b(settings.MASTER_KEY, digest_size=32, person=_PLACE).digest()
