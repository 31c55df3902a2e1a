"""Finding a customer: by an exact address, or through their account."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from promontory.program.customers import queries
from promontory.program.customers.forms.people import FindForm, HoldForm
from promontory.program.customers.models import Contact
from promontory.program.customers.views.common import hold_lines, own_zone
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer

_A_PAGE = 50


@login_required
def customers(request: HttpRequest) -> HttpResponse:
    """Find one customer exactly, and list the accounts."""
    asking = viewer(request)
    asking.must_see_customers()
    # Posted, for what is typed is personal and would stand in every log as part of an address.
    form = FindForm(request.POST or None)
    missing = False
    if request.method == "POST" and form.is_valid():
        found = queries.search_contact(form.cleaned_data["who"], viewer=asking)
        if found is not None:
            return redirect("customers:one", pk=found.pk)
        missing = True
    named = request.GET.get("account", "").strip()
    accounts = queries.accounts_list(viewer=asking)
    if named:
        accounts = accounts.filter(name__icontains=named[:200])
    page = Paginator(accounts, _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "missing": missing,
        "page": page,
        "named": named,
        "anybody": Contact.objects.filter(details__isnull=False).exists(),
        "may_manage": asking.may(Can.MANAGE_CUSTOMERS),
        "may_import": asking.may(Can.IMPORT) and asking.may(Can.MANAGE_CUSTOMERS),
    }
    return render(request, "customers/customers.html", context)


@login_required
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one account: who has a stake in it, and whether it is held back."""
    asking, at = viewer(request), now()
    found = queries.one_account(pk, viewer=asking)
    page = Paginator(queries.stakes_in(found, viewer=asking), _A_PAGE).get_page(
        request.GET.get("page")
    )
    stakes = list(page.object_list)
    names = queries.names_of([stake.contact for stake in stakes], viewer=asking)
    held = queries.holds_on([stake.contact_id for stake in stakes], at)
    holds = queries.holds(viewer=asking).filter(account=found).order_by("-pk")[:20]
    context = {
        "account": found,
        "page": page,
        "people": [(stake, names[stake.contact_id], stake.contact_id in held) for stake in stakes],
        "holds": hold_lines(holds, at=at, viewer=asking),
        "is_held": queries.active_holds(at).filter(account=found).exists(),
        "hold_form": HoldForm(zone=own_zone()),
        "may_manage": asking.may(Can.MANAGE_CUSTOMERS),
        "zone": own_zone(),
    }
    return render(request, "customers/account.html", context)
