"""The page of links that anybody may answer by: made, printed, closed."""

from __future__ import annotations

import io

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promontory.errors import Refusal
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.outreach.actions.links import KINDS, close_link, make_link
from promontory.program.outreach.forms.planning import LinkForm
from promontory.program.outreach.models import OpenLink
from promontory.program.outreach.queries import waves as queries
from promontory.program.surveys import queries as surveys

_MOST = 200


def address(link: OpenLink) -> str:
    """Return where a link leads."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/{'k' if link.kind == 'kiosk' else 's'}/{link.key}"


@login_required
def links(request: HttpRequest) -> HttpResponse:
    """Show every link, and make a new one."""
    asking = viewer(request)
    found = queries.links(viewer=asking)
    form = LinkForm(request.POST or None, surveys=surveys.surveys(viewer=asking))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = make_link(
                given["survey"],
                name=given["name"],
                kind=given["kind"],
                attributes=given["attribute"],
                by=asking,
                at=now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"“{made.name}” can be answered by now.")
            return redirect("outreach:link", pk=made.pk)
    context = {
        "form": form,
        "links": [(link, address(link), KINDS[link.kind]) for link in found[:_MOST]],
        "may_send": asking.may(Can.SEND),
    }
    return render(request, "outreach/links.html", context, status=422 if form.errors else 200)


@login_required
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one link with its code, as it is printed."""
    asking = viewer(request)
    found = queries.link(pk, viewer=asking)
    leads = address(found)
    context = {
        "link": found,
        "address": leads,
        "kind": KINDS[found.kind],
        "svg": segno.make(leads, error="q", micro=False).svg_inline(
            scale=6, border=4, title=f"QR code that leads to {leads}"
        ),
        "may_send": asking.may(Can.SEND),
    }
    return render(request, "outreach/link.html", context)


@login_required
def code(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the printed code of a link as a picture to place elsewhere."""
    found = queries.link(pk, viewer=viewer(request))
    drawn, out = segno.make(address(found), error="q", micro=False), io.BytesIO()
    write = drawn.save  # into memory; nothing is kept
    write(out, kind="svg", scale=10, border=4)
    response = HttpResponse(out.getvalue(), content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="code-{found.key}.svg"'
    return response


@login_required
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a link now."""
    asking = viewer(request)
    close_link(queries.link(pk, viewer=asking), by=asking, at=now())
    messages.success(request, "Closed. Who follows it is told that it is over.")
    return redirect("outreach:links")
