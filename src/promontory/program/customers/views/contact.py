"""One customer: who they are, what they said of being asked, what holds them back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promontory.errors import Refusal
from promontory.program.customers import actions, queries, words
from promontory.program.customers.codes import BASES, Way
from promontory.program.customers.forms.people import ConsentForm, ContactForm, HoldForm
from promontory.program.customers.models import Contact
from promontory.program.customers.panels import panels
from promontory.program.customers.views.common import hold_lines, own_zone, told
from promontory.program.organization import queries as organization
from promontory.program.organization.access import Can
from promontory.program.organization.doors import now, viewer

_SHOWN = 50


@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a customer, and remember who looked."""
    asking, at = viewer(request), now()
    found = actions.open_contact(pk, by=asking, at=at)
    history = list(queries.consent_history(found, viewer=asking).order_by("-pk")[:_SHOWN])
    names = organization.names({line.by for line in history})
    said = queries.details(found, viewer=asking)
    held = queries.holds_on([found.pk], at).get(found.pk, [])
    filled = [panel(found, asking) for panel in panels.values()]
    context = {
        "contact": found,
        "said": said,
        "title": said.get("name") or said.get("email") or f"Contact {found.pk}",
        "sentence": _sentence(found, bool(held), erased=not said),
        "basis": BASES.get(found.basis, ""),
        "stakes": found.stakes.select_related("account").order_by("pk")[:_SHOWN],
        "ways": words.ways(found),
        "consents": [words.consent_line(line, names) for line in history],
        "holds": hold_lines(queries.holds_of(found, viewer=asking)[:_SHOWN], at=at, viewer=asking),
        "attributes": queries.attributes_of(found, viewer=asking),
        "changes": queries.attribute_history(found, viewer=asking),
        "looks": queries.looks_at(found, viewer=asking),
        "panels": [panel for panel in filled if panel is not None],
        "consent_form": ConsentForm(),
        "hold_form": HoldForm(zone=own_zone()),
        "may_manage": asking.may(Can.MANAGE_CUSTOMERS) and bool(said),
        "zone": own_zone(),
    }
    return render(request, "customers/contact.html", context)


def _sentence(contact: Contact, is_held: bool, *, erased: bool) -> str:
    if erased:
        return "This customer has been erased; nothing personal is left."
    if is_held:
        return "This customer is held back: nobody asks them until the hold ends or is lifted."
    return words.ways_sentence(contact)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Take in one customer by hand."""
    asking = viewer(request)
    asking.must(Can.MANAGE_CUSTOMERS)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_contact(form.fields_said(), by=asking, at=now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("customers:one", pk=made.pk)
    context = {"form": form, "title": "A new customer"}
    return render(request, "customers/edit.html", context, status=422 if form.errors else 200)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a customer's details."""
    asking = viewer(request)
    asking.must(Can.MANAGE_CUSTOMERS)
    found = queries.one_contact(pk, viewer=asking)
    stakes = {stake.account_id: stake.role for stake in found.stakes.all()[:_SHOWN]}
    initial = {
        **queries.details(found, viewer=asking),
        "language": found.language,
        "zone": found.zone,
        "basis": found.basis,
        "account": found.account.key if found.account else "",
        "stake": stakes.get(found.account_id or 0, ""),
    }
    form = ContactForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_contact(found, form.fields_said(), by=asking, at=now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The details are kept.")
            return redirect("customers:one", pk=pk)
    context = {"form": form, "contact": found, "title": f"Details of contact {pk}"}
    return render(request, "customers/edit.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what a customer has said of being asked."""
    asking = viewer(request)
    found = queries.one_contact(pk, viewer=asking)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Name at least one way, and say what they want.")
        return redirect("customers:one", pk=pk)
    said = form.cleaned_data
    told(
        request,
        lambda: actions.say(
            found,
            form.mask(),
            is_given=said["is_given"] == "yes",
            basis=said["basis"],
            source="staff",
            note=said["note"],
            by=asking,
            at=now(),
        ),
        "It is written down, and counts from now on.",
    )
    return redirect("customers:one", pk=pk)


@login_required
@require_POST
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Use a way again that was taken for failing."""
    asking = viewer(request)
    found = queries.one_contact(pk, viewer=asking)
    chosen = request.POST.get("way", "")
    way = Way(int(chosen)) if chosen in {"1", "2", "4", "8"} else Way.NONE
    told(
        request,
        lambda: actions.mend_way(found, way, by=asking, at=now()),
        "It is used again.",
    )
    return redirect("customers:one", pk=pk)
