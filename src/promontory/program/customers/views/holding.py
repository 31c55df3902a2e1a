"""Who is held back, why and until when; holding back and letting go."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from promontory.errors import NotFound, Refusal
from promontory.program.customers import actions, codes, queries
from promontory.program.customers.forms.people import HoldForm, NewHoldForm
from promontory.program.customers.models import Account, Contact
from promontory.program.customers.views.common import hold_lines, own_zone, told
from promontory.program.organization.access import Can, Viewer
from promontory.program.organization.doors import now, viewer

_A_PAGE = 50
_SHOW = (("", "Standing now"), ("all", "All there ever were"))


@login_required
def holds(request: HttpRequest) -> HttpResponse:
    """List the holds, and place one on whoever is named."""
    asking, at = viewer(request), now()
    asking.must_see_customers()
    form = NewHoldForm(request.POST or None, zone=own_zone())
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            contact, account = _named(said["who"], asking)
            actions.place_hold(
                contact=contact,
                account=account,
                reason=said["reason"],
                until=form.ends_at(),
                note=said["note"],
                by=asking,
                at=at,
            )
        except Refusal as refusal:
            form.add_error("who" if isinstance(refusal, NotFound) else None, str(refusal))
        else:
            return redirect("customers:holds")
    everything = queries.holds(viewer=asking)
    standing = queries.active_holds(at)
    wanted = everything if request.GET.get("show") == "all" else everything.filter(pk__in=standing)
    reason = request.GET.get("reason", "")
    if reason in codes.HOLD_REASONS:
        wanted = wanted.filter(reason=reason)
    page = Paginator(wanted.order_by("-pk"), _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "holds": hold_lines(page.object_list, at=at, viewer=asking),
        "standing": standing.count(),
        "ever": everything.exists(),
        "show": request.GET.get("show", ""),
        "shows": _SHOW,
        "reason": reason,
        "reasons": [("", "Any reason"), *codes.HOLD_REASONS.items()],
        "query": "&".join(
            f"{name}={value}"
            for name, value in (("show", request.GET.get("show")), ("reason", reason))
            if value in ("all", *codes.HOLD_REASONS)
        ),
        "may_manage": asking.may(Can.MANAGE_CUSTOMERS),
        "may_import": asking.may(Can.IMPORT) and asking.may(Can.MANAGE_CUSTOMERS),
        "zone": own_zone(),
    }
    return render(request, "customers/holds.html", context, status=422 if form.errors else 200)


def _named(who: str, asking: Viewer) -> tuple[Contact | None, Account | None]:
    contact = queries.search_contact(who, viewer=asking)
    if contact is not None:
        return contact, None
    try:
        return None, queries.account_of(who, viewer=asking)
    except NotFound:
        raise NotFound(
            "Nobody and no account is called exactly this.",
            remedy="Addresses are found only whole: check each letter.",
        ) from None


@login_required
@require_POST
def hold_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold one customer back."""
    asking = viewer(request)
    found = queries.one_contact(pk, viewer=asking)
    _place(request, asking, contact=found)
    return redirect("customers:one", pk=pk)


@login_required
@require_POST
def hold_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold all in an account back."""
    asking = viewer(request)
    found = queries.one_account(pk, viewer=asking)
    _place(request, asking, account=found)
    return redirect("customers:account", pk=pk)


def _place(
    request: HttpRequest,
    asking: Viewer,
    *,
    contact: Contact | None = None,
    account: Account | None = None,
) -> None:
    form = HoldForm(request.POST, zone=own_zone())

    def place() -> None:
        if not form.is_valid():
            raise Refusal("That is no hold.", remedy="Choose a reason, and a day to come or none.")
        actions.place_hold(
            contact=contact,
            account=account,
            reason=form.cleaned_data["reason"],
            until=form.ends_at(),
            note=form.cleaned_data["note"],
            by=asking,
            at=now(),
        )

    told(request, place, "The hold stands from now on.")


@login_required
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a customer be asked again."""
    asking = viewer(request)
    found = queries.one_hold(pk, viewer=asking)
    told(
        request,
        lambda: actions.lift_hold(found, by=asking, at=now()),
        "The hold is lifted.",
    )
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("customers:holds")
