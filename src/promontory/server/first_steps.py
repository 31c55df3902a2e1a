"""The guided first month: found the installation, then step after step until a score stands.

A step is done when what it leads to exists; nothing is ticked off by hand.
"""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from promontory.errors import NotAllowed, Refusal
from promontory.program.organization import actions as organization
from promontory.program.organization.access import SYSTEM, Can
from promontory.program.organization.doors import viewer
from promontory.program.organization.forms import WelcomeForm
from promontory.program.organization.models import User
from promontory.program.outreach import actions as outreach
from promontory.program.scores import actions as scores
from promontory.program.surveys.models import Survey
from promontory.program.surveys.rules.programmes import PROGRAMMES
from promontory.server import steps


def welcome(request: HttpRequest) -> HttpResponse:
    """Found the organisation; only who holds the token printed at the start may, and only once."""
    if User.objects.exists():
        return redirect("organization:sign-in")
    token = request.POST.get("token") or request.GET.get("token", "")
    if not hmac.compare_digest(token.encode(), organization.welcome_token().encode()):
        raise NotAllowed(
            "This installation is new, and only who started it may set it up.",
            remedy="Open the address that was printed when it started.",
        )
    form = WelcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told, at = form.cleaned_data, timezone.now()
        try:
            with transaction.atomic():
                person = organization.begin(**told, by=SYSTEM, at=at)
                scores.ensure_default_method(by=SYSTEM, at=at)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
            return redirect("first-steps")
    return render(request, "first_steps/welcome.html", {"form": form, "token": token})


@login_required
def first_steps(request: HttpRequest) -> HttpResponse:
    """Show the steps of the first month, and lead to the next one."""
    asking = viewer(request)
    path = steps.path(asking)
    context = {
        "path": path,
        "sentence": steps.sentence(path, asking),
        "programmes": PROGRAMMES.values(),
        "is_to_choose": asking.may(Can.MANAGE_SURVEYS) and not Survey.objects.exists(),
    }
    return render(request, "first_steps/first_steps.html", context)


@login_required
@require_POST
def keep_policy(request: HttpRequest) -> HttpResponse:
    """Make the contact policy that applies a decision of this organisation."""
    outreach.set_policy({}, by=viewer(request), at=timezone.now())
    messages.success(request, "Kept: these rules apply to whatever asks from now on.")
    return redirect("first-steps")
