"""Links, printed codes and kiosks by which anybody may answer."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from promontory.errors import BadInput, Place
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.actions import audit
from promontory.program.outreach.models import OpenLink
from promontory.program.surveys import queries as surveys
from promontory.program.surveys.models import Survey

KINDS = {"link": "Web link", "qr": "QR code to print", "kiosk": "Kiosk"}


@transaction.atomic
def make_link(
    survey: Survey,
    *,
    name: str,
    kind: str,
    attributes: Mapping[str, str] | None = None,
    closes_at: datetime | None = None,
    is_test: bool = False,
    by: Viewer,
    at: datetime,
) -> OpenLink:
    """Make a link that anybody may answer by; its answers are of an unknown population."""
    by.must(Can.SEND)
    if kind not in KINDS:
        raise BadInput(
            f"There is no “{kind}”.",
            remedy=f"Known: {', '.join(KINDS)}.",
            place=Place(field="kind"),
        )
    if not name.strip():
        raise BadInput("Give it a name, such as where it hangs.", place=Place(field="name"))
    if closes_at is not None and closes_at <= at:
        raise BadInput("It would be closed already.", place=Place(field="closes_at"))
    surveys.current_version(survey)
    link = OpenLink.objects.create(
        key=secrets.token_hex(6),
        survey=survey,
        name=name.strip()[:200],
        kind=kind,
        attributes={str(k)[:64]: str(v)[:300] for k, v in (attributes or {}).items()},
        is_test=is_test,
        closes_at=closes_at,
        created_at=at,
        created_by=by.by[:64],
    )
    audit("make link", link, by=by, at=at, detail={"survey": survey.key, "kind": kind})
    return link


@transaction.atomic
def close_link(link: OpenLink, *, by: Viewer, at: datetime) -> OpenLink:
    """Close a link now: who follows it is told that it is over. Closed, it stays so."""
    by.must(Can.SEND)
    held = OpenLink.objects.select_for_update().get(pk=link.pk)
    if held.closed_at is None:
        held.closed_at = at
        held.save(update_fields=["closed_at"])
        audit("close link", held, by=by, at=at)
    return held
