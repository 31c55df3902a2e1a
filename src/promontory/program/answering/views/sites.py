"""The pages of the sites and apps that may ask."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promontory.errors import BadInput, NotFound
from promontory.program.answering.actions import sites as actions
from promontory.program.answering.forms import ChangeSiteForm, SiteForm
from promontory.program.answering.queries import tending as queries
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer
from promontory.program.outreach.models import Site


@login_required
def sites(request: HttpRequest) -> HttpResponse:
    """Show the sites that may ask, and make another."""
    asking = viewer(request)
    asking.must(Can.SEND)
    form = SiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.make_site(
                name=form.cleaned_data["name"],
                origins=form.origin_list(),
                needs_signature=form.cleaned_data["needs_signature"],
                by=asking,
                at=now(),
            )
        except BadInput as error:
            form.add_error("origins", str(error))
        else:
            return _one(request, made, secret=secret)
    return render(
        request, "answering/sites.html", {"form": form, "sites": queries.sites(viewer=asking)}
    )


@login_required
def one(request: HttpRequest, key: str) -> HttpResponse:
    """Show one site with what its pages have to hold, and change it."""
    asking = viewer(request)
    found = _found(request, key)
    if request.method != "POST":
        return _one(request, found)
    form = ChangeSiteForm(request.POST)
    if form.is_valid():
        try:
            actions.change_site(
                found,
                origins=form.origin_list(),
                needs_signature=form.cleaned_data["needs_signature"],
                is_active=form.cleaned_data["is_active"],
                by=asking,
                at=now(),
            )
        except BadInput as error:
            form.add_error("origins", str(error))
        else:
            return redirect("answering:site", key=key)
    return _one(request, found, form=form)


@login_required
@require_POST
def secret(request: HttpRequest, key: str) -> HttpResponse:
    """Give a site another secret, shown this once."""
    found = _found(request, key)
    return _one(request, found, secret=actions.new_secret(found, by=viewer(request), at=now()))


def _found(request: HttpRequest, key: str) -> Site:
    found = queries.site(key, viewer=viewer(request))
    if found is None:
        raise NotFound("There is no such site.")
    return found


def _one(
    request: HttpRequest, site: Site, *, secret: str = "", form: ChangeSiteForm | None = None
) -> HttpResponse:
    given = {
        "origins": "\n".join(site.origins),
        "needs_signature": site.needs_signature,
        "is_active": site.is_active,
    }
    context = {
        "site": site,
        "secret": secret,
        "form": form or ChangeSiteForm(initial=given),
        "script": f"{settings.PUBLIC_URL}/w/promontory.js",
    }
    return render(request, "answering/site.html", context)
